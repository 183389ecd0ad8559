#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H

#include <stdbool.h>
#include <stdint.h>

/// Whether allocations are counted: not beside sanitizers, which have allocators of their own, and
/// with glibc only.
bool allocation_counter_works(void);

/// Allocations that the calling thread has made so far, by C, C++ or Swift.
int64_t allocation_count(void);

#endif
