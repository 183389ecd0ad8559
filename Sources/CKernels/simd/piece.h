// A piece's memory and what is done to single vectors of it.
// Included once per instruction set, inside its namespace.

VSR_INLINE void prefetch_near(const float *address) {
    __builtin_prefetch(address, 0, 3);
}

/// Spreads fetching the rows that come next over the `steps` of a piece.
struct RowPrefetcher {
    const Prefetch &next;
    int32_t steps, step = 0, done = 0;

    VSR_INLINE void advance() {
        const int32_t total = next.count * next.rows;
        step++;
        if (!total) return;
        const int32_t end = total * step / steps;
        for (; done < end; done++) fetch(done / next.rows, done % next.rows);
    }

    __attribute__((noinline)) void fetch(int32_t channel, int32_t row) {
        const View &view = *next.view;
        const float *from = view.data + next.channels[channel] * view.channel_stride +
                            view.row(next.first_row + row) + next.first_tile;
        // The lines on both sides are read too, where columns beside the first and the last tile
        // lie. Whole rows are one run, from phase 3 on.
        const bool whole = next.tiles == view.tiles;
        const int32_t length = whole ? 4 * next.tiles : next.tiles;
        for (int32_t phase = 3; phase >= (whole ? 3 : 0); phase--) {
            const float *line = from + view.phase_offset[phase];
            const int32_t before = phase == 3 ? 16 : 0, after = whole || phase == 0 ? 16 : 0;
            for (int32_t i = -before; i < length + after; i += 16) {
                __builtin_prefetch(line + i, 0, 2);
            }
        }
    }
};

/// The lines that a filter's results go to.
struct OutputLines {
    const Output &output;
    bool shuffles;
    int32_t first_tile, tiles;

    OutputLines(const ConvPiece &piece, int32_t vectors)
        : output(piece.output),
          shuffles(piece.target == Target::shuffle),
          first_tile((shuffles ? 2 : 1) * piece.first_vector * kLanes),
          tiles((shuffles ? 2 : 1) * vectors * kLanes) {}

    /// Fetches, to be written, rows `first` … `end` − 1 (of 0 … 3) of a filter's results.
    template <int kLocality>
    VSR_INLINE void fetch(int32_t filter, int32_t first, int32_t end) const {
        const int32_t channel = shuffles ? filter / 4 : output.channels[filter];
        const int32_t step = shuffles ? 2 : 1;
        const int32_t row = shuffles ? filter % 4 / 2 : 0, phase = shuffles ? filter % 2 : 0;
        const float *to = output.data + channel * output.channel_stride + first_tile;
        const int32_t last = std::min(step * end, output.row_count);
        for (int32_t y = step * first + row; y < last; y += step) {
            for (int32_t x = phase; x < 4; x += step) {
                const float *line = to + output.rows[y] + output.phase_offset[x];
                for (int32_t i = 0; i < tiles; i += 16) __builtin_prefetch(line + i, 1, kLocality);
            }
        }
    }
};

/// Spreads fetching the lines of `filters` filters into the second-level cache over `steps`.
struct OutputPrefetcher {
    const OutputLines &lines;
    int32_t first_filter, filters, steps, step = 0, done = 0;

    __attribute__((noinline)) void advance() {
        const int32_t end = 4 * filters * ++step / steps;
        for (; done < end; done++) lines.fetch<2>(first_filter + done / 4, done % 4, done % 4 + 1);
    }
};

/// The memory of a piece with kVectors vectors of tiles.
///
/// Transformed inputs are [frequency][channel][vector], sums [filter][frequency][vector]. Both are
/// spread by 16 floats, so that frequencies and filters do not fall onto the same cache sets.
template <class W, int kVectors>
struct PieceMemory {
    static constexpr int kFrequencies = W::kInputs * W::kInputs;
    static constexpr ptrdiff_t kChannel = kVectors * kLanes;
    static constexpr ptrdiff_t kSumStride = kFrequencies * kVectors * kLanes + 16;

    float *values, *sums;
    ptrdiff_t frequency;
    int32_t channels;

    PieceMemory(float *scratch, int32_t inputs)
        : values(scratch), frequency(inputs * kChannel + 16), channels(inputs) {
        sums = values + kFrequencies * frequency;
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

/// Transforms vector `j` of one channel.
template <class W>
VSR_INLINE void transform_vector(const ConvPiece &piece, const Input &input, const float *channel,
                                 int32_t j, float *to, ptrdiff_t stride) {
    const int32_t tile = (piece.first_vector + j) * kLanes;
    const float *from = channel + tile;
    const int edges = W::kLeft == 1 ? kInside
                                    : (tile == 0 ? kLeftEnd : kInside) |
                                          (tile + kLanes >= input.tiles ? kRightEnd : kInside);
    switch (edges) {
        case kInside:
            return transform_input<W, kInside>(from, input.rows, input.phase_offset, to, stride);
        case kLeftEnd:
            return transform_input<W, kLeftEnd>(from, input.rows, input.phase_offset, to, stride);
        case kRightEnd:
            return transform_input<W, kRightEnd>(from, input.rows, input.phase_offset, to, stride);
        default:
            return transform_input<W, kLeftEnd | kRightEnd>(from, input.rows, input.phase_offset,
                                                            to, stride);
    }
}
