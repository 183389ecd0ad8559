// Gradients and the scopes that switch what is recorded.
#ifndef CTORCH_AUTOGRAD_H
#define CTORCH_AUTOGRAD_H

#include "ctorch_base.h"

#ifdef __cplusplus
extern "C" {
#endif

bool ctorch_requires_gradient(ctorch_tensor tensor);
ctorch_status ctorch_set_requires_gradient(ctorch_tensor tensor, bool required);
/// The accumulated gradient; `*out` is NULL where there is none.
ctorch_status ctorch_gradient(ctorch_tensor *out, ctorch_tensor tensor);
/// `gradient` NULL drops it.
ctorch_status ctorch_set_gradient(ctorch_tensor tensor, ctorch_tensor gradient);
ctorch_status ctorch_drop_gradients(const ctorch_tensor *tensors, ctorch_int count);
ctorch_status ctorch_detach(ctorch_tensor *out, ctorch_tensor tensor);

/// Adds the gradients of `tensor` to its leaves. `gradient` NULL: of a scalar, 1.
ctorch_status ctorch_backward(ctorch_tensor tensor, ctorch_tensor gradient, bool keep_graph);
/// Gradients of the scalar `output` for each input, without touching any `grad`. Inputs that
/// `output` does not depend on get NULL.
ctorch_status ctorch_gradients_of(ctorch_tensor output, const ctorch_tensor *inputs,
                                  ctorch_int count, ctorch_tensor *gradients);
/// Whether every element of every gradient is finite; tensors without one are skipped.
ctorch_status ctorch_gradients_are_finite(const ctorch_tensor *tensors, ctorch_int count,
                                          bool *finite);

typedef struct ctorch_scope_s *ctorch_scope;

/// Scopes act on the calling thread and are ended there, last begun first.
ctorch_status ctorch_begin_gradients(ctorch_scope *scope, bool enabled);
ctorch_status ctorch_begin_inference(ctorch_scope *scope);
/// Convolutions and matrix products in `dtype`, the rest as LibTorch's autocast does.
ctorch_status ctorch_begin_autocast(ctorch_scope *scope, ctorch_device_kind kind,
                                    ctorch_dtype dtype);
void ctorch_end(ctorch_scope scope);

#ifdef __cplusplus
}
#endif
#endif  // CTORCH_AUTOGRAD_H
