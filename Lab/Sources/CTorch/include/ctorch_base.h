// What every part of the shim shares: handles, statuses, element types, devices.
//
// Plain C, so that Swift needs no C++ interoperability.
//
// Ownership: a tensor written through `out` is +1 and is passed to ctorch_free exactly once.
// Tensors passed in are borrowed.
// Errors: every fallible call returns a status; no exception crosses these headers.
#ifndef CTORCH_BASE_H
#define CTORCH_BASE_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Sizes and indices. As wide as LibTorch's int64_t, and Swift's `Int`.
typedef intptr_t ctorch_int;

typedef struct ctorch_tensor_s *ctorch_tensor;

typedef enum ctorch_status {
    CTORCH_OK = 0,
    CTORCH_ERR_OUT_OF_MEMORY = 1,
    CTORCH_ERR_SHAPE = 2,   // sizes that do not fit together
    CTORCH_ERR_TORCH = 3,   // any other call that LibTorch rejected
    CTORCH_ERR_DEVICE = 4,  // a device that is not there
    CTORCH_ERR_OTHER = 5,
} ctorch_status;

typedef enum ctorch_dtype {
    CTORCH_FLOAT32 = 0,
    CTORCH_FLOAT64 = 1,
    CTORCH_BFLOAT16 = 2,
    CTORCH_INT64 = 3,
    CTORCH_BOOL = 4,
    CTORCH_UINT8 = 5,
    CTORCH_UNKNOWN_DTYPE = -1,
} ctorch_dtype;

typedef enum ctorch_device_kind { CTORCH_CPU = 0, CTORCH_CUDA = 1 } ctorch_device_kind;

typedef struct ctorch_device {
    ctorch_device_kind kind;
    int32_t index;  // 0 for the CPU
} ctorch_device;

typedef enum ctorch_layout { CTORCH_CONTIGUOUS = 0, CTORCH_CHANNELS_LAST = 1 } ctorch_layout;

/// Message of the last failure on the calling thread, without a backtrace. Valid until the next
/// call on that thread; copy it at once.
const char *ctorch_last_error(void);

/// Number of tensors made and not yet freed, in all threads.
ctorch_int ctorch_live_tensors(void);

void ctorch_free(ctorch_tensor tensor);

#ifdef __cplusplus
}
#endif
#endif  // CTORCH_BASE_H
