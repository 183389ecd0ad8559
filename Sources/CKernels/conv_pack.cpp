// Packing of weights.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <vector>

#include "packed_conv.h"
#include "pool.h"
#include "winograd_points.h"

namespace vsr {
namespace {

constexpr int kSide = 6;

/// G g for one column of three weights: G's row i holds the powers of point i, divided by the
/// product of its distances to the other points.
void transform_weights3(const double *g, double *out) {
    constexpr double a = kPointA, b = kPointB;
    constexpr double points[5] = {0, a, -a, b, -b};
    for (int i = 0; i < 5; i++) {
        double norm = 1;
        for (int j = 0; j < 5; j++) {
            if (j != i) norm *= points[i] - points[j];
        }
        out[i] = (g[0] + points[i] * g[1] + points[i] * points[i] * g[2]) / norm;
    }
    out[5] = g[2];
}

/// G g Gᵀ, in double precision: the only rounding is the last.
void transform_filter3(const float *weights, float *out) {
    double columns[3][kSide];
    for (int x = 0; x < 3; x++) {
        const double g[3] = {weights[x], weights[3 + x], weights[6 + x]};
        transform_weights3(g, columns[x]);
    }
    for (int y = 0; y < kSide; y++) {
        const double g[3] = {columns[0][y], columns[1][y], columns[2][y]};
        double row[kSide];
        transform_weights3(g, row);
        for (int x = 0; x < kSide; x++) out[y * kSide + x] = static_cast<float>(row[x]);
    }
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
bool store_weights(vsr_conv &conv, const float *weights, size_t frequencies) {
    const size_t inputs = static_cast<size_t>(conv.inputs);
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

bool pack_winograd3(vsr_conv &conv, const float *weights) {
    constexpr size_t kFrequencies = kSide * kSide;
    const size_t pairs = static_cast<size_t>(conv.outputs) * static_cast<size_t>(conv.inputs);
    std::vector<float> transformed(pairs * kFrequencies);
    for (size_t i = 0; i < pairs; i++) {
        transform_filter3(weights + i * 9, &transformed[i * kFrequencies]);
    }
    return store_weights(conv, transformed.data(), kFrequencies);
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
    return conv.kernel == 1 ? store_weights(conv, weights, 1) : pack_winograd3(conv, weights);
}

}  // namespace

size_t conv_scratch(const vsr_conv &conv) {
    // Pointers to the rows read.
    if (conv.kernel == 1) return static_cast<size_t>(conv.inputs) * sizeof(float *) / sizeof(float);
    const size_t width =
        static_cast<size_t>(conv.kernels->max_vectors) * static_cast<size_t>(conv.kernels->lanes);
    const size_t values = static_cast<size_t>(conv.inputs) * width + 16;
    return kSide * kSide * values + kChunk * (kSide * kSide * width + 16);
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
    if ((kernel != 1 && kernel != 3) || inputs < 0 || outputs < 0 || inputs > kMost ||
        outputs > kMost) {
        return nullptr;
    }
    vsr_conv *conv = new (std::nothrow) vsr_conv{};
    if (!conv) return nullptr;
    conv->kernels = &vsr::kernels();
    conv->kernel = kernel;
    conv->inputs = inputs;
    conv->outputs = outputs;
    conv->precision = precision;
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
