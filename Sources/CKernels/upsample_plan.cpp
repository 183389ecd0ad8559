#include "upsample_plan.h"

#include <algorithm>

namespace vsr {
namespace {

/// The first row of its input that tile rows from `tile_row` on read.
int32_t first_row(const LayerRows &layer, int32_t tile_row) {
    return std::max(4 * tile_row - layer.halo, int32_t{0});
}

/// Tile rows of `source` up to the last that `reader` needs for its own up to `end`.
int32_t needed(const LayerRows &source, const LayerRows &reader, int32_t end) {
    const int32_t rows = std::min(4 * end + reader.halo, reader.height);
    return std::min((rows + source.rows_out - 1) / source.rows_out, source.tile_rows());
}

/// A plan in the making.
struct Planner {
    const std::vector<LayerRows> &layers;
    UpsamplePlan plan;
    std::vector<int32_t> done;

    Planner(const std::vector<LayerRows> &layers, int32_t first) : layers(layers) {
        const size_t count = layers.size();
        plan.ring_rows.assign(count, 0);
        plan.first.assign(count, first);
        for (size_t i = count - 1; i > 0; i--) {
            plan.first[i - 1] = first_row(layers[i], plan.first[i]) / layers[i - 1].rows_out;
        }
        done = plan.first;
    }

    /// Computes tile rows of layer `i` up to `end`, each as soon as what it needs is there.
    void advance(size_t i, int32_t end) {
        while (done[i] < end) {
            if (i > 0) advance(i - 1, needed(layers[i - 1], layers[i], done[i] + 1));
            add(i, done[i] + 1);
            keep(i, done);
            end_phase();
        }
    }

    /// Computes tile rows [first, end) of the last layer `rows` at a time, every layer one round
    /// ahead of the next.
    void advance_together(int32_t first, int32_t end, int32_t rows) {
        const int32_t count = static_cast<int32_t>(layers.size());
        for (int32_t round = 2 - count; done.back() < end; round++) {
            const std::vector<int32_t> before = done;
            for (int32_t i = 0; i < count; i++) {
                const int32_t rounds = round + count - 1 - i;
                if (rounds <= 0) continue;
                int32_t until = std::min(first + rounds * rows, end);
                for (size_t j = layers.size() - 1; j > static_cast<size_t>(i); j--) {
                    until = needed(layers[j - 1], layers[j], until);
                }
                add(static_cast<size_t>(i), until);
                keep(static_cast<size_t>(i), before);
            }
            end_phase();
        }
    }

    void add(size_t i, int32_t end) {
        for (; done[i] < end; done[i]++) plan.steps.push_back({static_cast<int32_t>(i), done[i]});
    }

    void end_phase() { plan.phase_ends.push_back(static_cast<int32_t>(plan.steps.size())); }

    /// Makes layer i's ring hold whole tile rows, from the first that the next layer, which had
    /// come to `read`, has yet to read: then those of a phase never share a row, in whatever order
    /// they are written.
    void keep(size_t i, const std::vector<int32_t> &read) {
        if (i + 1 == layers.size()) return;
        const int32_t rows_out = layers[i].rows_out;
        const int32_t oldest = first_row(layers[i + 1], read[i + 1]) / rows_out;
        plan.ring_rows[i] = std::max(plan.ring_rows[i], (done[i] - oldest) * rows_out);
    }
};

}  // namespace

UpsamplePlan plan_upsampling(const std::vector<LayerRows> &layers, int32_t first, int32_t end,
                             int32_t together) {
    Planner planner(layers, first);
    if (together > 0) {
        planner.advance_together(first, end, together);
    } else {
        planner.advance(layers.size() - 1, end);
    }
    return planner.plan;
}

}  // namespace vsr
