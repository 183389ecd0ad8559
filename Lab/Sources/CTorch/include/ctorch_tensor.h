// Making tensors, asking what they are, moving their contents.
#ifndef CTORCH_TENSOR_H
#define CTORCH_TENSOR_H

#include "ctorch_base.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Copies `byte_count` bytes of contiguous elements into a new tensor.
ctorch_status ctorch_from_bytes(ctorch_tensor *out, const void *bytes, ctorch_int byte_count,
                                const ctorch_int *shape, ctorch_int rank, ctorch_dtype dtype,
                                ctorch_device device);
ctorch_status ctorch_full(ctorch_tensor *out, const ctorch_int *shape, ctorch_int rank,
                          double value, ctorch_dtype dtype, ctorch_device device);
/// Zeros of the same shape, type, device and order in memory.
ctorch_status ctorch_zeros_like(ctorch_tensor *out, ctorch_tensor tensor);
/// `start`, `start + step`, … below `end`.
ctorch_status ctorch_arange(ctorch_tensor *out, double start, double end, double step,
                            ctorch_dtype dtype, ctorch_device device);
/// Normal numbers from the device's own generator.
ctorch_status ctorch_randn(ctorch_tensor *out, const ctorch_int *shape, ctorch_int rank,
                           ctorch_dtype dtype, ctorch_device device);
/// Uniform numbers in [0, 1) from the device's own generator.
ctorch_status ctorch_rand(ctorch_tensor *out, const ctorch_int *shape, ctorch_int rank,
                          ctorch_dtype dtype, ctorch_device device);
/// The same on the CPU from a fresh generator with this seed, touching no other.
ctorch_status ctorch_randn_seeded(ctorch_tensor *out, const ctorch_int *shape, ctorch_int rank,
                                  ctorch_dtype dtype, uint64_t seed);
ctorch_status ctorch_rand_seeded(ctorch_tensor *out, const ctorch_int *shape, ctorch_int rank,
                                 ctorch_dtype dtype, uint64_t seed);

ctorch_int ctorch_rank(ctorch_tensor tensor);
/// Writes ctorch_rank(tensor) sizes.
void ctorch_shape(ctorch_tensor tensor, ctorch_int *sizes);
ctorch_int ctorch_count(ctorch_tensor tensor);
ctorch_dtype ctorch_dtype_of(ctorch_tensor tensor);
ctorch_device ctorch_device_of(ctorch_tensor tensor);
bool ctorch_is_contiguous(ctorch_tensor tensor, ctorch_layout layout);

/// The tensor converted; itself (a second handle) where nothing changes.
ctorch_status ctorch_to(ctorch_tensor *out, ctorch_tensor tensor, ctorch_dtype dtype,
                        ctorch_device device);
ctorch_status ctorch_contiguous(ctorch_tensor *out, ctorch_tensor tensor, ctorch_layout layout);
ctorch_status ctorch_clone(ctorch_tensor *out, ctorch_tensor tensor);

/// Overwrites the elements of `tensor` by those of `source`, which is broadcast and converted.
/// Not recorded for gradients.
ctorch_status ctorch_assign(ctorch_tensor tensor, ctorch_tensor source);
/// Overwrites every element by `value`. Not recorded for gradients.
ctorch_status ctorch_fill(ctorch_tensor tensor, double value);

/// Copies all elements, row by row and converted to `dtype`, to `bytes`.
ctorch_status ctorch_copy_bytes(ctorch_tensor tensor, void *bytes, ctorch_int byte_count,
                                ctorch_dtype dtype);
/// The value of a tensor with one element.
ctorch_status ctorch_item(ctorch_tensor tensor, double *value);
ctorch_status ctorch_item_integer(ctorch_tensor tensor, ctorch_int *value);

#ifdef __cplusplus
}
#endif
#endif  // CTORCH_TENSOR_H
