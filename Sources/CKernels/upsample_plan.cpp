#include "upsample_plan.h"

#include <algorithm>

namespace vsr {
namespace {

/// Tile rows of `source` that `reader` needs for its first `tile_rows`.
int32_t needed(const Stage &source, const Stage &reader, int32_t tile_rows) {
    const int32_t rows = std::min(4 * tile_rows + reader.halo, reader.height);
    return std::min((rows + source.rows_out - 1) / source.rows_out, source.tile_rows());
}

/// Rows that exist when `tile_rows` of `stage` are done, given the height of its result.
int32_t rows_made(const Stage &stage, int32_t tile_rows) {
    const int32_t height = stage.height * (stage.rows_out / 4);
    return std::min(tile_rows * stage.rows_out, height);
}

}  // namespace

UpsamplePlan plan_upsampling(const std::vector<Stage> &stages, int32_t tile_rows, bool overlap) {
    const size_t count = stages.size();
    UpsamplePlan plan;
    plan.ring_rows.assign(count, 0);
    std::vector<int32_t> done(count, 0);
    for (int32_t round = 1; done.back() < stages.back().tile_rows(); round++) {
        const std::vector<int32_t> before = done;
        for (size_t i = 0; i < count; i++) {
            const int32_t ahead = overlap ? static_cast<int32_t>(count - 1 - i) : 0;
            int32_t end = std::min((round + ahead) * tile_rows, stages.back().tile_rows());
            for (size_t j = count - 1; j > i; j--) end = needed(stages[j - 1], stages[j], end);
            for (; done[i] < end; done[i]++) {
                plan.steps.push_back({static_cast<int32_t>(i), done[i]});
            }
            // What the next layer has yet to read when this is written, itself included.
            if (i + 1 < count) {
                const int32_t oldest = std::max(4 * before[i + 1] - stages[i + 1].halo, int32_t{0});
                plan.ring_rows[i] =
                    std::max(plan.ring_rows[i], rows_made(stages[i], done[i]) - oldest);
            }
        }
    }
    // A tile row writes all its rows even where the map ends earlier.
    for (size_t i = 0; i < count; i++) plan.ring_rows[i] += stages[i].rows_out;
    return plan;
}

}  // namespace vsr
