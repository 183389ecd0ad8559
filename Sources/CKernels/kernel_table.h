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

/// Channels of one map that a kernel reads, and where the rows that it needs begin (relative to
/// `data`; they may lie in several buffers of the same shape).
struct Input {
    static constexpr int kMostRows = 10;

    const float *data;
    ptrdiff_t channel_stride;
    const int32_t *phase_offset;
    int32_t tiles;
    const int32_t *channels;
    int32_t count;
    ptrdiff_t rows[kMostRows];

    /// Rows `first`, `first + 1`, … of `view`.
    static Input of(const View &view, const int32_t *channels, int32_t count, int32_t first,
                    int32_t row_count) {
        Input input{view.data, view.channel_stride, view.phase_offset, view.tiles, channels, count,
                    {}};
        for (int32_t y = 0; y < row_count; y++) input.rows[y] = view.row(first + y);
        return input;
    }
};

/// Where a kernel's results go; rows beyond `row_count` are dropped.
struct Output {
    static constexpr int kMostRows = 8;

    float *data;
    ptrdiff_t channel_stride;
    const int32_t *phase_offset;
    const int32_t *channels;
    int32_t width, tiles, row_count;
    ptrdiff_t rows[kMostRows];

    static Output of(const View &view, const int32_t *channels, int32_t first, int32_t most) {
        Output output{view.data,
                      view.channel_stride,
                      view.phase_offset,
                      channels,
                      view.width,
                      view.tiles,
                      view.height - first < most ? view.height - first : most,
                      {}};
        for (int32_t y = 0; y < most; y++) output.rows[y] = view.row(first + y);
        return output;
    }
};

/// Rows that will be read soon: fetched into the second-level cache while products are summed.
struct Prefetch {
    const View *view = nullptr;
    const int32_t *channels = nullptr;
    int32_t count = 0, first_row = 0, rows = 0;
    /// Of each phase.
    int32_t first_tile = 0, tiles = 0;
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

/// A tile row (four rows of results; for 1×1 one row), or a part of it, of a convolution.
struct ConvPiece {
    const vsr_conv *conv;
    /// For 3×3: six rows, from the one above the tile row. For 7×7: ten, from three above it. For
    /// 1×1: the row.
    const Input *inputs;
    int32_t input_count;
    Output output;
    Target target;
    float slope;
    /// Vectors of tiles, counted from the left.
    int32_t first_vector, vectors;
    /// Written for `Target::linear`: [outputs, 4, linear_stride], column 0 at the piece's start.
    float *linear;
    ptrdiff_t linear_stride;
    /// `conv_scratch(conv)` floats, aligned.
    float *scratch;
    Prefetch prefetch;
    /// Whether the output's lines are fetched while products are summed: where it is not in the
    /// second-level cache anyway.
    bool prefetches_output;
};

/// A row of the output image, or a part of it.
struct ImageRow {
    int32_t scale;
    /// Pixels of the low-resolution frame.
    int32_t columns;
    /// The last convolution's results [scale · columns]; overwritten.
    float *results;
    /// The frame at this row [−1 … columns], interpolated between its rows.
    const float *below;
    /// One of them is NULL.
    float *floats;
    uint8_t *bytes;
};

/// A row of a warped map.
struct WarpRow {
    const View *source;
    /// The row's flow, split into phases [4, tiles].
    const float *dx, *dy;
    int32_t y;
    /// Channel 0 of the row.
    float *destination;
};

/// C += A · B; see vsr_matmul.h.
template <typename T>
struct Product {
    ptrdiff_t rows, columns, depth;
    const T *a;
    ptrdiff_t a_row, a_column;
    const T *b;
    ptrdiff_t b_row;
    T *c;
    ptrdiff_t c_row;
    bool upper;
};

struct KernelTable {
    vsr_isa isa;
    /// Floats per vector, most vectors per piece, most filters per register tile.
    int32_t lanes, max_vectors, max_filters;
    void (*conv1)(const ConvPiece &);
    void (*conv3)(const ConvPiece &);
    void (*conv7)(const ConvPiece &);
    /// NULL where the instruction set has no bf16 products.
    void (*conv3_bf16)(const ConvPiece &);
    void (*image_row)(const ImageRow &);
    void (*warp_row)(const WarpRow &);
    void (*multiply_floats)(const Product<float> &);
    void (*multiply_doubles)(const Product<double> &);
};

/// The tables that were built in, NULL where not for this architecture.
const KernelTable *baseline_kernels();
const KernelTable *avx2_kernels();
const KernelTable *avx512_kernels();
const KernelTable *avx512_bf16_kernels();

/// The table of the best available one of `permitted`.
const KernelTable &kernels(vsr_isa_set permitted);

}  // namespace vsr
#endif
