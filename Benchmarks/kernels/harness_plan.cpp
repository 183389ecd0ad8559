// The upsampler's plans, followed tile row by tile row: nothing is read that is not there, and
// nothing is overwritten that somebody still reads, in whatever order a phase is done.
#include <algorithm>

#include "harness.h"
#include "upsample_plan.h"

namespace harness {
namespace {

/// Rows [first, last] of the layer before that a tile row reads.
std::pair<int, int> rows_read(const vsr::LayerRows &layer, int tile_row) {
    return {std::max(4 * tile_row - layer.halo, 0),
            std::min(4 * tile_row + 3 + layer.halo, layer.height - 1)};
}

/// A ring: which row a place holds, since which phase, and the last phase that read it.
struct Ring {
    struct Place {
        int row = -1, written = -1, read = -1;
    };
    std::vector<Place> places;
    Place &of(int row) { return places[static_cast<size_t>(row) % places.size()]; }
};

bool holds(const std::vector<vsr::LayerRows> &layers, int first, int end, int together) {
    const vsr::UpsamplePlan plan = vsr::plan_upsampling(layers, first, end, together);
    std::vector<Ring> rings(layers.size());
    std::vector<int> next = plan.first;
    for (size_t i = 0; i + 1 < layers.size(); i++) {
        if (plan.ring_rows[i] < 1) return false;
        rings[i].places.resize(static_cast<size_t>(plan.ring_rows[i]));
    }
    int phase = 0;
    for (int k = 0; k < static_cast<int>(plan.steps.size()); k++) {
        if (k == plan.phase_ends[phase]) phase++;
        const auto [layer, tile_row] = plan.steps[k];
        if (tile_row != next[layer]++) return false;
        if (layer > 0) {
            const auto [top, bottom] = rows_read(layers[layer], tile_row);
            for (int row = top; row <= bottom; row++) {
                Ring::Place &place = rings[layer - 1].of(row);
                // It was written in a phase before, not in this one.
                if (place.row != row || place.written >= phase) return false;
                place.read = phase;
            }
        }
        if (layer + 1 == static_cast<int>(layers.size())) continue;
        const int rows_out = layers[layer].rows_out;
        for (int row = tile_row * rows_out; row < (tile_row + 1) * rows_out; row++) {
            Ring::Place &place = rings[layer].of(row);
            // What was there was neither written nor read in this phase.
            if (place.written >= phase || place.read >= phase) return false;
            place = {row, phase, -1};
        }
    }
    return phase + 1 == static_cast<int>(plan.phase_ends.size()) && next.back() == end;
}

}  // namespace

void check_plans(Report &report) {
    // Of the pixel-shuffles after the convolutions, the fusion's and the output's among them.
    const std::vector<int> forms[] = {{1, 2, 1, 1}, {1, 2, 2, 1, 1},    {1, 2, 2, 1, 1, 1},
                                      {1, 2, 2, 1}, {1, 1, 2, 1, 2, 1}, {1, 2, 1, 1, 1, 1, 1}};
    for (const std::vector<int> &factors : forms) {
        std::string name;
        for (const int factor : factors) name += (name.empty() ? "" : ">") + std::to_string(factor);
        for (const int height : {1, 2, 3, 5, 8, 13, 31, 45, 99, 180}) {
            std::vector<vsr::LayerRows> layers;
            int level = 1;
            for (const int factor : factors) {
                layers.push_back({height * level, 4 * factor, layers.empty() ? 0 : 1});
                level *= factor;
            }
            const int all = layers.back().tile_rows();
            bool good = true;
            for (const int together : {0, 1, 2, 5, 16}) {
                for (const int first : {0, all / 3, all / 2}) {
                    for (const int end : {first + 1, (first + all + 1) / 2, all}) {
                        good = good && (end <= first || holds(layers, first, end, together));
                    }
                }
            }
            report.expect(good, "plans of " + name + " from " + std::to_string(height) + " rows");
        }
    }
}

}  // namespace harness
