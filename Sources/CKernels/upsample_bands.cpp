#include "upsample_bands.h"

#include <algorithm>
#include <utility>

#include "packed_conv.h"
#include "pool.h"

namespace vsr {
namespace {

// A band computes again up to a tile row of the frame next to each neighbor.
constexpr int32_t kShortestBand = 10;
// Every band has rings of its own.
constexpr int32_t kMostBands = 4;

/// As many bands as can be of equally many threads.
int32_t band_count(int32_t tile_rows, int32_t threads) {
    int32_t count =
        std::clamp(tile_rows / kShortestBand, int32_t{1}, std::min(threads, kMostBands));
    while (threads % count > 0) count--;
    return count;
}

}  // namespace

UpsampleBands::UpsampleBands(const KernelTable &kernels, const std::vector<int32_t> &factors,
                             int32_t threads, int32_t height, int32_t width) {
    int32_t level = 1;
    for (size_t i = 0; i < factors.size(); i++) {
        const int32_t vectors = vectors_per_row(kernels, width * level);
        layers.push_back({{height * level, 4 * factors[i], i ? 1 : 0},
                          width * level,
                          vectors,
                          i ? parts_per_row(kernels, vectors) : 1});
        level *= factors[i];
    }
    const int32_t tile_rows = layers.front().rows.tile_rows();
    const int32_t count_of_bands = band_count(tile_rows, threads);
    // Threads that share a band need some pieces of the last two layers each.
    const int32_t sharing = threads / count_of_bands;
    const int32_t per_row = 2 * layers.back().parts;
    const int32_t together = sharing > 1 ? (4 * sharing + per_row - 1) / per_row : 0;
    const auto start = [&](int32_t band) {
        return std::min(level * share_start(tile_rows, count_of_bands, band),
                        layers.back().rows.tile_rows());
    };
    for (int32_t i = 0; i < count_of_bands; i++) add_band(start(i), start(i + 1), together);
    make_work_plan();
}

void UpsampleBands::add_band(int32_t first, int32_t end, int32_t together) {
    std::vector<LayerRows> rows;
    for (const Layer &layer : layers) rows.push_back(layer.rows);
    Band band{plan_upsampling(rows, first, end, together), {}};
    std::vector<int32_t> tile_rows(layers.size());
    for (const Step &step : band.plan.steps) tile_rows[step.layer]++;
    for (size_t i = 0; i < layers.size(); i++) {
        band.done.emplace_back(static_cast<size_t>(tile_rows[i] * layers[i].parts));
    }
    bands.push_back(std::move(band));
}

void UpsampleBands::make_work_plan() {
    work_plan = {.shares = static_cast<int32_t>(bands.size()), .independent = true};
    std::vector<int32_t> last(bands.size(), -1);
    size_t phases = 0;
    for (const Band &band : bands) phases = std::max(phases, band.plan.phase_ends.size());
    for (size_t phase = 0; phase < phases; phase++) {
        for (int32_t band = 0; band < work_plan.shares; band++) {
            const size_t before = pieces.size();
            add_phase(band, phase, last[band]);
            work_plan.add_share(static_cast<int32_t>(pieces.size() - before));
        }
    }
}

/// Adds a band's pieces of one phase, if it has that many, to those up to `last`.
void UpsampleBands::add_phase(int32_t band, size_t phase, int32_t &last) {
    const UpsamplePlan &plan = bands[band].plan;
    if (phase >= plan.phase_ends.size()) return;
    for (int32_t i = phase > 0 ? plan.phase_ends[phase - 1] : 0; i < plan.phase_ends[phase]; i++) {
        const Step &step = plan.steps[i];
        const Layer &layer = layers[step.layer];
        for (int32_t part = 0; part < layer.parts; part++) {
            const int32_t number = static_cast<int32_t>(pieces.size());
            if (last >= 0) pieces[last].next = number;
            last = number;
            pieces.push_back({band, step, part, part_start(layer.vectors, layer.parts, part),
                              part_start(layer.vectors, layer.parts, part + 1)});
        }
    }
}

void UpsampleBands::begin() {
    for (Band &band : bands) {
        for (auto &flags : band.done) {
            for (auto &flag : flags) flag.store(0, std::memory_order_relaxed);
        }
    }
}

void UpsampleBands::wait_for_others(const Piece &piece) const {
    wait_for_sources(piece);
    wait_for_readers(piece);
}

void UpsampleBands::finished(const Piece &piece) {
    Band &band = bands[piece.band];
    const Step &step = piece.step;
    auto &done = band.done[step.layer][flag(band, step.layer, step.tile_row, piece.part)];
    raise(done, 1);
}

size_t UpsampleBands::flag(const Band &band, int32_t layer, int32_t tile_row, int32_t part) const {
    return static_cast<size_t>((tile_row - band.plan.first[layer]) * layers[layer].parts + part);
}

/// Waits for the parts of a layer's tile row that hold vectors [first, last].
void UpsampleBands::wait_for_vectors(const Band &band, int32_t layer, int32_t tile_row,
                                     int32_t first, int32_t last) const {
    const int32_t vectors = layers[layer].vectors, parts = layers[layer].parts;
    for (int32_t part = 0; part < parts; part++) {
        if (part_start(vectors, parts, part + 1) <= first) continue;
        if (part_start(vectors, parts, part) > last) break;
        wait_until(band.done[layer][flag(band, layer, tile_row, part)], 1);
    }
}

/// Waits for what holds rows 4t − 1 … 4t + 4 of the piece's columns and one more on either side, in
/// the layer before.
void UpsampleBands::wait_for_sources(const Piece &piece) const {
    const auto [index, tile_row] = piece.step;
    if (index == 0) return;
    const int32_t source = index - 1;
    const int32_t rows_out = layers[source].rows.rows_out, finer = rows_out / 4;
    const int32_t last_row = std::min(4 * tile_row + 4, layers[index].rows.height - 1);
    for (int32_t t = std::max(4 * tile_row - 1, 0) / rows_out; t <= last_row / rows_out; t++) {
        wait_for_vectors(bands[piece.band], source, t, std::max(piece.first - 1, 0) / finer,
                         piece.end / finer);
    }
}

/// Waits for those of the layer after that read what this piece is about to overwrite.
void UpsampleBands::wait_for_readers(const Piece &piece) const {
    const auto [index, tile_row] = piece.step;
    const int32_t reader = index + 1;
    if (reader == static_cast<int32_t>(layers.size())) return;
    const Band &band = bands[piece.band];
    const int32_t rows_out = layers[index].rows.rows_out, finer = rows_out / 4;
    const int32_t first_row = tile_row * rows_out - band.plan.ring_rows[index];
    const int32_t last_row = first_row + rows_out - 1;
    if (last_row < 0) return;
    const int32_t before = band.plan.first[reader];
    for (int32_t t = std::max((first_row - 4) / 4, before); t <= (last_row + 1) / 4; t++) {
        if (t >= layers[reader].rows.tile_rows()) break;
        wait_for_vectors(band, reader, t, std::max(finer * piece.first - 1, 0), finer * piece.end);
    }
}

}  // namespace vsr
