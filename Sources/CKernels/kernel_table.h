// The table through which instruction sets are chosen, and what its kernels are given.
#ifndef VSR_KERNEL_TABLE_H
#define VSR_KERNEL_TABLE_H

#include <cstddef>
#include <cstdint>

#include "include/vsr_conv.h"
#include "include/vsr_isa.h"
#include "view.h"

struct vsr_conv;

namespace vsr {

struct KernelTable;

/// Channels of one map that a kernel reads.
struct Input {
    View view;
    const int32_t *channels;
    int32_t count;
};

/// Rows that will be read soon: fetched into the second-level cache while products are summed.
struct Prefetch {
    const View *view = nullptr;
    const int32_t *channels = nullptr;
    int32_t count = 0, first_row = 0;
};

enum class Target : int32_t {
    /// The channels of `output`, replaced.
    map,
    /// The channels of `output`, added to.
    sum,
    /// `output` at twice the size: filter 4c + 2i + j gives rows 2y + i, columns 2x + j of c.
    shuffle,
    /// `linear`, an image row by row.
    linear,
};

/// A tile row (4 rows of pixels), or a part of it, of a convolution.
struct ConvBlock {
    const vsr_conv *conv;
    const Input *inputs;
    int32_t input_count;
    View output;
    const int32_t *output_channels;
    Target target;
    float slope;
    /// Four rows begin at 4 · `tile_row`; vectors of tiles are counted from the left.
    int32_t tile_row, first_vector, vectors;
    /// Written for `Target::linear`: [outputs, 4, linear_stride], column 0 at the block's start.
    float *linear;
    ptrdiff_t linear_stride;
    /// `conv_scratch(conv)` floats, aligned.
    float *scratch;
    Prefetch prefetch;
};

/// Pixels on which a 1×1 convolution works.
struct PointBlock {
    const vsr_conv *conv;
    const Input *inputs;
    int32_t input_count;
    View output;
    const int32_t *output_channels;
    Target target;
    float slope;
    int32_t row;
};

struct KernelTable {
    vsr_isa isa;
    /// Floats per vector, most vectors per block, most filters per register tile.
    int32_t lanes, max_vectors, max_filters;
    void (*conv3)(const ConvBlock &);
    /// NULL where the instruction set has no bf16 products.
    void (*conv3_bf16)(const ConvBlock &);
};

/// The tables that were built in, NULL where not for this architecture.
const KernelTable *baseline_kernels();
const KernelTable *avx2_kernels();
const KernelTable *avx512_kernels();
const KernelTable *avx512_bf16_kernels();

/// The table selected now.
const KernelTable &kernels();

}  // namespace vsr
#endif
