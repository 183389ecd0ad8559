// The upsampler as pipelines over bands of rows: every layer's result lives in rings of rows.
#include <algorithm>
#include <memory>
#include <new>
#include <vector>

#include "include/vsr_upsample.h"
#include "packed_conv.h"
#include "pool.h"
#include "upsample_bands.h"
#include "view.h"

/// The convolutions in order, from the fusion to the one that gives the picture.
struct vsr_upsampler {
    const uint64_t number = vsr::new_owner();
    int32_t scale, hidden;
    float slope;
    std::vector<vsr_conv *> layers;
    /// Of the pixel-shuffle after each, 1 for none.
    std::vector<int32_t> factors;
    const vsr::KernelTable *kernels;
    size_t scratch = 0;
};

namespace vsr {
namespace {

constexpr int32_t kMaxHidden = 4;

/// How the upsampler goes through maps of one size, and where everything is in the run under way.
struct Pipeline : KeptPlan {
    const vsr_upsampler &upsampler;
    vsr_pool *pool;
    int32_t height, width;
    UpsampleBands work;
    /// Of every band, what each layer but the last writes.
    std::vector<std::vector<View>> rings;

    View hidden[kMaxHidden] = {};
    int32_t hidden_count = 0;
    const float *frame = nullptr;
    vsr_image_output output{};

    Pipeline(const vsr_upsampler &upsampler, vsr_pool *pool, int32_t height, int32_t width);
    vsr_status begin(const vsr_map *const *maps, int32_t count, const float *picture,
                     const vsr_image_output &target);
    void piece(int32_t index, int32_t thread);

