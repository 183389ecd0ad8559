#include <algorithm>
#include <cstring>

#include "allocate.h"
#include "include/vsr_map.h"
#include "pool.h"

namespace {

constexpr int64_t kLane = 16;

// Rows whose strides share their low 12 bits make loads wait for stores to other rows; 704 bytes
// past a multiple of 4096 keeps six rows and their neighbors apart.
int64_t spread(int64_t row_stride) {
    constexpr int64_t kPage = 4096 / sizeof(float), kResidue = 704 / sizeof(float);
    return row_stride + ((kResidue - row_stride) % kPage + kPage) % kPage;
}

bool same_shape(const vsr_map &a, const vsr_map &b) {
    return a.channels == b.channels && a.height == b.height && a.width == b.width;
}

bool contains(const vsr_map &map, int32_t first, int32_t count) {
    return first >= 0 && count >= 0 && first <= map.channels - count;
}

}  // namespace

vsr_status vsr_map_plan(vsr_map *map, int32_t channels, int32_t height, int32_t width) {
    *map = vsr_map{};
    constexpr int32_t kSide = 1 << 20, kChannels = 1 << 16;
    if (channels < 0 || channels > kChannels || height < 1 || height > kSide || width < 1 ||
        width > kSide) {
        return VSR_INVALID_ARGUMENT;
    }
    const int64_t tiles = ((width + 3) / 4 + kLane - 1) / kLane * kLane;
    const int64_t channel_stride = kLane + 4 * tiles;
    const int64_t row_stride = spread(channels * channel_stride + kLane);
    // Kernels address pixels by 32-bit offsets. The factors are below 2⁴² and 2²¹.
    const int64_t floats = row_stride * (int64_t{height} + 2);
    if (floats > INT32_MAX) return VSR_INVALID_ARGUMENT;
    map->channels = channels;
    map->height = height;
    map->width = width;
    map->tiles = static_cast<int32_t>(tiles);
    map->channel_stride = channel_stride;
    map->row_stride = row_stride;
    // Phase 3 first and phase 0 last: they are the ones read beyond the ends of a row, where the
    // padding lies.
    map->phase_offset[0] = static_cast<int32_t>(kLane + 3 * tiles);
    map->phase_offset[1] = static_cast<int32_t>(kLane + tiles);
    map->phase_offset[2] = static_cast<int32_t>(kLane + 2 * tiles);
    map->phase_offset[3] = static_cast<int32_t>(kLane);
    map->bytes = static_cast<size_t>(floats) * sizeof(float);
    return VSR_OK;
}

vsr_status vsr_map_create(vsr_map *map, int32_t channels, int32_t height, int32_t width) {
    const vsr_status status = vsr_map_plan(map, channels, height, width);
    if (status != VSR_OK) return status;
    map->allocation = vsr::allocate(map->bytes);
    if (!map->allocation) return VSR_OUT_OF_MEMORY;
    map->data = static_cast<float *>(map->allocation) + map->row_stride;
    return VSR_OK;
}

void vsr_map_destroy(vsr_map *map) {
    vsr::release(map->allocation);
    *map = vsr_map{};
}

void vsr_map_clear(vsr_pool *pool, vsr_map *map) {
    vsr::parallel_for(pool, map->height, [map](int32_t y, int32_t) {
        std::memset(map->data + y * map->row_stride, 0,
                    static_cast<size_t>(map->row_stride) * sizeof(float));
    });
}

vsr_status vsr_map_copy(vsr_pool *pool, const vsr_map *source, vsr_map *destination) {
    if (!same_shape(*source, *destination)) return VSR_INVALID_ARGUMENT;
    vsr::parallel_for(pool, source->height, [=](int32_t y, int32_t) {
        std::memcpy(destination->data + y * source->row_stride,
                    source->data + y * source->row_stride,
                    static_cast<size_t>(source->row_stride) * sizeof(float));
    });
    return VSR_OK;
}

vsr_status vsr_map_import(vsr_pool *pool, const float *planes, ptrdiff_t plane_stride,
                          ptrdiff_t row_stride, vsr_map *map, int32_t first, int32_t count) {
    if (!contains(*map, first, count)) return VSR_INVALID_ARGUMENT;
    vsr::parallel_for(pool, map->height, [=](int32_t y, int32_t) {
        for (int32_t channel = 0; channel < count; channel++) {
            const float *source = planes + channel * plane_stride + y * row_stride;
            float *row = map->data + y * map->row_stride + (first + channel) * map->channel_stride;
            for (int phase = 0; phase < 4; phase++) {
                float *tile = row + map->phase_offset[phase];
                for (int32_t x = phase; x < map->width; x += 4) tile[x / 4] = source[x];
            }
        }
    });
    return VSR_OK;
}

vsr_status vsr_map_export(vsr_pool *pool, const vsr_map *map, int32_t first, int32_t count,
                          float *planes, ptrdiff_t plane_stride, ptrdiff_t row_stride) {
    if (!contains(*map, first, count)) return VSR_INVALID_ARGUMENT;
    vsr::parallel_for(pool, map->height, [=](int32_t y, int32_t) {
        for (int32_t channel = 0; channel < count; channel++) {
            float *destination = planes + channel * plane_stride + y * row_stride;
            const float *row =
                map->data + y * map->row_stride + (first + channel) * map->channel_stride;
            for (int phase = 0; phase < 4; phase++) {
                const float *tile = row + map->phase_offset[phase];
                for (int32_t x = phase; x < map->width; x += 4) destination[x] = tile[x / 4];
            }
        }
    });
    return VSR_OK;
}
