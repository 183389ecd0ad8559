#include <algorithm>

#include "include/vsr_image.h"
#include "pool.h"

namespace {

/// Where output positions of one axis lie in the input.
struct Axis {
    int32_t length, new_length;
    bool align_corners;

    struct Tap {
        int32_t first, second;
        float weight;
    };

    Tap tap(int32_t position) const {
        float at;
        if (align_corners) {
            const float last = static_cast<float>(new_length - 1);
            at = new_length > 1
                     ? static_cast<float>(position) * (static_cast<float>(length - 1) / last)
                     : 0;
        } else {
            const float ratio = static_cast<float>(length) / static_cast<float>(new_length);
            at = std::max((static_cast<float>(position) + 0.5f) * ratio - 0.5f, 0.0f);
        }
        const int32_t first = std::min(static_cast<int32_t>(at), length - 1);
        return {first, std::min(first + 1, length - 1), at - static_cast<float>(first)};
    }
};

}  // namespace

vsr_status vsr_resize_bilinear(vsr_pool *pool, const float *source, int32_t count, int32_t height,
                               int32_t width, float *destination, int32_t new_height,
                               int32_t new_width, int32_t align_corners, const float *factors,
                               const float *offsets) {
    if (count < 0 || height < 1 || width < 1 || new_height < 1 || new_width < 1) {
        return VSR_INVALID_ARGUMENT;
    }
    const Axis lines{height, new_height, align_corners != 0};
    const Axis columns{width, new_width, align_corners != 0};
    const size_t taps = static_cast<size_t>(new_width) * sizeof(Axis::Tap);
    if (!vsr::reserve_scratch(pool, 0, taps)) return VSR_OUT_OF_MEMORY;
    Axis::Tap *column_taps = reinterpret_cast<Axis::Tap *>(vsr::shared_scratch(pool));
    for (int32_t x = 0; x < new_width; x++) column_taps[x] = columns.tap(x);
    const ptrdiff_t plane = ptrdiff_t{height} * width;
    const ptrdiff_t new_plane = ptrdiff_t{new_height} * new_width;
    vsr::parallel_for(pool, new_height, [=](int32_t y, int32_t) {
        const Axis::Tap line = lines.tap(y);
        for (int32_t i = 0; i < count; i++) {
            const float *above = source + i * plane + ptrdiff_t{line.first} * width;
            const float *below = source + i * plane + ptrdiff_t{line.second} * width;
            float *to = destination + i * new_plane + ptrdiff_t{y} * new_width;
            const float factor = factors ? factors[i] : 1, offset = offsets ? offsets[i] : 0;
            for (int32_t x = 0; x < new_width; x++) {
                const Axis::Tap &c = column_taps[x];
                const float a = (1 - c.weight) * above[c.first] + c.weight * above[c.second];
                const float b = (1 - c.weight) * below[c.first] + c.weight * below[c.second];
                to[x] = ((1 - line.weight) * a + line.weight * b) * factor + offset;
            }
        }
    });
    return VSR_OK;
}

vsr_status vsr_average_pool2(vsr_pool *pool, const float *source, int32_t count, int32_t height,
                             int32_t width, float *destination) {
    if (count < 0 || height < 1 || width < 1) return VSR_INVALID_ARGUMENT;
    const int32_t new_height = height / 2, new_width = width / 2;
    vsr::parallel_for(pool, new_height, [=](int32_t y, int32_t) {
        for (int32_t i = 0; i < count; i++) {
            const float *above = source + (ptrdiff_t{i} * height + 2 * y) * width;
            const float *below = above + width;
            float *to = destination + (ptrdiff_t{i} * new_height + y) * new_width;
            for (int32_t x = 0; x < new_width; x++) {
                to[x] =
                    0.25f * ((above[2 * x] + above[2 * x + 1]) + (below[2 * x] + below[2 * x + 1]));
            }
        }
    });
    return VSR_OK;
}
