#include <algorithm>
#include <cmath>

#include "include/vsr_warp.h"
#include "kernel_table.h"
#include "pool.h"
#include "view.h"

namespace {

/// Splits a row of flow into its phases [4, tiles], the rest 0.
void split_phases(const float *row, int32_t width, int32_t tiles, float *to) {
    for (int32_t phase = 0; phase < 4; phase++, to += tiles) {
        int32_t tile = 0;
        for (int32_t x = phase; x < width; x += 4) to[tile++] = row[x];
        std::fill(to + tile, to + tiles, 0.0f);
    }
}

/// A coordinate within [0, length − 1]; on an axis of one pixel 0.
float clamped(int32_t position, float flow, int32_t length) {
    if (std::isnan(flow)) flow = 0;
    const float last = static_cast<float>(length - 1);
    return std::min(std::max(static_cast<float>(position) + flow, 0.0f), last);
}

}  // namespace

vsr_status vsr_warp(vsr_pool *pool, const vsr_map *source, const float *flow,
                    vsr_map *destination) {
    if (source->channels != destination->channels || source->height != destination->height ||
        source->width != destination->width || source->data == destination->data) {
        return VSR_INVALID_ARGUMENT;
    }
    const int32_t width = source->width, height = source->height, tiles = source->tiles;
    const ptrdiff_t phases = ptrdiff_t{4} * tiles;
    if (!vsr::reserve_scratch(pool, static_cast<size_t>(2 * phases) * sizeof(float), 0)) {
        return VSR_OUT_OF_MEMORY;
    }
    const vsr::View view = vsr::view(*source);
    const auto kernel = vsr::pool_kernels(pool).warp_row;
    vsr::parallel_for(pool, height, [&](int32_t y, int32_t thread) {
        float *dx = vsr::thread_scratch(pool, thread), *dy = dx + phases;
        const ptrdiff_t at = ptrdiff_t{y} * width;
        split_phases(flow + at, width, tiles, dx);
        split_phases(flow + ptrdiff_t{height} * width + at, width, tiles, dy);
        kernel({
            .source = &view,
            .dx = dx,
            .dy = dy,
            .y = y,
            .destination = destination->data + y * destination->row_stride,
        });
    });
    return VSR_OK;
}

vsr_status vsr_warp_planes(vsr_pool *pool, const float *source, int32_t count, int32_t height,
                           int32_t width, const float *flow, float *destination) {
    if (count < 0 || height < 1 || width < 1) return VSR_INVALID_ARGUMENT;
    const ptrdiff_t plane = ptrdiff_t{height} * width;
    vsr::parallel_for(pool, height, [=](int32_t y, int32_t) {
        for (int32_t x = 0; x < width; x++) {
            const ptrdiff_t at = ptrdiff_t{y} * width + x;
            const float column = clamped(x, flow[at], width);
            const float line = clamped(y, flow[plane + at], height);
            const int32_t x0 = static_cast<int32_t>(column), y0 = static_cast<int32_t>(line);
            const float a = column - static_cast<float>(x0), b = line - static_cast<float>(y0);
            const ptrdiff_t right = x0 + 1 < width ? 1 : 0;
            const ptrdiff_t below = y0 + 1 < height ? width : 0;
            const float *from = source + ptrdiff_t{y0} * width + x0;
            float *to = destination + at;
            for (int32_t i = 0; i < count; i++, from += plane, to += plane) {
                *to = (1 - b) * ((1 - a) * from[0] + a * from[right]) +
                      b * ((1 - a) * from[below] + a * from[below + right]);
            }
        }
    });
    return VSR_OK;
}
