// A block's memory and what is done to single vectors of it.
// Included once per instruction set, inside its namespace.

VSR_INLINE void prefetch_near(const float *address) {
    __builtin_prefetch(address, 0, 3);
}

/// Spreads fetching the rows that come next over the `steps` of a block.
struct RowPrefetcher {
    const Prefetch &rows;
    int32_t steps, step = 0, done = 0;

    VSR_INLINE void advance() {
        const int32_t total = rows.count * 4;
        step++;
        if (!total) return;
        const int32_t end = total * step / steps;
        for (; done < end; done++) fetch(done);
    }

    __attribute__((noinline)) void fetch(int32_t index) {
        const View &view = *rows.view;
        const float *row = view.data + rows.channels[index / 4] * view.channel_stride +
                           view.row(rows.first_row + index % 4);
        for (ptrdiff_t i = 0; i < view.channel_stride; i += 16) {
            __builtin_prefetch(row + i, 0, 2);
        }
    }
};

/// The memory of a block with kVectors vectors of tiles.
///
/// Transformed inputs are [frequency][window row][channel][vector], where kernels of several
/// windows need one vector more; sums are [filter][frequency][vector]. Both are spread by 16
/// floats, so that frequencies and filters do not fall onto the same cache sets.
template <class W, int kVectors>
struct BlockMemory {
    static constexpr int kFrequencies = W::kInputs * W::kInputs;
    static constexpr int kRuns = W::kWindows * W::kWindows;
    static constexpr int kValueVectors = kVectors + W::kWindows - 1;
    static constexpr ptrdiff_t kChannel = kValueVectors * kLanes;
    static constexpr ptrdiff_t kSumStride = kFrequencies * kVectors * kLanes + 16;

    float *values, *sums;
    ptrdiff_t window_row, frequency;
    int32_t channels;

    BlockMemory(float *scratch, int32_t inputs)
        : values(scratch),
          window_row(inputs * kChannel),
          frequency(W::kWindows * window_row + 16),
          channels(inputs) {
        sums = values + kFrequencies * frequency;
    }

    VSR_INLINE GemmValues<kRuns> gemm_values(int f) const {
        GemmValues<kRuns> result{{}, channels, kChannel};
        VSR_UNROLL
        for (int run = 0; run < kRuns; run++) {
            result.runs[run] =
                values + f * frequency + run / W::kWindows * window_row + run % W::kWindows;
        }
        return result;
    }
};

/// Fetches what `transform_input` reads of a vector.
template <class W>
VSR_INLINE void prefetch_input(const float *from, const ptrdiff_t *rows, const int32_t *phases) {
    VSR_UNROLL
    for (int y = 0; y < W::kInputs; y++) {
        VSR_UNROLL
        for (int x = 0; x < 4; x++) prefetch_near(from + rows[y] + phases[x]);
    }
}

/// Transforms vector `j` of one channel for one window row.
template <class W>
VSR_INLINE void transform_vector(const ConvBlock &block, const Input &input, const float *channel,
                                 const ptrdiff_t *rows, int32_t j, float *to, ptrdiff_t stride) {
    const int32_t tile = (block.first_vector + j) * kLanes;
    const float *from = channel + tile;
    if (W::kLeft > 1 && tile == 0) {
        transform_input<W, Edge::left>(from, rows, input.phase_offset, to, stride);
    } else if (W::kWindows > 1 && tile == input.tiles) {
        transform_input<W, Edge::right>(from, rows, input.phase_offset, to, stride);
    } else {
        transform_input<W, Edge::none>(from, rows, input.phase_offset, to, stride);
    }
}
