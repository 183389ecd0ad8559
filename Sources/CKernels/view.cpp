#include "view.h"

#include <algorithm>
#include <cstring>

namespace vsr {

View view(const vsr_map &map) {
    View result{};
    result.data = map.data;
    result.channels = map.channels;
    result.height = map.height;
    result.width = map.width;
    result.tiles = map.tiles;
    result.ring = map.height;
    result.row_stride = map.row_stride;
    result.channel_stride = map.channel_stride;
    std::copy(map.phase_offset, map.phase_offset + 4, result.phase_offset);
    return result;
}

size_t ring_bytes(int32_t channels, int32_t rows, int32_t width) {
    vsr_map map;
    if (vsr_map_plan(&map, channels, rows, width) != VSR_OK) return 0;
    return map.bytes;
}

View ring(void *memory, int32_t channels, int32_t rows, int32_t height, int32_t width) {
    vsr_map map;
    vsr_map_plan(&map, channels, rows, width);
    map.data = static_cast<float *>(memory) + map.row_stride;
    View result = view(map);
    result.height = height;
    std::memset(memory, 0, static_cast<size_t>(map.row_stride) * sizeof(float));
    for (int32_t row = 0; row < rows; row++) {
        float *start = result.data + row * map.row_stride;
        for (int32_t channel = 0; channel <= channels; channel++) {
            std::memset(start + channel * map.channel_stride, 0, 16 * sizeof(float));
        }
        for (int32_t channel = 0; channel < channels; channel++) {
            for (int phase = 0; phase < 4; phase++) {
                const int32_t used = (width + 3 - phase) / 4;
                float *first = start + channel * map.channel_stride + map.phase_offset[phase];
                std::memset(first + used, 0, static_cast<size_t>(map.tiles - used) * sizeof(float));
            }
        }
    }
    return result;
}

}  // namespace vsr
