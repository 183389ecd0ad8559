// Reductions, shapes and indices.
#include <ATen/ops/all.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/flip.h>
#include <ATen/ops/index_add.h>
#include <ATen/ops/index_copy.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/max.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/min.h>
#include <ATen/ops/narrow.h>
#include <ATen/ops/permute.h>
#include <ATen/ops/reshape.h>
#include <ATen/ops/select.h>
#include <ATen/ops/squeeze.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/unsqueeze.h>

#include "ctorch_operations.h"
#include "shim.h"

using shim::returning;
using shim::sizes;
using shim::unwrap;

ctorch_status ctorch_sum(ctorch_tensor *out, ctorch_tensor a) {
    return returning(out, [&] { return at::sum(unwrap(a)); });
}

ctorch_status ctorch_mean(ctorch_tensor *out, ctorch_tensor a) {
    return returning(out, [&] { return at::mean(unwrap(a)); });
}

ctorch_status ctorch_sum_axes(ctorch_tensor *out, ctorch_tensor a, const ctorch_int *axes,
                              ctorch_int count, bool keep) {
    return returning(out, [&] { return at::sum(unwrap(a), sizes(axes, count), keep); });
}

ctorch_status ctorch_mean_axes(ctorch_tensor *out, ctorch_tensor a, const ctorch_int *axes,
                               ctorch_int count, bool keep) {
    return returning(out, [&] { return at::mean(unwrap(a), sizes(axes, count), keep); });
}

ctorch_status ctorch_max(ctorch_tensor *out, ctorch_tensor a) {
    return returning(out, [&] { return at::max(unwrap(a)); });
}

ctorch_status ctorch_min(ctorch_tensor *out, ctorch_tensor a) {
    return returning(out, [&] { return at::min(unwrap(a)); });
}

ctorch_status ctorch_norm(ctorch_tensor *out, ctorch_tensor a) {
    return returning(out, [&] { return at::linalg_vector_norm(unwrap(a)); });
}

ctorch_status ctorch_all(ctorch_tensor *out, ctorch_tensor a) {
    return returning(out, [&] { return at::all(unwrap(a)); });
}

ctorch_status ctorch_reshape(ctorch_tensor *out, ctorch_tensor a, const ctorch_int *shape,
                             ctorch_int rank) {
    return returning(out, [&] { return at::reshape(unwrap(a), sizes(shape, rank)); });
}

ctorch_status ctorch_permute(ctorch_tensor *out, ctorch_tensor a, const ctorch_int *axes,
                             ctorch_int count) {
    return returning(out, [&] { return at::permute(unwrap(a), sizes(axes, count)); });
}

ctorch_status ctorch_flip(ctorch_tensor *out, ctorch_tensor a, const ctorch_int *axes,
                          ctorch_int count) {
    return returning(out, [&] { return at::flip(unwrap(a), sizes(axes, count)); });
}

ctorch_status ctorch_unsqueeze(ctorch_tensor *out, ctorch_tensor a, ctorch_int axis) {
    return returning(out, [&] { return at::unsqueeze(unwrap(a), axis); });
}

ctorch_status ctorch_squeeze(ctorch_tensor *out, ctorch_tensor a, ctorch_int axis) {
    return returning(out, [&] { return at::squeeze(unwrap(a), axis); });
}

ctorch_status ctorch_expand(ctorch_tensor *out, ctorch_tensor a, const ctorch_int *shape,
                            ctorch_int rank) {
    return returning(out, [&] { return unwrap(a).expand(sizes(shape, rank)); });
}

ctorch_status ctorch_cat(ctorch_tensor *out, const ctorch_tensor *tensors, ctorch_int count,
                         ctorch_int axis) {
    return returning(out, [&] { return at::cat(shim::unwrap_all(tensors, count), axis); });
}

ctorch_status ctorch_stack(ctorch_tensor *out, const ctorch_tensor *tensors, ctorch_int count,
                           ctorch_int axis) {
    return returning(out, [&] { return at::stack(shim::unwrap_all(tensors, count), axis); });
}

ctorch_status ctorch_narrow(ctorch_tensor *out, ctorch_tensor a, ctorch_int axis, ctorch_int start,
                            ctorch_int length) {
    return returning(out, [&] {
        return at::narrow(unwrap(a), axis, static_cast<int64_t>(start),
                          static_cast<int64_t>(length));
    });
}

ctorch_status ctorch_select(ctorch_tensor *out, ctorch_tensor a, ctorch_int axis,
                            ctorch_int index) {
    return returning(out, [&] { return at::select(unwrap(a), axis, static_cast<int64_t>(index)); });
}

ctorch_status ctorch_index_select(ctorch_tensor *out, ctorch_tensor a, ctorch_int axis,
                                  ctorch_tensor indices) {
    return returning(out, [&] { return at::index_select(unwrap(a), axis, unwrap(indices)); });
}

ctorch_status ctorch_index_add(ctorch_tensor *out, ctorch_tensor a, ctorch_int axis,
                               ctorch_tensor indices, ctorch_tensor source) {
    return returning(
        out, [&] { return at::index_add(unwrap(a), axis, unwrap(indices), unwrap(source)); });
}

ctorch_status ctorch_index_copy(ctorch_tensor *out, ctorch_tensor a, ctorch_int axis,
                                ctorch_tensor indices, ctorch_tensor source) {
    return returning(
        out, [&] { return at::index_copy(unwrap(a), axis, unwrap(indices), unwrap(source)); });
}
