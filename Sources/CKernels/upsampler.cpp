// The upsampler as pipelines over bands of rows: every layer's result lives in rings of rows.
#include <algorithm>
#include <memory>
#include <new>
#include <vector>

#include "include/vsr_upsample.h"
#include "packed_conv.h"
#include "pool.h"
#include "upsample_plan.h"
#include "view.h"

/// The convolutions in order: fusion, upconv1, upconv2 where the scale is 4, conv_hr, conv_last.
struct vsr_upsampler {
    const uint64_t number = vsr::new_owner();
    int32_t scale, hidden;
    float slope;
    std::vector<vsr_conv *> layers;
    const vsr::KernelTable *kernels;
    size_t scratch = 0;
};

namespace vsr {
namespace {

constexpr int32_t kMaxHidden = 4;

/// Rows of the output that are computed on their own, with what they need of every layer. Flags say
/// which parts of each tile row of each layer are done.
struct Band {
    UpsamplePlan plan;
    std::vector<size_t> ring_sizes;
    std::vector<View> rings;
    std::vector<std::vector<std::atomic<int32_t>>> done;
};

/// A part of one layer's tile row.
struct Piece {
    int32_t band;
    Step step;
    int32_t part;
    /// The band's next piece, −1 at its end.
    int32_t next = -1;
};

// A band computes again up to a tile row of the frame next to each neighbour.
constexpr int32_t kShortestBand = 10;
// Every band has rings of its own.
constexpr int32_t kMostBands = 4;

/// How the upsampler goes through maps of one size, and where everything is in the run under way.
/// Bands are shares of the schedule.
struct Pipeline : KeptPlan {
    const vsr_upsampler &upsampler;
    vsr_pool *pool;
    int32_t height, width;
    std::vector<Stage> stages;
    std::vector<int32_t> widths, vectors, parts;
    std::vector<Band> bands;
    std::vector<Piece> pieces;
    Schedule schedule;

    View hidden[kMaxHidden] = {};
    int32_t hidden_count = 0;
    const float *frame = nullptr;
    vsr_image_output output{};

    Pipeline(const vsr_upsampler &upsampler, vsr_pool *pool, int32_t height, int32_t width);
    vsr_status begin(const vsr_map *const *maps, int32_t count, const float *picture,
                     const vsr_image_output &target);
    void piece(int32_t index, int32_t thread);

