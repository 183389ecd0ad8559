#include <algorithm>
#include <cstdlib>

#include "harness.h"

namespace harness {
namespace {

constexpr float kGuard = 1234.5f;

// The address sanitizer guards a block of memory itself, and against reading too.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HARNESS_IS_GUARDED 1
#endif
#endif
#if defined(HARNESS_IS_GUARDED)
constexpr size_t kGuards = 0;
#else
constexpr size_t kGuards = 64;
#endif

constexpr size_t kAlignment = 64;

}  // namespace

GuardedMap::GuardedMap(int channels, int height, int width, int misalignment) {
    if (vsr_map_plan(&map, channels, height, width) != VSR_OK) std::abort();
    const size_t count = map.bytes / sizeof(float);
    start = kGuards + size_t(misalignment);
    size = start + count + kGuards;
    void *block = nullptr;
    if (posix_memalign(&block, kAlignment, size * sizeof(float)) != 0) std::abort();
    memory = static_cast<float *>(block);
    std::fill_n(memory, size, kGuard);
    std::fill_n(memory + start, count, 0.0f);
    map.data = memory + start + map.row_stride;
}

GuardedMap::GuardedMap(vsr_pool *pool, const Floats &planes, int channels, int height, int width,
                       int misalignment)
    : GuardedMap(channels, height, width, misalignment) {
    vsr_map_import(pool, planes.data(), ptrdiff_t{height} * width, width, &map, 0, channels);
}

GuardedMap::~GuardedMap() {
    std::free(memory);
}

Floats GuardedMap::planes(vsr_pool *pool) const {
    Floats result(size_t(map.channels) * size_t(map.height) * size_t(map.width), NAN);
    vsr_map_export(pool, &map, 0, map.channels, result.data(), ptrdiff_t{map.height} * map.width,
                   map.width);
    return result;
}

bool GuardedMap::surroundings_are_intact() const {
    const size_t count = map.bytes / sizeof(float);
    std::vector<bool> pixel(size);
    for (int y = 0; y < map.height; y++) {
        for (int channel = 0; channel < map.channels; channel++) {
            for (int x = 0; x < map.width; x++) {
                pixel[start + size_t((y + 1) * map.row_stride + channel * map.channel_stride +
                                     map.phase_offset[x % 4] + x / 4)] = true;
            }
        }
    }
    for (size_t i = 0; i < size; i++) {
        const bool inside = i >= start && i < start + count;
        if (!pixel[i] && memory[i] != (inside ? 0 : kGuard)) return false;
    }
    return true;
}

}  // namespace harness
