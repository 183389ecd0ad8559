// What becomes of a 3×3 convolution's sums: activation and placement.
// Included once per instruction set, inside its namespace.

enum class Activation { none, relu, leaky };

/// One filter's results for one vector of tiles.
struct OutputTile {
    const float *sums;
    ptrdiff_t sum_stride;
    float bias, slope;
    const Output *output;
    /// The filter's output channel; for `shuffle` the filter's own number.
    int32_t channel;
    int32_t first_tile;
    float *linear;
    ptrdiff_t linear_stride;
};

template <class W, Activation kActivation>
VSR_INLINE void activated_output(const OutputTile &tile, Vec (*out)[4]) {
    transform_output<W>(tile.sums, tile.sum_stride, splat(tile.bias), out);
    VSR_UNROLL
    for (int y = 0; y < 4; y++) {
        VSR_UNROLL
        for (int x = 0; x < 4; x++) {
            if (kActivation == Activation::relu) out[y][x] = rectified(out[y][x]);
            if (kActivation == Activation::leaky) out[y][x] = leaky(out[y][x], splat(tile.slope));
        }
    }
}

/// Tiles of a row of `width` pixels that have a pixel of `phase`, counted from `first_tile`.
VSR_INLINE int32_t tiles_left(int32_t width, int32_t phase, int32_t first_tile) {
    return (width + 3 - phase) / 4 - first_tile;
}

template <class W, Activation kActivation, bool kSum>
__attribute__((noinline)) void output_to_map(const OutputTile &tile) {
    Vec out[4][4];
    activated_output<W, kActivation>(tile, out);
    // Copies, since for all the compiler knows the stores might change the original.
    const Output output = *tile.output;
    float *channel = output.data + tile.channel * output.channel_stride + tile.first_tile;
    const int32_t tiles = tiles_left(output.width, 3, tile.first_tile);
    if (tiles < kLanes) {
        VSR_UNROLL
        for (int x = 0; x < 4; x++) {
            const int32_t count = tiles_left(output.width, x, tile.first_tile);
            VSR_UNROLL
            for (int y = 0; y < 4; y++) out[y][x] = keep_first(out[y][x], count);
        }
    }
    VSR_UNROLL
    for (int y = 0; y < 4; y++) {
        if (y >= output.row_count) return;
        float *row = channel + output.rows[y];
        VSR_UNROLL
        for (int x = 0; x < 4; x++) {
            float *to = row + output.phase_offset[x];
            store(to, kSum ? load(to) + out[y][x] : out[y][x]);
        }
    }
}

/// Column 4t + x of the input's tile t becomes column 8t + 2x + j, of tile 2t + x div 2.
template <Activation kActivation>
__attribute__((noinline)) void output_shuffled(const OutputTile &tile) {
    Vec out[4][4];
    activated_output<Winograd3, kActivation>(tile, out);
    const Output output = *tile.output;
    const int32_t row_half = tile.channel % 4 / 2, column_half = tile.channel % 2;
    const int32_t first = 2 * tile.first_tile;
    float *channel = output.data + tile.channel / 4 * output.channel_stride + first;
    const bool full = tiles_left(output.width, 3, first) >= 2 * kLanes;
    // A narrow map may end before the second half.
    const bool has_high = first + kLanes < output.tiles;
    VSR_UNROLL
    for (int y = 0; y < 4; y++) {
        const int32_t output_row = 2 * y + row_half;
        if (output_row >= output.row_count) return;
        float *row = channel + output.rows[output_row];
        VSR_UNROLL
        for (int pair = 0; pair < 2; pair++) {
            const int32_t phase = 2 * pair + column_half;
            float *to = row + output.phase_offset[phase];
            Vec low = interleaved_low(out[y][pair], out[y][pair + 2]);
            Vec high = interleaved_high(out[y][pair], out[y][pair + 2]);
            if (!full) {
                low = keep_first(low, tiles_left(output.width, phase, first));
                high = keep_first(high, tiles_left(output.width, phase, first + kLanes));
            }
            store(to, low);
            if (has_high) store(to + kLanes, high);
        }
    }
}

__attribute__((noinline)) static void output_linear(const OutputTile &tile) {
    Vec out[4][4];
    activated_output<Winograd3, Activation::none>(tile, out);
    VSR_UNROLL
    for (int y = 0; y < 4; y++) {
        float *to = tile.linear + y * tile.linear_stride;
        const Vec even_low = interleaved_low(out[y][0], out[y][2]);
        const Vec even_high = interleaved_high(out[y][0], out[y][2]);
        const Vec odd_low = interleaved_low(out[y][1], out[y][3]);
        const Vec odd_high = interleaved_high(out[y][1], out[y][3]);
        store(to, interleaved_low(even_low, odd_low));
        store(to + kLanes, interleaved_high(even_low, odd_low));
        store(to + 2 * kLanes, interleaved_low(even_high, odd_high));
        store(to + 3 * kLanes, interleaved_high(even_high, odd_high));
    }
}

using OutputFunction = void (*)(const OutputTile &);

/// Shuffling and linear results are those of 3×3 kernels only.
template <class W>
VSR_INLINE OutputFunction output_function(Target target, float slope) {
    switch (target) {
        case Target::sum:
            return output_to_map<W, Activation::none, true>;
        case Target::linear:
            return output_linear;
        case Target::map:
            return slope == 0   ? output_to_map<W, Activation::relu, false>
                   : slope == 1 ? output_to_map<W, Activation::none, false>
                                : output_to_map<W, Activation::leaky, false>;
        case Target::shuffle:
            break;
    }
    return slope == 0   ? output_shuffled<Activation::relu>
           : slope == 1 ? output_shuffled<Activation::none>
                        : output_shuffled<Activation::leaky>;
}
