#pragma once

#include <stddef.h>
#include <stdint.h>

// libFuzzer's entry for programs that have a main of their own; its runtime defines it.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));
