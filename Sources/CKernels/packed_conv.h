// A convolution's weights in the order in which the kernels read them.
#ifndef VSR_PACKED_CONV_H
#define VSR_PACKED_CONV_H

#include <cstdint>

#include "include/vsr_conv.h"
#include "kernel_table.h"

/// Winograd weights are stored by chunk of filters, frequency, register tile, input channel,
/// filter.
struct vsr_conv {
    const vsr::KernelTable *kernels;
    int32_t kernel, inputs, outputs;
    /// BF16 only where the kernels have it.
    vsr_precision precision;
    /// Filters of each register tile; the register tiles of each chunk end at `chunk_ends`.
    int32_t *tiles;
    int32_t tile_count;
    int32_t *chunk_ends;
    int32_t chunk_count;
    float *weights;
    float *bias;
    /// 0, 1, 2, … for sources and outputs that name no channels.
    int32_t *identity;
};

namespace vsr {

/// Filters whose products are kept at a time: their sums (36 per tile) stay in the second-level
/// cache beside the transformed input.
constexpr int32_t kChunk = 16;

/// The kernel that computes a piece of `conv`.
void (*conv_kernel(const vsr_conv &conv))(const ConvPiece &);

/// Floats of scratch that a piece of `conv` needs.
size_t conv_scratch(const vsr_conv &conv);

/// Vectors of tiles that a row of `width` pixels takes.
int32_t vectors_per_row(const KernelTable &kernels, int32_t width);

/// Parts into which a row of `vectors` is split, so that they are nearly equal, and where part
/// `index` begins.
int32_t parts_per_row(const KernelTable &kernels, int32_t vectors);
int32_t part_start(int32_t vectors, int32_t parts, int32_t index);

}  // namespace vsr
#endif
