#ifndef VSR_IMAGE_H
#define VSR_IMAGE_H

#include "vsr_pool.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Resizes dense planes [count, height, width] to [count, new_height, new_width] bilinearly, as
/// PyTorch's `interpolate` does for `align_corners`, and multiplies plane i by `factors[i]`
/// (NULL: 1) and adds `offsets[i]` (NULL: 0).
vsr_status vsr_resize_bilinear(vsr_pool *pool, const float *source, int32_t count, int32_t height,
                               int32_t width, float *destination, int32_t new_height,
                               int32_t new_width, int32_t align_corners, const float *factors,
                               const float *offsets);

/// Means of 2×2 pixels: dense planes [count, height, width] to [count, height div 2, width div 2].
vsr_status vsr_average_pool2(vsr_pool *pool, const float *source, int32_t count, int32_t height,
                             int32_t width, float *destination);

#ifdef __cplusplus
}
#endif
#endif
