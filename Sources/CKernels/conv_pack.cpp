// Packing of weights.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <new>
#include <vector>

#include "packed_conv.h"
#include "pool.h"
#include "winograd_points.h"

namespace vsr {
namespace {

/// G of Toom-Cook's algorithm for kernels of `taps` and tiles of four outputs: row i holds the
/// powers of point i divided by the product of its distances to the other points, the last row is
/// for the point ∞.
struct WeightTransform {
    static constexpr int kMostFrequencies = 100;

    int taps, side;
    double matrix[10][7] = {};

    WeightTransform(const std::vector<double> &points, int taps)
        : taps(taps), side(static_cast<int>(points.size()) + 1) {
        for (size_t i = 0; i < points.size(); i++) {
            double norm = 1;
            for (size_t j = 0; j < points.size(); j++) {
                if (j != i) norm *= points[i] - points[j];
            }
            double power = 1;
            for (int tap = 0; tap < taps; tap++, power *= points[i]) matrix[i][tap] = power / norm;
        }
        matrix[side - 1][taps - 1] = 1;
    }

    /// out[side][side] = G g Gᵀ for g [taps][taps], in double precision.
    void apply(const double *g, double *out) const {
        double half[10][7] = {};
        for (int i = 0; i < side; i++) {
            for (int x = 0; x < taps; x++) {
                for (int y = 0; y < taps; y++) half[i][x] += matrix[i][y] * g[y * taps + x];
            }
        }
        for (int i = 0; i < side; i++) {
            for (int j = 0; j < side; j++) {
                double sum = 0;
                for (int x = 0; x < taps; x++) sum += half[i][x] * matrix[j][x];
                out[i * side + j] = sum;
            }
        }
    }
};

const WeightTransform &weight_transform3() {
    constexpr double a = kPoints3[0], b = kPoints3[1];
    static const WeightTransform transform({0, a, -a, b, -b}, 3);
    return transform;
}

/// The points in the order of `Winograd7`.
const WeightTransform &weight_transform7() {
    constexpr double a = kPoints7[0], b = kPoints7[1], c = kPoints7[2], d = kPoints7[3];
    static const WeightTransform transform({0, a, -a, b, -b, c, -c, d, -d}, 7);
    return transform;
}

/// `total` filters as evenly as possible in register tiles of at most `most`.
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

/// Puts weights [outputs][inputs][frequencies] into the kernels' order.
bool store_weights(vsr_conv &conv, const float *weights, size_t inputs, size_t frequencies) {
    const size_t count = static_cast<size_t>(conv.outputs) * inputs * frequencies;
    // Vectors of weights may be read a little beyond the last.
    conv.weights = static_cast<float *>(allocate(count * sizeof(float) + 64));
    if (!conv.weights) return false;
    float *to = conv.weights;
    size_t chunk_filter = 0;
    for (int32_t chunk = 0, tile = 0; chunk < conv.chunk_count; chunk++) {
        size_t filter = chunk_filter;
        for (size_t f = 0; f < frequencies; f++) {
            filter = chunk_filter;
            for (int32_t t = tile; t < conv.chunk_ends[chunk]; t++) {
                for (size_t k = 0; k < inputs; k++) {
                    for (int32_t i = 0; i < conv.tiles[t]; i++) {
                        *to++ = weights[((filter + i) * inputs + k) * frequencies + f];
                    }
                }
                filter += conv.tiles[t];
            }
        }
        chunk_filter = filter;
        tile = conv.chunk_ends[chunk];
    }
    return true;
}

/// The bf16 number nearest to `value`, ties to even.
uint32_t bf16(float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    // Rounding up NaN would make it a number.
    if (std::isnan(value)) return bits >> 16 | 0x40;
    return (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
}

/// Rounds weights [outputs][inputs][frequencies] to bf16, two inputs to a float; the second of an
/// odd last pair is zero.
std::vector<float> paired(const std::vector<float> &weights, size_t outputs, size_t inputs,
                          size_t frequencies) {
    const size_t pairs = (inputs + 1) / 2;
    std::vector<float> result(outputs * pairs * frequencies);
    for (size_t i = 0; i < result.size(); i++) {
        const size_t f = i % frequencies, pair = i / frequencies % pairs;
        const size_t filter = i / frequencies / pairs;
        const float *first = &weights[(filter * inputs + 2 * pair) * frequencies + f];
        const uint32_t low = bf16(first[0]);
        const uint32_t high = 2 * pair + 1 < inputs ? bf16(first[frequencies]) : 0;
        const uint32_t bits = high << 16 | low;
        std::memcpy(&result[i], &bits, sizeof bits);
    }
    return result;
}

bool pack_winograd(vsr_conv &conv, const WeightTransform &transform, const float *weights) {
    const size_t inputs = static_cast<size_t>(conv.inputs);
    const size_t outputs = static_cast<size_t>(conv.outputs);
    const size_t taps = static_cast<size_t>(transform.taps * transform.taps);
    const size_t frequencies = static_cast<size_t>(transform.side * transform.side);
    std::vector<float> transformed(outputs * inputs * frequencies);
    for (size_t i = 0; i < outputs * inputs; i++) {
        double kernel[49], out[WeightTransform::kMostFrequencies];
        std::copy(weights + i * taps, weights + (i + 1) * taps, kernel);
        transform.apply(kernel, out);
        std::copy(out, out + frequencies, &transformed[i * frequencies]);
    }
    if (conv.precision == VSR_PRECISION_BF16) {
        const std::vector<float> pairs = paired(transformed, outputs, inputs, frequencies);
        return store_weights(conv, pairs.data(), (inputs + 1) / 2, frequencies);
    }
    return store_weights(conv, transformed.data(), inputs, frequencies);
}

bool pack(vsr_conv &conv, const float *weights, const float *bias) {
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
    if (conv.kernel == 1) {
        return store_weights(conv, weights, static_cast<size_t>(conv.inputs), 1);
    }
    return pack_winograd(conv, conv.kernel == 3 ? weight_transform3() : weight_transform7(),
                         weights);
}

}  // namespace

void (*conv_kernel(const vsr_conv &conv))(const ConvBlock &) {
    const KernelTable &kernels = *conv.kernels;
    if (conv.kernel == 1) return kernels.conv1;
    if (conv.kernel == 7) return kernels.conv7;
    return conv.precision == VSR_PRECISION_BF16 ? kernels.conv3_bf16 : kernels.conv3;
}

size_t conv_scratch(const vsr_conv &conv) {
    // Pointers to the rows read.
    if (conv.kernel == 1) return static_cast<size_t>(conv.inputs) * sizeof(float *) / sizeof(float);
    const size_t frequencies = conv.kernel == 3 ? 36 : 100;
    const size_t block = static_cast<size_t>(conv.kernels->max_vectors * conv.kernels->lanes);
    // As `BlockMemory` lays it out.
    const size_t values = static_cast<size_t>(conv.inputs) * block + 16;
    const size_t sums = frequencies * block + 16;
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

vsr_conv *vsr_conv_create(int32_t kernel, int32_t inputs, int32_t outputs, const float *weights,
                          const float *bias, vsr_precision precision) {
    constexpr int32_t kMost = 1 << 14;
    if ((kernel != 1 && kernel != 3 && kernel != 7) || inputs < 0 || outputs < 0 ||
        inputs > kMost || outputs > kMost) {
        return nullptr;
    }
    vsr_conv *conv = new (std::nothrow) vsr_conv{};
    if (!conv) return nullptr;
    conv->kernels = &vsr::kernels();
    conv->kernel = kernel;
    conv->inputs = inputs;
    conv->outputs = outputs;
    const bool halves = kernel == 3 && conv->kernels->conv3_bf16;
    conv->precision = halves ? precision : VSR_PRECISION_FP32;
    try {
        if (vsr::pack(*conv, weights, bias)) return conv;
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
