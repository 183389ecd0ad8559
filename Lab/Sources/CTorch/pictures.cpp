#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/grid_sampler.h>
#include <ATen/ops/grid_sampler_2d.h>
#include <ATen/ops/pixel_shuffle.h>
#include <ATen/ops/replication_pad2d.h>
#include <ATen/ops/upsample_bilinear2d.h>

#include "ctorch_operations.h"
#include "shim.h"

using shim::returning;
using shim::sizes;
using shim::unwrap;

ctorch_status ctorch_conv2d(ctorch_tensor *out, ctorch_tensor input, ctorch_tensor weight,
                            ctorch_tensor bias, const ctorch_int stride[2],
                            const ctorch_int padding[2], ctorch_int groups) {
    return returning(out, [&] {
        return at::conv2d(unwrap(input), unwrap(weight), shim::unwrap_optional(bias),
                          sizes(stride, 2), sizes(padding, 2), /*dilation=*/1, groups);
    });
}

ctorch_status ctorch_pixel_shuffle(ctorch_tensor *out, ctorch_tensor a, ctorch_int factor) {
    return returning(out, [&] { return at::pixel_shuffle(unwrap(a), factor); });
}

ctorch_status ctorch_avg_pool2d(ctorch_tensor *out, ctorch_tensor a, ctorch_int size) {
    return returning(out, [&] { return at::avg_pool2d(unwrap(a), {size, size}); });
}

ctorch_status ctorch_resize_bilinear(ctorch_tensor *out, ctorch_tensor a, ctorch_int height,
                                     ctorch_int width, bool align_corners) {
    return returning(out, [&] {
        return at::upsample_bilinear2d(unwrap(a), {height, width}, align_corners);
    });
}

ctorch_status ctorch_grid_sample(ctorch_tensor *out, ctorch_tensor input, ctorch_tensor grid,
                                 bool border, bool align_corners) {
    // 0 is bilinear; 0 and 1 are the paddings by zeros and by the border.
    return returning(out, [&] {
        return at::grid_sampler(unwrap(input), unwrap(grid), 0, border ? 1 : 0, align_corners);
    });
}

ctorch_status ctorch_pad2d(ctorch_tensor *out, ctorch_tensor a, const ctorch_int margins[4],
                           bool edge) {
    return returning(out, [&] {
        return edge ? at::replication_pad2d(unwrap(a), sizes(margins, 4))
                    : at::constant_pad_nd(unwrap(a), sizes(margins, 4), 0);
    });
}
