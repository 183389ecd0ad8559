// Operations; all but those that return indices or truth values are differentiable.
// An axis may be negative: counted from the last.
#ifndef CTORCH_OPERATIONS_H
#define CTORCH_OPERATIONS_H

#include "ctorch_base.h"

#ifdef __cplusplus
extern "C" {
#endif

// Element by element, with broadcasting. `_number` forms take a number on the right.
ctorch_status ctorch_add(ctorch_tensor *out, ctorch_tensor a, ctorch_tensor b);
ctorch_status ctorch_subtract(ctorch_tensor *out, ctorch_tensor a, ctorch_tensor b);
ctorch_status ctorch_multiply(ctorch_tensor *out, ctorch_tensor a, ctorch_tensor b);
ctorch_status ctorch_divide(ctorch_tensor *out, ctorch_tensor a, ctorch_tensor b);
ctorch_status ctorch_add_number(ctorch_tensor *out, ctorch_tensor a, double b);
ctorch_status ctorch_multiply_number(ctorch_tensor *out, ctorch_tensor a, double b);
ctorch_status ctorch_divide_number(ctorch_tensor *out, ctorch_tensor a, double b);
/// b − a, and b / a.
ctorch_status ctorch_subtract_from(ctorch_tensor *out, ctorch_tensor a, double b);
ctorch_status ctorch_divide_into(ctorch_tensor *out, ctorch_tensor a, double b);
/// a + factor · b in one pass.
ctorch_status ctorch_add_scaled(ctorch_tensor *out, ctorch_tensor a, ctorch_tensor b,
                                double factor);
ctorch_status ctorch_maximum(ctorch_tensor *out, ctorch_tensor a, ctorch_tensor b);
ctorch_status ctorch_minimum(ctorch_tensor *out, ctorch_tensor a, ctorch_tensor b);
ctorch_status ctorch_negate(ctorch_tensor *out, ctorch_tensor a);
ctorch_status ctorch_abs(ctorch_tensor *out, ctorch_tensor a);
ctorch_status ctorch_sqrt(ctorch_tensor *out, ctorch_tensor a);
ctorch_status ctorch_square(ctorch_tensor *out, ctorch_tensor a);
ctorch_status ctorch_pow(ctorch_tensor *out, ctorch_tensor a, double exponent);
ctorch_status ctorch_exp(ctorch_tensor *out, ctorch_tensor a);
ctorch_status ctorch_log(ctorch_tensor *out, ctorch_tensor a);
ctorch_status ctorch_clamp(ctorch_tensor *out, ctorch_tensor a, double low, double high);
ctorch_status ctorch_relu(ctorch_tensor *out, ctorch_tensor a);
ctorch_status ctorch_leaky_relu(ctorch_tensor *out, ctorch_tensor a, double slope);
/// Overwrite their argument, which they then return a second handle of; recorded for gradients.
ctorch_status ctorch_relu_in_place(ctorch_tensor *out, ctorch_tensor a);
ctorch_status ctorch_leaky_relu_in_place(ctorch_tensor *out, ctorch_tensor a, double slope);
/// Bool tensors: a == b, a < b, a < number, element is finite.
ctorch_status ctorch_equal(ctorch_tensor *out, ctorch_tensor a, ctorch_tensor b);
ctorch_status ctorch_less(ctorch_tensor *out, ctorch_tensor a, ctorch_tensor b);
ctorch_status ctorch_is_finite(ctorch_tensor *out, ctorch_tensor a);
/// `a` where `condition`, else `b`.
ctorch_status ctorch_where(ctorch_tensor *out, ctorch_tensor condition, ctorch_tensor a,
                           ctorch_tensor b);
ctorch_status ctorch_matmul(ctorch_tensor *out, ctorch_tensor a, ctorch_tensor b);

// Reductions. Without axes: over all elements, giving a scalar.
ctorch_status ctorch_sum(ctorch_tensor *out, ctorch_tensor a);
ctorch_status ctorch_mean(ctorch_tensor *out, ctorch_tensor a);
ctorch_status ctorch_sum_axes(ctorch_tensor *out, ctorch_tensor a, const ctorch_int *axes,
                              ctorch_int count, bool keep);
ctorch_status ctorch_mean_axes(ctorch_tensor *out, ctorch_tensor a, const ctorch_int *axes,
                               ctorch_int count, bool keep);
ctorch_status ctorch_max(ctorch_tensor *out, ctorch_tensor a);
ctorch_status ctorch_min(ctorch_tensor *out, ctorch_tensor a);
/// The Euclidean norm of all elements.
ctorch_status ctorch_norm(ctorch_tensor *out, ctorch_tensor a);
ctorch_status ctorch_all(ctorch_tensor *out, ctorch_tensor a);

// Shape. One size of ctorch_reshape may be −1: what is left.
ctorch_status ctorch_reshape(ctorch_tensor *out, ctorch_tensor a, const ctorch_int *shape,
                             ctorch_int rank);
ctorch_status ctorch_permute(ctorch_tensor *out, ctorch_tensor a, const ctorch_int *axes,
                             ctorch_int count);
ctorch_status ctorch_flip(ctorch_tensor *out, ctorch_tensor a, const ctorch_int *axes,
                          ctorch_int count);
ctorch_status ctorch_unsqueeze(ctorch_tensor *out, ctorch_tensor a, ctorch_int axis);
ctorch_status ctorch_squeeze(ctorch_tensor *out, ctorch_tensor a, ctorch_int axis);
ctorch_status ctorch_expand(ctorch_tensor *out, ctorch_tensor a, const ctorch_int *shape,
                            ctorch_int rank);
ctorch_status ctorch_cat(ctorch_tensor *out, const ctorch_tensor *tensors, ctorch_int count,
                         ctorch_int axis);
ctorch_status ctorch_stack(ctorch_tensor *out, const ctorch_tensor *tensors, ctorch_int count,
                           ctorch_int axis);
/// A view of `length` entries from `start`.
ctorch_status ctorch_narrow(ctorch_tensor *out, ctorch_tensor a, ctorch_int axis, ctorch_int start,
                            ctorch_int length);
/// A view of one entry; the axis goes.
ctorch_status ctorch_select(ctorch_tensor *out, ctorch_tensor a, ctorch_int axis, ctorch_int index);

// Indices: an int64 tensor of rank 1. None of these changes `a`.
ctorch_status ctorch_index_select(ctorch_tensor *out, ctorch_tensor a, ctorch_int axis,
                                  ctorch_tensor indices);
ctorch_status ctorch_index_add(ctorch_tensor *out, ctorch_tensor a, ctorch_int axis,
                               ctorch_tensor indices, ctorch_tensor source);
ctorch_status ctorch_index_copy(ctorch_tensor *out, ctorch_tensor a, ctorch_int axis,
                                ctorch_tensor indices, ctorch_tensor source);

// Pictures: [N, C, H, W].
/// `weight` [outC, inC / groups, kH, kW], `bias` [outC] or NULL; `stride` and `padding` are
/// {height, width}, in pixels.
ctorch_status ctorch_conv2d(ctorch_tensor *out, ctorch_tensor input, ctorch_tensor weight,
                            ctorch_tensor bias, const ctorch_int stride[2],
                            const ctorch_int padding[2], ctorch_int groups);
/// The filters [outputs, inputs, 3, 3] at the 36 points of F(4×4, 3×3): [36, inputs, outputs], for
/// `ctorch_winograd_conv2d`. In float32 on the CPU.
ctorch_status ctorch_winograd_filters(ctorch_tensor *out, ctorch_tensor weight);
/// These with inputs and outputs exchanged, [36, outputs, inputs], not recorded for gradients: what
/// the input's gradient is computed with.
ctorch_status ctorch_winograd_transposed(ctorch_tensor *out, ctorch_tensor filters);
/// A 3×3 convolution of stride 1 with one zero around [N, inputs, H, W], at least 8 inputs and
/// outputs, in float32 on the CPU. The result's memory is channels last. `bias` may be NULL.
ctorch_status ctorch_winograd_conv2d(ctorch_tensor *out, ctorch_tensor input, ctorch_tensor filters,
                                     ctorch_tensor transposed, ctorch_tensor bias);
ctorch_status ctorch_pixel_shuffle(ctorch_tensor *out, ctorch_tensor a, ctorch_int factor);
/// Means of `size` × `size` blocks; odd rows and columns at the end are dropped.
ctorch_status ctorch_avg_pool2d(ctorch_tensor *out, ctorch_tensor a, ctorch_int size);
ctorch_status ctorch_resize_bilinear(ctorch_tensor *out, ctorch_tensor a, ctorch_int height,
                                     ctorch_int width, bool align_corners);
/// Samples `input` [N, C, H, W] at `grid` [N, H', W', 2] of (x, y) in −1…1.
ctorch_status ctorch_grid_sample(ctorch_tensor *out, ctorch_tensor input, ctorch_tensor grid,
                                 bool border, bool align_corners);
/// Adds {left, right, top, bottom} pixels: zeros, or the nearest edge's where `edge`.
ctorch_status ctorch_pad2d(ctorch_tensor *out, ctorch_tensor a, const ctorch_int margins[4],
                           bool edge);

#ifdef __cplusplus
}
#endif
#endif  // CTORCH_OPERATIONS_H
