// Packing of weights.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <new>
#include <numeric>
#include <vector>

#include "allocate.h"
#include "packed_conv.h"
#include "pool.h"
#include "winograd_points.h"

namespace vsr {
namespace {

/// G of Toom-Cook's algorithm for kernels of kTaps and tiles of four outputs: row i holds the
/// powers of point i divided by the product of its distances to the other points, the last row is
/// for the point ∞.
template <int kTaps>
struct WeightTransform {
    static constexpr int kSide = kTaps + 3, kFrequencies = kSide * kSide;

    double matrix[kSide][kTaps] = {};

    explicit WeightTransform(const double (&points)[kSide - 1]) {
        for (int i = 0; i + 1 < kSide; i++) {
            double norm = 1;
            for (int j = 0; j + 1 < kSide; j++) {
                if (j != i) norm *= points[i] - points[j];
            }
            double power = 1;
            for (int tap = 0; tap < kTaps; tap++, power *= points[i]) matrix[i][tap] = power / norm;
        }
        matrix[kSide - 1][kTaps - 1] = 1;
    }

    /// out[kSide][kSide] = G g Gᵀ for g [kTaps][kTaps], in double precision, rounded once.
    void apply(const float *g, float *out) const {
        double half[kSide][kTaps];
        for (int i = 0; i < kSide; i++) {
            for (int x = 0; x < kTaps; x++) {
                double sum = 0;
                for (int y = 0; y < kTaps; y++) {
                    sum += matrix[i][y] * static_cast<double>(g[y * kTaps + x]);
                }
                half[i][x] = sum;
            }
        }
        for (int i = 0; i < kSide; i++) {
            for (int j = 0; j < kSide; j++) {
                double sum = 0;
                for (int x = 0; x < kTaps; x++) sum += half[i][x] * matrix[j][x];
                out[i * kSide + j] = static_cast<float>(sum);
            }
        }
    }
};

const WeightTransform<3> &weight_transform3() {
    constexpr double a = kPoints3[0], b = kPoints3[1];
    static const WeightTransform<3> transform({0, a, -a, b, -b});
    return transform;
}

/// The points in the order of `Winograd7`.
const WeightTransform<7> &weight_transform7() {
    constexpr double a = kPoints7[0], b = kPoints7[1], c = kPoints7[2], d = kPoints7[3];
    static const WeightTransform<7> transform({0, a, -a, b, -b, c, -c, d, -d});
    return transform;
}

/// `total` filters as evenly as possible in register tiles of at most `most`, which is no more than
/// `kChunk`.
std::vector<int32_t> split_filters(int32_t total, int32_t most) {
    const int32_t count = (total + most - 1) / most;
    std::vector<int32_t> sizes;
    for (int32_t i = 0; i < count; i++) {
        sizes.push_back(total * (i + 1) / count - total * i / count);
    }
    return sizes;
}

std::vector<int32_t> split_chunks(const std::vector<int32_t> &tiles) {
    std::vector<int32_t> ends;
    int32_t filters = 0;
    for (size_t i = 0; i < tiles.size(); i++) {
        filters += tiles[i];
        const bool last = i + 1 == tiles.size();
        if (last || filters + tiles[i + 1] > kChunk) {
            ends.push_back(static_cast<int32_t>(i) + 1);
            filters = 0;
        }
    }
    return ends;
}

template <class T>
T *copy(const T *from, size_t count) {
    T *memory = static_cast<T *>(allocate(std::max<size_t>(count, 1) * sizeof(T)));
    if (memory && count) std::memcpy(memory, from, count * sizeof(T));
    return memory;
}

/// Where a register tile's weights lie: frequency f, channel k and filter i of it at
/// start + f · frequency + k · filters + i.
struct TileWeights {
    int32_t first, filters;
    size_t start, frequency;
};

/// Of all register tiles; `groups` input channels, or pairs of them, per frequency.
std::vector<TileWeights> weights_of_tiles(const vsr_conv &conv, size_t groups, size_t frequencies) {
    std::vector<TileWeights> tiles;
    int32_t chunk_first = 0;
    for (int32_t chunk = 0, tile = 0; chunk < conv.chunk_count; chunk++) {
        const int32_t end = conv.chunk_ends[chunk];
        const int32_t filters = std::accumulate(conv.tiles + tile, conv.tiles + end, int32_t{0});
        int32_t filter = chunk_first;
        for (; tile < end; tile++) {
            const size_t start = groups * (static_cast<size_t>(chunk_first) * frequencies +
                                           static_cast<size_t>(filter - chunk_first));
            tiles.push_back(
                {filter, conv.tiles[tile], start, groups * static_cast<size_t>(filters)});
            filter += conv.tiles[tile];
        }
        chunk_first = filter;
    }
    return tiles;
}

/// Memory for `groups` weights per filter and frequency. Vectors of them may be read a little
/// beyond the last.
bool allocate_weights(vsr_conv &conv, size_t groups, size_t frequencies) {
    constexpr size_t kBeyond = 16;
    const size_t count = static_cast<size_t>(conv.outputs) * groups * frequencies;
    conv.weights = static_cast<float *>(allocate_unset((count + kBeyond) * sizeof(float)));
    if (conv.weights) std::fill_n(conv.weights + count, kBeyond, 0.0f);
    return conv.weights;
}

/// The bf16 number nearest to `value`, ties to even.
uint32_t bf16(float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    // Rounding up NaN would make it a number.
    if (std::isnan(value)) return bits >> 16 | 0x40;
    return (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
}

/// Two bf16 numbers in a float, `low` in its lower half.
float paired(float low, float high) {
    const uint32_t bits = bf16(high) << 16 | bf16(low);
    float result;
    std::memcpy(&result, &bits, sizeof bits);
    return result;
}

/// Transforms weights [outputs][inputs][kTaps][kTaps]; bf16 ones go two inputs to a float, of which
/// the second of an odd last pair is zero.
template <int kTaps>
bool pack_winograd(vsr_pool *pool, vsr_conv &conv, const WeightTransform<kTaps> &transform,
                   const float *weights) {
    constexpr size_t kFrequencies = WeightTransform<kTaps>::kFrequencies;
    const bool pairs = conv.precision == VSR_PRECISION_BF16;
    const int32_t groups = pairs ? (conv.inputs + 1) / 2 : conv.inputs;
    if (!allocate_weights(conv, static_cast<size_t>(groups), kFrequencies)) return false;
    const std::vector<TileWeights> tiles =
        weights_of_tiles(conv, static_cast<size_t>(groups), kFrequencies);
    const auto transformed = [&](int32_t filter, int32_t input, float *out) {
        if (input == conv.inputs) {
            std::fill_n(out, kFrequencies, 0.0f);
            return;
        }
        const ptrdiff_t kernel = static_cast<ptrdiff_t>(filter) * conv.inputs + input;
        transform.apply(weights + kernel * kTaps * kTaps, out);
    };
    parallel_for(pool, static_cast<int32_t>(tiles.size()), [&](int32_t index, int32_t) {
        const TileWeights &tile = tiles[static_cast<size_t>(index)];
        float group[kChunk][kFrequencies], second[kFrequencies];
        for (int32_t k = 0; k < groups; k++) {
            for (int32_t i = 0; i < tile.filters; i++) {
                transformed(tile.first + i, pairs ? 2 * k : k, group[i]);
                if (!pairs) continue;
                transformed(tile.first + i, 2 * k + 1, second);
                for (size_t f = 0; f < kFrequencies; f++)
                    group[i][f] = paired(group[i][f], second[f]);
            }
            float *to = conv.weights + tile.start + static_cast<ptrdiff_t>(k) * tile.filters;
            for (size_t f = 0; f < kFrequencies; f++, to += tile.frequency) {
                for (int32_t i = 0; i < tile.filters; i++) to[i] = group[i][f];
            }
        }
    });
    return true;
}

bool pack_pointwise(vsr_conv &conv, const float *weights) {
    const size_t inputs = static_cast<size_t>(conv.inputs);
    if (!allocate_weights(conv, inputs, 1)) return false;
    for (const TileWeights &tile : weights_of_tiles(conv, inputs, 1)) {
        float *to = conv.weights + tile.start;
        for (size_t k = 0; k < inputs; k++) {
            for (int32_t i = 0; i < tile.filters; i++) {
                *to++ = weights[static_cast<size_t>(tile.first + i) * inputs + k];
            }
        }
    }
    return true;
}

bool pack(vsr_pool *pool, vsr_conv &conv, const float *weights, const float *bias) {
    const std::vector<int32_t> tiles = split_filters(conv.outputs, conv.kernels->max_filters);
    const std::vector<int32_t> ends = split_chunks(tiles);
    std::vector<int32_t> identity(static_cast<size_t>(std::max(conv.inputs, conv.outputs)));
    for (size_t i = 0; i < identity.size(); i++) identity[i] = static_cast<int32_t>(i);
    conv.tile_count = static_cast<int32_t>(tiles.size());
    conv.chunk_count = static_cast<int32_t>(ends.size());
    conv.tiles = copy(tiles.data(), tiles.size());
    conv.chunk_ends = copy(ends.data(), ends.size());
    conv.identity = copy(identity.data(), identity.size());
    conv.bias = copy(bias, static_cast<size_t>(conv.outputs));
    if (!conv.tiles || !conv.chunk_ends || !conv.identity || !conv.bias) return false;
    switch (conv.kernel) {
        case 1:
            return pack_pointwise(conv, weights);
        case 3:
            return pack_winograd(pool, conv, weight_transform3(), weights);
        default:
            return pack_winograd(pool, conv, weight_transform7(), weights);
    }
}

}  // namespace

void (*conv_kernel(const vsr_conv &conv))(const ConvPiece &) {
    const KernelTable &kernels = *conv.kernels;
    if (conv.kernel == 1) return kernels.conv1;
    if (conv.kernel == 7) return kernels.conv7;
    return conv.precision == VSR_PRECISION_BF16 ? kernels.conv3_bf16 : kernels.conv3;
}

size_t conv_scratch(const vsr_conv &conv) {
    // Pointers to the rows read.
    if (conv.kernel == 1) return static_cast<size_t>(conv.inputs) * sizeof(float *) / sizeof(float);
    const size_t frequencies = conv.kernel == 3 ? 36 : 100;
    const size_t piece = static_cast<size_t>(conv.kernels->max_vectors * conv.kernels->lanes);
    // As `PieceMemory` lays it out.
    const size_t values = static_cast<size_t>(conv.inputs) * piece + 16;
    const size_t sums = frequencies * piece + 16;
    return frequencies * values + kChunk * sums;
}

int32_t vectors_per_row(const KernelTable &kernels, int32_t width) {
    return ((width + 3) / 4 + kernels.lanes - 1) / kernels.lanes;
}

int32_t parts_per_row(const KernelTable &kernels, int32_t vectors) {
    return (vectors + kernels.max_vectors - 1) / kernels.max_vectors;
}

int32_t part_start(int32_t vectors, int32_t parts, int32_t index) {
    return static_cast<int32_t>(int64_t{vectors} * index / parts);
}

}  // namespace vsr

vsr_conv *vsr_conv_create(vsr_pool *pool, int32_t kernel, int32_t inputs, int32_t outputs,
                          const float *weights, const float *bias, vsr_precision precision,
                          vsr_isa_set permitted) {
    constexpr int32_t kMost = 1 << 14;
    if ((kernel != 1 && kernel != 3 && kernel != 7) || inputs < 0 || outputs < 0 ||
        inputs > kMost || outputs > kMost) {
        return nullptr;
    }
    vsr_conv *conv = new (std::nothrow) vsr_conv{};
    if (!conv) return nullptr;
    conv->kernels = &vsr::kernels(permitted);
    conv->kernel = kernel;
    conv->inputs = inputs;
    conv->outputs = outputs;
    const bool halves = kernel == 3 && conv->kernels->conv3_bf16;
    conv->precision = halves ? precision : VSR_PRECISION_FP32;
    try {
        if (vsr::pack(pool, *conv, weights, bias)) return conv;
    } catch (const std::bad_alloc &) {
    }
    vsr_conv_destroy(conv);
    return nullptr;
}

void vsr_conv_destroy(vsr_conv *conv) {
    if (!conv) return;
    vsr::release(conv->tiles);
    vsr::release(conv->chunk_ends);
    vsr::release(conv->weights);
    vsr::release(conv->bias);
    vsr::release(conv->identity);
    delete conv;
}
