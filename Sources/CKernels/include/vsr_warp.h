#ifndef VSR_WARP_H
#define VSR_WARP_H

#include "vsr_map.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Moves `source` along a flow: destination(y, x) is `source` interpolated bilinearly at
/// (y + dy, x + dx), zero outside (`grid_sample`, `align_corners=true`, zeros). On an axis of
/// length 1 the flow has no effect. A flow that is not finite gives zero.
///
/// - flow: planes dx, dy [2, height, width] in pixels, dense.
/// - destination: another map of the same shape.
vsr_status vsr_warp(vsr_pool *pool, const vsr_map *source, const float *flow, vsr_map *destination);

/// The same for planes [count, height, width], dense, with coordinates clamped to the image
/// (`border`). A flow that is not a number counts as 0.
vsr_status vsr_warp_planes(vsr_pool *pool, const float *source, int32_t count, int32_t height,
                           int32_t width, const float *flow, float *destination);

#ifdef __cplusplus
}
#endif
#endif