  private:
    size_t ring_size(size_t band, size_t layer) const;
    void fuse(const Piece &piece, int32_t thread);
    void convolve(const Piece &piece, int32_t thread);
    Prefetch inputs_of(int32_t index) const;
    void finish(const Piece &piece, int32_t thread);
    size_t linear_floats() const;
};

/// Floats of one row of results that wait for the base, and of one row of the frame.
size_t Pipeline::linear_floats() const {
    const KernelTable &kernels = *upsampler.kernels;
    return static_cast<size_t>(kernels.max_vectors) * static_cast<size_t>(kernels.lanes) * 4;
}

Pipeline::Pipeline(const vsr_upsampler &upsampler, vsr_pool *pool, int32_t height, int32_t width)
    : upsampler(upsampler),
      pool(pool),
      height(height),
      width(width),
      work(*upsampler.kernels, upsampler.factors, vsr_pool_threads(pool), height, width),
      rings(work.bands.size(), std::vector<View>(upsampler.layers.size() - 1)) {
    reserve_work_plan(pool, work.work_plan);
}

/// Bytes of the ring that a layer writes: channels, height and width are what the next one reads.
size_t Pipeline::ring_size(size_t band, size_t layer) const {
    return ring_bytes(upsampler.layers[layer + 1]->inputs, work.bands[band].plan.ring_rows[layer],
                      work.layers[layer + 1].width);
}

/// Other runs use the same scratch memory in between, so that its padding is to be zeroed again.
vsr_status Pipeline::begin(const vsr_map *const *maps, int32_t count, const float *picture,
                           const vsr_image_output &target) {
    hidden_count = count;
    for (int32_t i = 0; i < count; i++) hidden[i] = view(*maps[i]);
    frame = picture;
    output = target;
    size_t total = 0;
    for (size_t band = 0; band < rings.size(); band++) {
        for (size_t i = 0; i < rings[band].size(); i++) {
            if (ring_size(band, i) == 0) return VSR_INVALID_ARGUMENT;
            total += ring_size(band, i);
        }
    }
    const size_t scratch = upsampler.scratch + 16 * linear_floats();
    if (!reserve_scratch(pool, scratch * sizeof(float), total)) return VSR_OUT_OF_MEMORY;
    std::byte *memory = shared_scratch(pool);
    for (size_t band = 0; band < rings.size(); band++) {
        for (size_t i = 0; i < rings[band].size(); i++) {
            const Layer &reader = work.layers[i + 1];
            rings[band][i] =
                ring(memory, upsampler.layers[i + 1]->inputs, work.bands[band].plan.ring_rows[i],
                     reader.rows.height, reader.width);
            memory += ring_size(band, i);
        }
    }
    work.begin();
    return VSR_OK;
}

void Pipeline::piece(int32_t index, int32_t thread) {
    const Piece &piece = work.pieces[static_cast<size_t>(index)];
    work.wait_for_others(piece);
    if (piece.step.layer == 0) {
        fuse(piece, thread);
    } else {
        convolve(piece, thread);
    }
    work.finished(piece);
}

void Pipeline::fuse(const Piece &piece, int32_t thread) {
    const int32_t tile_row = piece.step.tile_row;
    const View &ring = rings[piece.band][0];
    const vsr_conv *fusion = upsampler.layers[0];
    const int32_t end = std::min(4 * tile_row + 4, height);
    for (int32_t y = 4 * tile_row; y < end; y++) {
        Input inputs[kMaxHidden];
        for (int32_t i = 0; i < hidden_count; i++) {
            inputs[i] = Input::of(hidden[i], fusion->identity, hidden[i].channels, y, 1);
        }
        ConvPiece conv_piece{};
        conv_piece.conv = fusion;
        conv_piece.inputs = inputs;
        conv_piece.input_count = hidden_count;
        conv_piece.output = Output::of(ring, fusion->identity, y, 1);
        conv_piece.target = Target::map;
        conv_piece.slope = upsampler.slope;
        conv_piece.scratch = thread_scratch(pool, thread);
        upsampler.kernels->conv1(conv_piece);
    }
}

/// What piece `index` will read, nothing for −1.
Prefetch Pipeline::inputs_of(int32_t index) const {
    if (index < 0) return {};
    const Piece &piece = work.pieces[static_cast<size_t>(index)];
    const size_t layer = static_cast<size_t>(piece.step.layer);
    if (layer == 0) return {};
    const int32_t lanes = upsampler.kernels->lanes;
    const vsr_conv *conv = upsampler.layers[layer];
    return {.view = &rings[piece.band][layer - 1],
            .channels = conv->identity,
            .count = conv->inputs,
            .first_row = 4 * piece.step.tile_row - 1,
            .rows = 6,
            .first_tile = piece.first * lanes,
            .tiles = (piece.end - piece.first) * lanes};
}

void Pipeline::convolve(const Piece &piece, int32_t thread) {
    const size_t layer = static_cast<size_t>(piece.step.layer);
    const bool last = layer + 1 == work.layers.size();
    const vsr_conv *conv = upsampler.layers[layer];
    const std::vector<View> &views = rings[piece.band];
    const Input input =
        Input::of(views[layer - 1], conv->identity, conv->inputs, 4 * piece.step.tile_row - 1, 6);
    ConvPiece conv_piece{};
    conv_piece.conv = conv;
    conv_piece.inputs = &input;
    conv_piece.input_count = 1;
    conv_piece.slope = upsampler.slope;
    conv_piece.first_vector = piece.first;
    conv_piece.vectors = piece.end - piece.first;
    conv_piece.scratch = thread_scratch(pool, thread);
    // This thread's next piece where a band is its own, most likely a near one where it is shared.
    conv_piece.prefetch = inputs_of(piece.next);
    conv_piece.prefetches_output = true;
    if (last) {
        conv_piece.target = Target::linear;
        conv_piece.prefetches_output = false;
        conv_piece.output.channels = conv->identity;
        conv_piece.linear = conv_piece.scratch + upsampler.scratch;
        conv_piece.linear_stride = static_cast<ptrdiff_t>(linear_floats());
    } else {
        const int32_t rows_out = work.layers[layer].rows.rows_out;
        conv_piece.target = rows_out == 8 ? Target::shuffle : Target::map;
        conv_piece.output =
            Output::of(views[layer], conv->identity, rows_out * piece.step.tile_row, rows_out);
    }
    const auto kernel = conv_kernel(*conv);
    kernel(conv_piece);
    if (last) finish(piece, thread);
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

/// Adds the base to the last layer's results and writes the output's pixels.
void Pipeline::finish(const Piece &piece, int32_t thread) {
    const int32_t scale = upsampler.scale, pixels = 4 * upsampler.kernels->lanes;
    const Layer &layer = work.layers.back();
    const int32_t first_column = piece.first * pixels;
    const int32_t columns = std::min(piece.end * pixels, layer.width) - first_column;
    const ptrdiff_t stride = static_cast<ptrdiff_t>(linear_floats());
    float *results = thread_scratch(pool, thread) + upsampler.scratch;
    float *below = results + 12 * stride + 16;
    const int32_t rows = std::min(4, layer.rows.height - 4 * piece.step.tile_row);
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

/// The product of the factors where the kernels can do what the layers ask for, otherwise 0.
int32_t scale_of(const vsr_upsampler_layer *layers, int32_t count) {
    if (count < 2 || layers[0].factor != 1 || layers[0].channels < 1) return 0;
    const vsr_upsampler_layer &last = layers[count - 1];
    if (last.factor != 1 || last.channels != 3) return 0;
    int32_t scale = 1;
    for (int32_t i = 0; i < count; i++) {
        if (layers[i].factor != 1 && layers[i].factor != 2) return 0;
        scale *= layers[i].factor;
        if (scale > 4) return 0;
    }
    return scale > 1 ? scale : 0;
}

bool pack(vsr_pool *pool, vsr_upsampler &upsampler, const vsr_upsampler_layer *layers,
          int32_t count, vsr_precision precision, vsr_isa_set permitted) {
    int32_t inputs = upsampler.hidden;
    upsampler.layers.reserve(static_cast<size_t>(count));
    for (int32_t i = 0; i < count; i++) {
        const auto &[channels, factor, weights, bias] = layers[i];
        upsampler.factors.push_back(factor);
        upsampler.layers.push_back(vsr_conv_create(pool, i ? 3 : 1, inputs,
                                                   channels * factor * factor, weights, bias,
                                                   i ? precision : VSR_PRECISION_FP32, permitted));
        const vsr_conv *layer = upsampler.layers.back();
        if (!layer) return false;
        upsampler.scratch = std::max(upsampler.scratch, conv_scratch(*layer));
        upsampler.kernels = layer->kernels;
        inputs = channels;
    }
    // The rows that follow the convolutions' scratch are aligned.
    upsampler.scratch = (upsampler.scratch + 15) / 16 * 16;
    return true;
}

}  // namespace
}  // namespace vsr

vsr_upsampler *vsr_upsampler_create(vsr_pool *pool, int32_t hidden,
                                    const vsr_upsampler_layer *layers, int32_t count, float slope,
                                    vsr_precision precision, vsr_isa_set permitted) {
    const int32_t scale = vsr::scale_of(layers, count);
    if (scale == 0) return nullptr;
    vsr_upsampler *upsampler = new (std::nothrow) vsr_upsampler{};
    if (!upsampler) return nullptr;
    upsampler->scale = scale;
    upsampler->hidden = hidden;
    upsampler->slope = slope;
    try {
        if (vsr::pack(pool, *upsampler, layers, count, precision, permitted)) return upsampler;
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
        vsr::Pipeline &pipeline = vsr::plan_of<vsr::Pipeline>(*upsampler, pool, height, width);
        const vsr_status status = pipeline.begin(hidden, hidden_count, frame, output);
        if (status != VSR_OK) return status;
        vsr::planned_for(pool, pipeline.work.work_plan,
                         [&](int32_t piece, int32_t thread) { pipeline.piece(piece, thread); });
        return VSR_OK;
    } catch (const std::bad_alloc &) {
        return VSR_OUT_OF_MEMORY;
    }
}
