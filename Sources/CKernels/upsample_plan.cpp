#include "upsample_plan.h"

#include <algorithm>

namespace vsr {
namespace {

/// The first row of its input that tile rows from `tile_row` on read.
int32_t first_row(const Stage &stage, int32_t tile_row) {
    return std::max(4 * tile_row - stage.halo, int32_t{0});
}

/// Tile rows of `source` up to the last that `reader` needs for its own up to `end`.
int32_t needed(const Stage &source, const Stage &reader, int32_t end) {
    const int32_t rows = std::min(4 * end + reader.halo, reader.height);
    return std::min((rows + source.rows_out - 1) / source.rows_out, source.tile_rows());
}

/// A plan in the making.
struct Planner {
    const std::vector<Stage> &stages;
    const int32_t most;
    UpsamplePlan plan;
    std::vector<int32_t> done;

    /// Computes tile rows of layer `i` up to `end`, each as soon as what it needs is there.
    void advance(size_t i, int32_t end) {
        while (done[i] < end) {
            const int32_t next = std::min(done[i] + most, end);
            if (i > 0) advance(i - 1, needed(stages[i - 1], stages[i], next));
            keep(i, next);
            for (; done[i] < next; done[i]++) {
                plan.steps.push_back({static_cast<int32_t>(i), done[i]});
            }
            plan.phase_ends.push_back(static_cast<int32_t>(plan.steps.size()));
        }
    }

    /// Makes layer i's ring hold whole tile rows, from the first that the next layer has yet to
    /// read: then those of a phase never share a row, in whatever order they are written.
    void keep(size_t i, int32_t end) {
        if (i + 1 == stages.size()) return;
        const int32_t rows_out = stages[i].rows_out;
        const int32_t oldest = first_row(stages[i + 1], done[i + 1]) / rows_out;
        plan.ring_rows[i] = std::max(plan.ring_rows[i], (end - oldest) * rows_out);
    }
};

}  // namespace

UpsamplePlan plan_upsampling(const std::vector<Stage> &stages, int32_t first, int32_t end,
                             int32_t most) {
    const size_t count = stages.size();
    Planner planner{stages, most, {}, {}};
    UpsamplePlan &plan = planner.plan;
    plan.ring_rows.assign(count, 0);
    plan.first.assign(count, first);
    for (size_t i = count - 1; i > 0; i--) {
        plan.first[i - 1] = first_row(stages[i], plan.first[i]) / stages[i - 1].rows_out;
    }
    planner.done = plan.first;
    planner.advance(count - 1, end);
    return plan;
}

}  // namespace vsr
