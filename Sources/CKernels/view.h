// A map, or a ring of some of a map's rows, as the kernels see it.
#ifndef VSR_VIEW_H
#define VSR_VIEW_H

#include <cstddef>
#include <cstdint>

#include "include/vsr_map.h"

namespace vsr {

struct View {
    float *data;
    int32_t channels, height, width, tiles;
    /// Rows that are stored: row y is kept in slot y mod `ring`.
    int32_t ring;
    ptrdiff_t row_stride, channel_stride;
    int32_t phase_offset[4];

    /// Where row y begins, relative to `data`; rows outside the map are the row of zeros above it.
    ptrdiff_t row(int32_t y) const {
        return y < 0 || y >= height ? -row_stride : (y % ring) * row_stride;
    }
};

/// All rows of `map`.
View view(const vsr_map &map);

/// Bytes that a ring of `rows` rows of `channels` channels takes for maps of this width.
size_t ring_bytes(int32_t channels, int32_t rows, int32_t width);

/// A ring in `memory` (aligned to 64 bytes), with its padding set to zero.
View ring(void *memory, int32_t channels, int32_t rows, int32_t height, int32_t width);

}  // namespace vsr
#endif