  private:
    void add_band(int32_t first, int32_t end, int32_t together);
    void make_schedule();
    void wait_for_sources(const Piece &piece) const;
    void wait_for_readers(const Piece &piece) const;
    void wait_for_parts(const Piece &of, size_t stage, int32_t tile_row, int32_t first,
                        int32_t last) const;
    std::atomic<int32_t> &flag(const Piece &piece);
    void fuse(const Piece &piece, int32_t thread);
    void convolve(int32_t index, int32_t thread);
    Prefetch inputs_of(int32_t index) const;
    void finish(const Piece &piece, int32_t first_column, int32_t columns, int32_t thread);
    size_t linear_floats() const;
};

/// Floats of one row of results that wait for the base, and of one row of the frame.
size_t Pipeline::linear_floats() const {
    const KernelTable &kernels = *upsampler.kernels;
    return static_cast<size_t>(kernels.max_vectors) * static_cast<size_t>(kernels.lanes) * 4;
}

Pipeline::Pipeline(const vsr_upsampler &upsampler, vsr_pool *pool, int32_t height, int32_t width)
    : upsampler(upsampler), pool(pool), height(height), width(width), schedule{} {
    const size_t count = upsampler.layers.size();
    int32_t level = 1;
    for (size_t i = 0; i < count; i++) {
        const bool shuffles = i > 0 && i + 2 < count;
        stages.push_back({height * level, shuffles ? 8 : 4, i ? 1 : 0});
        widths.push_back(width * level);
        vectors.push_back(vectors_per_row(*upsampler.kernels, widths[i]));
        parts.push_back(i ? parts_per_row(*upsampler.kernels, vectors[i]) : 1);
        if (shuffles) level *= 2;
    }
    const int32_t threads = vsr_pool_threads(pool), tile_rows = stages[0].tile_rows();
    int32_t band_count =
        std::clamp(tile_rows / kShortestBand, int32_t{1}, std::min(threads, kMostBands));
    // As many threads to each.
    while (threads % band_count > 0) band_count--;
    // Threads that share a band need some pieces of the last two layers each.
    const int32_t sharing = threads / band_count;
    const int32_t per_row = 2 * parts.back();
    const int32_t together = sharing > 1 ? (4 * sharing + per_row - 1) / per_row : 0;
    for (int32_t i = 0; i < band_count; i++) {
        const auto start = [&](int32_t band) {
            const int32_t row = level * share_start(tile_rows, band_count, band);
            return std::min(row, stages.back().tile_rows());
        };
        add_band(start(i), start(i + 1), together);
    }
    make_schedule();
}

void Pipeline::add_band(int32_t first, int32_t end, int32_t together) {
    Band band;
    band.plan = plan_upsampling(stages, first, end, together);
    std::vector<int32_t> tile_rows(stages.size());
    for (const Step &step : band.plan.steps) tile_rows[step.stage]++;
    for (size_t i = 0; i < stages.size(); i++) {
        band.done.emplace_back(static_cast<size_t>(tile_rows[i] * parts[i]));
    }
    // Rings: what stage i writes has the channels, height and width that stage i + 1 reads.
    for (size_t i = 0; i + 1 < stages.size(); i++) {
        band.ring_sizes.push_back(
            ring_bytes(upsampler.layers[i + 1]->inputs, band.plan.ring_rows[i], widths[i + 1]));
    }
    band.rings.resize(band.ring_sizes.size());
    bands.push_back(std::move(band));
}

void Pipeline::make_schedule() {
    schedule = {.shares = static_cast<int32_t>(bands.size()), .independent = true};
    std::vector<int32_t> last(bands.size(), -1);
    size_t phases = 0;
    for (const Band &band : bands) phases = std::max(phases, band.plan.phase_ends.size());
    for (size_t phase = 0; phase < phases; phase++) {
        for (int32_t i = 0; i < schedule.shares; i++) {
            const UpsamplePlan &plan = bands[i].plan;
            const size_t before = pieces.size();
            if (phase < plan.phase_ends.size()) {
                const int32_t begin = phase > 0 ? plan.phase_ends[phase - 1] : 0;
                for (int32_t at = begin; at < plan.phase_ends[phase]; at++) {
                    const Step &step = plan.steps[at];
                    for (int32_t part = 0; part < parts[step.stage]; part++) {
                        const int32_t number = static_cast<int32_t>(pieces.size());
                        if (last[i] >= 0) pieces[last[i]].next = number;
                        pieces.push_back({i, step, part});
                        last[i] = number;
                    }
                }
            }
            schedule.add_share(static_cast<int32_t>(pieces.size() - before));
        }
    }
    reserve_schedule(pool, schedule);
}

/// Other runs use the same scratch memory in between, so that its padding is to be zeroed again.
vsr_status Pipeline::begin(const vsr_map *const *maps, int32_t count, const float *picture,
                           const vsr_image_output &target) {
    hidden_count = count;
    for (int32_t i = 0; i < count; i++) hidden[i] = view(*maps[i]);
    frame = picture;
    output = target;
    size_t total = 0;
    for (const Band &band : bands) {
        for (const size_t size : band.ring_sizes) {
            if (size == 0) return VSR_INVALID_ARGUMENT;
            total += size;
        }
    }
    const size_t scratch = upsampler.scratch + 16 * linear_floats();
    if (!reserve_scratch(pool, scratch * sizeof(float), total)) return VSR_OUT_OF_MEMORY;
    std::byte *memory = shared_scratch(pool);
    for (Band &band : bands) {
        for (size_t i = 0; i < band.rings.size(); i++) {
            band.rings[i] = ring(memory, upsampler.layers[i + 1]->inputs, band.plan.ring_rows[i],
                                 stages[i + 1].height, widths[i + 1]);
            memory += band.ring_sizes[i];
        }
        for (auto &flags : band.done) {
            for (auto &flag : flags) flag.store(0, std::memory_order_relaxed);
        }
    }
    return VSR_OK;
}

void Pipeline::piece(int32_t index, int32_t thread) {
    const Piece &piece = pieces[static_cast<size_t>(index)];
    wait_for_sources(piece);
    wait_for_readers(piece);
    if (piece.step.stage == 0) {
        fuse(piece, thread);
    } else {
        convolve(index, thread);
    }
    std::atomic<int32_t> &flag = this->flag(piece);
    flag.store(1, std::memory_order_release);
    flag.notify_all();
}

std::atomic<int32_t> &Pipeline::flag(const Piece &piece) {
    const size_t stage = static_cast<size_t>(piece.step.stage);
    Band &band = bands[piece.band];
    const int32_t row = piece.step.tile_row - band.plan.first[stage];
    return band.done[stage][static_cast<size_t>(row * parts[stage] + piece.part)];
}

/// Waits for the parts of another layer's tile row of the same band that hold vectors
/// [first, last].
void Pipeline::wait_for_parts(const Piece &of, size_t stage, int32_t tile_row, int32_t first,
                              int32_t last) const {
    const Band &band = bands[of.band];
    const int32_t row = tile_row - band.plan.first[stage];
    for (int32_t part = 0; part < parts[stage]; part++) {
        if (part_start(vectors[stage], parts[stage], part + 1) <= first) continue;
        if (part_start(vectors[stage], parts[stage], part) > last) break;
        wait_until(band.done[stage][static_cast<size_t>(row * parts[stage] + part)], 1);
    }
}

/// Waits for what holds rows 4t − 1 … 4t + 4 of the piece's columns and one more on either side, in
/// the layer before.
void Pipeline::wait_for_sources(const Piece &piece) const {
    if (piece.step.stage == 0) return;
    const size_t stage = static_cast<size_t>(piece.step.stage), source = stage - 1;
    const int32_t first = part_start(vectors[stage], parts[stage], piece.part);
    const int32_t end = part_start(vectors[stage], parts[stage], piece.part + 1);
    const int32_t tile_row = piece.step.tile_row;
    const int32_t rows_out = stages[source].rows_out, finer = rows_out / 4;
    const int32_t last_row = std::min(4 * tile_row + 4, stages[stage].height - 1);
    for (int32_t t = std::max(4 * tile_row - 1, 0) / rows_out; t <= last_row / rows_out; t++) {
        wait_for_parts(piece, source, t, std::max(first - 1, 0) / finer, end / finer);
    }
}

/// Waits for those of the layer after that read what this piece is about to overwrite.
void Pipeline::wait_for_readers(const Piece &piece) const {
    const Band &band = bands[piece.band];
    const size_t stage = static_cast<size_t>(piece.step.stage), reader = stage + 1;
    if (reader == stages.size()) return;
    const int32_t first = part_start(vectors[stage], parts[stage], piece.part);
    const int32_t end = part_start(vectors[stage], parts[stage], piece.part + 1);
    const int32_t rows_out = stages[stage].rows_out, finer = rows_out / 4;
    const int32_t first_row = piece.step.tile_row * rows_out - band.rings[stage].ring;
    const int32_t last_row = first_row + rows_out - 1;
    if (last_row < 0) return;
    const int32_t before = band.plan.first[reader];
    for (int32_t t = std::max((first_row - 4) / 4, before); t <= (last_row + 1) / 4; t++) {
        if (t >= stages[reader].tile_rows()) break;
        wait_for_parts(piece, reader, t, std::max(finer * first - 1, 0), finer * end);
    }
}

void Pipeline::fuse(const Piece &piece, int32_t thread) {
    const int32_t tile_row = piece.step.tile_row;
    const View &ring = bands[piece.band].rings[0];
    const vsr_conv *fusion = upsampler.layers[0];
    const int32_t end = std::min(4 * tile_row + 4, height);
    for (int32_t y = 4 * tile_row; y < end; y++) {
        Input inputs[kMaxHidden];
        for (int32_t i = 0; i < hidden_count; i++) {
            inputs[i] = Input::of(hidden[i], fusion->identity, hidden[i].channels, y, 1);
        }
        ConvBlock block{};
        block.conv = fusion;
        block.inputs = inputs;
        block.input_count = hidden_count;
        block.output = Output::of(ring, fusion->identity, y, 1);
        block.target = Target::map;
        block.slope = upsampler.slope;
        block.scratch = thread_scratch(pool, thread);
        upsampler.kernels->conv1(block);
    }
}

/// What piece `index` will read, nothing for −1.
Prefetch Pipeline::inputs_of(int32_t index) const {
    if (index < 0) return {};
    const Piece &piece = pieces[static_cast<size_t>(index)];
    const size_t stage = static_cast<size_t>(piece.step.stage);
    if (stage == 0) return {};
    const int32_t first = part_start(vectors[stage], parts[stage], piece.part);
    const int32_t end = part_start(vectors[stage], parts[stage], piece.part + 1);
    const int32_t lanes = upsampler.kernels->lanes;
    const vsr_conv *conv = upsampler.layers[stage];
    return {.view = &bands[piece.band].rings[stage - 1],
            .channels = conv->identity,
            .count = conv->inputs,
            .first_row = 4 * piece.step.tile_row - 1,
            .rows = 6,
            .first_tile = first * lanes,
            .tiles = (end - first) * lanes};
}

void Pipeline::convolve(int32_t index, int32_t thread) {
    const Piece &piece = pieces[static_cast<size_t>(index)];
    const size_t stage = static_cast<size_t>(piece.step.stage);
    const bool last = stage + 1 == stages.size();
    const vsr_conv *conv = upsampler.layers[stage];
    const std::vector<View> &rings = bands[piece.band].rings;
    const Input input =
        Input::of(rings[stage - 1], conv->identity, conv->inputs, 4 * piece.step.tile_row - 1, 6);
    ConvBlock block{};
    block.conv = conv;
    block.inputs = &input;
    block.input_count = 1;
    block.slope = upsampler.slope;
    block.first_vector = part_start(vectors[stage], parts[stage], piece.part);
    block.vectors = part_start(vectors[stage], parts[stage], piece.part + 1) - block.first_vector;
    block.scratch = thread_scratch(pool, thread);
    // Most likely this thread's next piece.
    block.prefetch = inputs_of(piece.next);
    block.prefetches_output = true;
    if (last) {
        block.target = Target::linear;
        block.prefetches_output = false;
        block.output.channels = conv->identity;
        block.linear = block.scratch + upsampler.scratch;
        block.linear_stride = static_cast<ptrdiff_t>(linear_floats());
    } else {
        const int32_t rows_out = stages[stage].rows_out;
        block.target = rows_out == 8 ? Target::shuffle : Target::map;
        block.output =
            Output::of(rings[stage], conv->identity, rows_out * piece.step.tile_row, rows_out);
    }
    conv_kernel (*conv)(block);
    if (!last) return;
    const int32_t pixels = 4 * upsampler.kernels->lanes;
    const int32_t first = block.first_vector * pixels;
    finish(piece, first, std::min(block.vectors * pixels, widths[stage] - first), thread);
}

/// Row `y` of the output between the frame's rows: [−1 … columns] from the frame's column `first`,
/// edges continued.
void interpolate_rows(const float *plane, int32_t height, int32_t width, int32_t scale, int32_t y,
                      int32_t first, int32_t columns, float *below) {
    // Output pixel y lies at (y + ½) / scale − ½ of the frame.
    const float position =
        std::max((static_cast<float>(y) + 0.5f) / static_cast<float>(scale) - 0.5f, 0.0f);
    const int32_t upper = std::min(static_cast<int32_t>(position), height - 1);
    const int32_t lower = std::min(upper + 1, height - 1);
    const float weight = position - static_cast<float>(upper);
    const float *a = plane + static_cast<ptrdiff_t>(upper) * width;
    const float *b = plane + static_cast<ptrdiff_t>(lower) * width;
    for (int32_t x = -1; x <= columns; x++) {
        const int32_t column = std::clamp(first + x, int32_t{0}, width - 1);
        below[x] = (1 - weight) * a[column] + weight * b[column];
    }
}

void Pipeline::finish(const Piece &piece, int32_t first_column, int32_t columns, int32_t thread) {
    const int32_t scale = upsampler.scale;
    const ptrdiff_t stride = static_cast<ptrdiff_t>(linear_floats());
    float *results = thread_scratch(pool, thread) + upsampler.scratch;
    float *below = results + 12 * stride + 16;
    const int32_t rows = std::min(4, stages.back().height - 4 * piece.step.tile_row);
    for (int32_t channel = 0; channel < 3; channel++) {
        const float *plane = frame + static_cast<ptrdiff_t>(channel) * height * width;
        for (int32_t row = 0; row < rows; row++) {
            const int32_t y = 4 * piece.step.tile_row + row;
            interpolate_rows(plane, height, width, scale, y, first_column / scale, columns / scale,
                             below);
            const ptrdiff_t at =
                channel * output.plane_stride + y * output.row_stride + first_column;
            upsampler.kernels->image_row({
                .scale = scale,
                .columns = columns / scale,
                .results = results + (channel * 4 + row) * stride,
                .below = below,
                .floats = output.bytes ? nullptr : output.floats + at,
                .bytes = output.bytes ? output.bytes + at : nullptr,
            });
        }
    }
}

bool pack(vsr_pool *pool, vsr_upsampler &upsampler, const vsr_upsampler_weights &w,
          vsr_precision precision) {
    const bool twice = w.scale == 4;
    const int32_t refined_inputs = twice ? w.second : w.first;
    const auto add = [&](int32_t kernel, int32_t inputs, int32_t outputs, const float *weights,
                         const float *bias, vsr_precision p) {
        upsampler.layers.push_back(
            vsr_conv_create(pool, kernel, inputs, outputs, weights, bias, p));
    };
    upsampler.layers.reserve(5);
    add(1, w.hidden, w.fused, w.fusion_weights, w.fusion_bias, VSR_PRECISION_FP32);
    add(3, w.fused, 4 * w.first, w.upconv1_weights, w.upconv1_bias, precision);
    if (twice) add(3, w.first, 4 * w.second, w.upconv2_weights, w.upconv2_bias, precision);
    add(3, refined_inputs, w.refined, w.conv_hr_weights, w.conv_hr_bias, precision);
    add(3, w.refined, 3, w.conv_last_weights, w.conv_last_bias, precision);
    for (const vsr_conv *layer : upsampler.layers) {
        if (!layer) return false;
        upsampler.scratch = std::max(upsampler.scratch, conv_scratch(*layer));
        upsampler.kernels = layer->kernels;
    }
    // The rows that follow the convolutions' scratch are aligned.
    upsampler.scratch = (upsampler.scratch + 15) / 16 * 16;
    return true;
}

}  // namespace
}  // namespace vsr

