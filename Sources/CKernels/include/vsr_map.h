#ifndef VSR_MAP_H
#define VSR_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "vsr_pool.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Feature maps [channels, height, width] in the kernels' own layout.
///
/// Memory is ordered row, channel, phase, tile: pixel (y, x) of channel c is at
///
///     data + y·row_stride + c·channel_stride + phase_offset[x mod 4] + x div 4
///
/// so sixteen neighboring Winograd tiles are sixteen neighboring floats. Each phase is padded to
/// a multiple of 16 floats, each channel's row is followed by 16 floats of padding, one row of
/// padding lies above the map and one below. All padding is zero and every kernel keeps it so.
typedef struct {
    float *data;
    int32_t channels, height, width;
    /// Tiles of four pixels per row, padded to a multiple of 16.
    int32_t tiles;
    ptrdiff_t row_stride, channel_stride;
    int32_t phase_offset[4];
    /// Start and size in bytes of the allocation.
    void *allocation;
    size_t bytes;
} vsr_map;

/// Fills in everything but the memory. Channels may be 0, height and width are at least 1.
vsr_status vsr_map_plan(vsr_map *map, int32_t channels, int32_t height, int32_t width);

/// Plans and allocates a map of zeros.
vsr_status vsr_map_create(vsr_map *map, int32_t channels, int32_t height, int32_t width);
void vsr_map_destroy(vsr_map *map);

/// Sets every pixel to zero.
void vsr_map_clear(vsr_pool *pool, vsr_map *map);

/// Copies `source` to `destination`, which has the same shape.
vsr_status vsr_map_copy(vsr_pool *pool, const vsr_map *source, vsr_map *destination);

/// Columns `left` to `right` and rows `top` to `bottom` of a map, without the last ones.
typedef struct {
    int32_t left, right, top, bottom;
} vsr_rectangle;

/// Copies the pixels of `area` from `source` to `destination`, which has the same shape; the rest
/// of it stays.
vsr_status vsr_map_copy_area(vsr_pool *pool, const vsr_map *source, vsr_map *destination,
                             vsr_rectangle area);

/// Moves the pixels of `destination` towards those of `source`, which has the same shape, by a
/// share in 0…1, the one channel of `shares`: 0 changes no bit, 1 gives the source's bits.
vsr_status vsr_map_blend(vsr_pool *pool, const vsr_map *source, const vsr_map *shares,
                         vsr_map *destination);

/// The mean square of the values in rows `step / 2`, `step / 2 + step`, …, on the caller's thread;
/// 0 of a map without channels.
vsr_status vsr_map_mean_square(const vsr_map *map, int32_t step, double *result);

/// Copies planes [count, height, width] into channels `first`, `first + 1`, … of `map`.
/// Strides are in floats.
vsr_status vsr_map_import(vsr_pool *pool, const float *planes, ptrdiff_t plane_stride,
                          ptrdiff_t row_stride, vsr_map *map, int32_t first, int32_t count);

/// The reverse of `vsr_map_import`.
vsr_status vsr_map_export(vsr_pool *pool, const vsr_map *map, int32_t first, int32_t count,
                          float *planes, ptrdiff_t plane_stride, ptrdiff_t row_stride);

#ifdef __cplusplus
}
#endif
#endif
