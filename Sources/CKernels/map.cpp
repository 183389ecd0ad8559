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

// The tiles of a phase whose pixels lie in columns `left` to `right`, without the last.
struct TileRange {
    int32_t first, end;
};

TileRange tiles_of_phase(int32_t phase, int32_t left, int32_t right) {
    return {(left - phase + 3) / 4, (right - phase + 3) / 4};
}

// Adds the squares of `count` floats, a multiple of 16.
double sum_of_squares(const float *values, int64_t count) {
    float sums[kLane] = {};
    for (int64_t index = 0; index < count; index += kLane) {
        for (int64_t lane = 0; lane < kLane; lane++) {
            sums[lane] += values[index + lane] * values[index + lane];
        }
    }
    double sum = 0;
    for (float part : sums) sum += part;
    return sum;
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

vsr_status vsr_map_copy_area(vsr_pool *pool, const vsr_map *source, vsr_map *destination,
                             vsr_rectangle area) {
    if (!same_shape(*source, *destination) || area.left < 0 || area.top < 0 ||
        area.right > source->width || area.bottom > source->height) {
        return VSR_INVALID_ARGUMENT;
    }
    if (area.left >= area.right || area.top >= area.bottom) return VSR_OK;
    vsr::parallel_for(pool, area.bottom - area.top, [=](int32_t row, int32_t) {
        const ptrdiff_t start = (area.top + row) * source->row_stride;
        for (int32_t channel = 0; channel < source->channels; channel++) {
            for (int phase = 0; phase < 4; phase++) {
                const TileRange tiles = tiles_of_phase(phase, area.left, area.right);
                const ptrdiff_t offset =
                    start + channel * source->channel_stride + source->phase_offset[phase];
                for (int32_t tile = tiles.first; tile < tiles.end; tile++) {
                    destination->data[offset + tile] = source->data[offset + tile];
                }
            }
        }
    });
    return VSR_OK;
}

vsr_status vsr_map_blend(vsr_pool *pool, const vsr_map *source, const vsr_map *shares,
                         vsr_map *destination) {
    if (!same_shape(*source, *destination) || shares->channels != 1 ||
        shares->height != source->height || shares->width != source->width) {
        return VSR_INVALID_ARGUMENT;
    }
    vsr::parallel_for(pool, source->height, [=](int32_t y, int32_t) {
        // A channel's row starts with its padding, as that of the shares does.
        const float *share = shares->data + y * shares->row_stride;
        const auto count = static_cast<int32_t>(source->channel_stride);
        const bool is_empty =
            std::all_of(share, share + count, [](float value) { return value == 0; });
        if (is_empty) return;
        for (int32_t channel = 0; channel < source->channels; channel++) {
            const ptrdiff_t start = y * source->row_stride + channel * source->channel_stride;
            const float *from = source->data + start;
            float *to = destination->data + start;
            for (int32_t index = 0; index < count; index++) {
                const float mixed = to[index] + share[index] * (from[index] - to[index]);
                const float moved = share[index] == 1 ? from[index] : mixed;
                to[index] = share[index] == 0 ? to[index] : moved;
            }
        }
    });
    return VSR_OK;
}

vsr_status vsr_map_mean_square(const vsr_map *map, int32_t step, double *result) {
    if (step < 1) return VSR_INVALID_ARGUMENT;
    double sum = 0;
    int64_t rows = 0;
    for (int32_t y = std::min(step / 2, map->height - 1); y < map->height; y += step, rows++) {
        // Padding is zero. Both strides are multiples of 16 floats.
        sum += sum_of_squares(map->data + y * map->row_stride, map->channels * map->channel_stride);
    }
    const int64_t values = rows * map->channels * map->width;
    *result = values > 0 ? sum / static_cast<double>(values) : 0;
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