vsr_upsampler *vsr_upsampler_create(vsr_pool *pool, const vsr_upsampler_weights *weights,
                                    vsr_precision precision) {
    if (weights->scale != 2 && weights->scale != 4) return nullptr;
    vsr_upsampler *upsampler = new (std::nothrow) vsr_upsampler{};
    if (!upsampler) return nullptr;
    upsampler->scale = weights->scale;
    upsampler->hidden = weights->hidden;
    upsampler->slope = weights->slope;
    try {
        if (vsr::pack(pool, *upsampler, *weights, precision)) return upsampler;
    } catch (const std::bad_alloc &) {
    }
    vsr_upsampler_destroy(upsampler);
    return nullptr;
}

void vsr_upsampler_destroy(vsr_upsampler *upsampler) {
    if (!upsampler) return;
    for (vsr_conv *layer : upsampler->layers) vsr_conv_destroy(layer);
    delete upsampler;
}

vsr_status vsr_upsample_strips(vsr_pool *pool, const vsr_upsampler *upsampler,
                               const vsr_map *const *hidden, int32_t hidden_count,
                               const float *frame, vsr_image_output output) {
    if (hidden_count < 1 || hidden_count > vsr::kMaxHidden) return VSR_INVALID_ARGUMENT;
    int64_t channels = 0;
    for (int32_t i = 0; i < hidden_count; i++) {
        channels += hidden[i]->channels;
        if (hidden[i]->height != hidden[0]->height || hidden[i]->width != hidden[0]->width) {
            return VSR_INVALID_ARGUMENT;
        }
    }
    if (channels != upsampler->hidden) return VSR_INVALID_ARGUMENT;
    try {
        const int32_t height = hidden[0]->height, width = hidden[0]->width;
        const vsr::PlanKey key{upsampler->number, height, width};
        if (!vsr::kept_plan(pool, key)) {
            vsr::keep_plan(pool, key,
                           std::make_unique<vsr::Pipeline>(*upsampler, pool, height, width));
        }
        vsr::Pipeline &pipeline = static_cast<vsr::Pipeline &>(*vsr::kept_plan(pool, key));
        const vsr_status status = pipeline.begin(hidden, hidden_count, frame, output);
        if (status != VSR_OK) return status;
        vsr::scheduled_for(pool, pipeline.schedule,
                           [&](int32_t piece, int32_t thread) { pipeline.piece(piece, thread); });
        return VSR_OK;
    } catch (const std::bad_alloc &) {
        return VSR_OUT_OF_MEMORY;
    }
}
