// One convolution over a whole map.
#include <algorithm>

#include "packed_conv.h"
#include "pool.h"

namespace vsr {
namespace {

constexpr int32_t kMaxSources = 4;

bool in_range(const int32_t *channels, int32_t count, int32_t limit) {
    if (!channels) return count <= limit;
    for (int32_t i = 0; i < count; i++) {
        if (channels[i] < 0 || channels[i] >= limit) return false;
    }
    return true;
}

bool fits(const vsr_conv &conv, const vsr_source *sources, int32_t source_count,
          const vsr_map &output, const int32_t *output_channels) {
    if (source_count < 0 || source_count > kMaxSources) return false;
    int64_t inputs = 0;
    for (int32_t i = 0; i < source_count; i++) {
        const vsr_source &source = sources[i];
        if (source.count < 0 || source.map->height != output.height ||
            source.map->width != output.width ||
            !in_range(source.channels, source.count, source.map->channels)) {
            return false;
        }
        inputs += source.count;
    }
    return inputs == conv.inputs && in_range(output_channels, conv.outputs, output.channels);
}

/// How a kernel goes through a map: rows of results and rows read per piece.
struct Geometry {
    int32_t results, above, rows;

    explicit Geometry(int32_t kernel) {
        results = kernel == 1 ? 1 : 4;
        above = kernel / 2;
        rows = kernel == 1 ? 1 : kernel + 3;
    }
};

}  // namespace
}  // namespace vsr

vsr_status vsr_conv_run(vsr_pool *pool, const vsr_conv *conv, const vsr_source *sources,
                        int32_t source_count, vsr_map *output, const int32_t *output_channels,
                        vsr_output_mode mode, float slope) {
    using namespace vsr;
    if (!fits(*conv, sources, source_count, *output, output_channels)) return VSR_INVALID_ARGUMENT;
    if (!reserve_scratch(pool, conv_scratch(*conv) * sizeof(float), 0)) return VSR_OUT_OF_MEMORY;
    ConvPiece whole{};
    whole.conv = conv;
    whole.input_count = source_count;
    whole.target = mode == VSR_ADD ? Target::sum : Target::map;
    whole.slope = slope;
    View source_views[kMaxSources];
    for (int32_t i = 0; i < source_count; i++) source_views[i] = view(*sources[i].map);
    const View output_view = view(*output);
    const int32_t vectors = vectors_per_row(*conv->kernels, output->width);
    const Geometry geometry(conv->kernel);
    const int32_t parts = conv->kernel == 1 ? 1 : parts_per_row(*conv->kernels, vectors);
    const int32_t tile_rows = (output->height + geometry.results - 1) / geometry.results;
    const auto kernel = conv_kernel(*conv);
    const int32_t lanes = conv->kernels->lanes;
    // The source with most channels is fetched ahead; others are the few planes of a picture.
    const int32_t widest = static_cast<int32_t>(
        std::max_element(sources, sources + source_count,
                         [](const auto &a, const auto &b) { return a.count < b.count; }) -
        sources);
    parallel_for(pool, tile_rows * parts, [&](int32_t piece, int32_t thread) {
        ConvPiece work = whole;
        const int32_t row = geometry.results * (piece / parts);
        Input inputs[kMaxSources];
        for (int32_t i = 0; i < source_count; i++) {
            const int32_t *channels = sources[i].channels ? sources[i].channels : conv->identity;
            inputs[i] = Input::of(source_views[i], channels, sources[i].count, row - geometry.above,
                                  geometry.rows);
        }
        work.inputs = inputs;
        work.output = Output::of(output_view, output_channels ? output_channels : conv->identity,
                                 row, geometry.results);
        work.first_vector = part_start(vectors, parts, piece % parts);
        work.vectors = part_start(vectors, parts, piece % parts + 1) - work.first_vector;
        work.scratch = thread_scratch(pool, thread);
        // Most likely this thread's next piece.
        const int32_t next = piece + 1;
        if (source_count > 0 && next < tile_rows * parts) {
            const vsr_source &source = sources[widest];
            const int32_t first = part_start(vectors, parts, next % parts);
            const int32_t end = part_start(vectors, parts, next % parts + 1);
            work.prefetch = {.view = &source_views[widest],
                             .channels = source.channels ? source.channels : conv->identity,
                             .count = source.count,
                             .first_row = geometry.results * (next / parts) - geometry.above,
                             .rows = geometry.rows,
                             .first_tile = first * lanes,
                             .tiles = (end - first) * lanes};
        }
        work.prefetches_output = true;
        kernel(work);
    });
    return VSR_OK;
}
