#include "upsample_plan.h"

#include <algorithm>

namespace vsr {
namespace {

/// Tile rows of `stage` that can run when `rows` rows of its input exist.
int32_t runnable(const Stage &stage, int32_t rows) {
    if (rows >= stage.height) return stage.tile_rows();
    return std::max((rows - stage.halo) / 4, 0);
}

/// Rows that exist when `tile_rows` of `stage` are done, given the height of its result.
int32_t rows_made(const Stage &stage, int32_t tile_rows) {
    const int32_t height = stage.height * (stage.rows_out / 4);
    return std::min(tile_rows * stage.rows_out, height);
}

}  // namespace

UpsamplePlan plan_upsampling(const std::vector<Stage> &stages, bool overlap) {
    const size_t count = stages.size();
    UpsamplePlan plan;
    plan.ring_rows.assign(count, 0);
    std::vector<int32_t> done(count, 0);
    while (done.back() < stages.back().tile_rows()) {
        const std::vector<int32_t> before = done;
        for (size_t i = 0; i < count; i++) {
            // Without overlap the rows of this round count as well.
            const std::vector<int32_t> &source = overlap ? before : done;
            int32_t end =
                i ? runnable(stages[i], rows_made(stages[i - 1], source[i - 1])) : before[0] + 1;
            end = std::min(end, stages[i].tile_rows());
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
