// A block of a convolution: transform the inputs, sum products, transform the results.
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

template <class W, int kVectors>
VSR_INLINE void transform_inputs(const ConvBlock &block, const BlockMemory<W, kVectors> &memory) {
    using Memory = BlockMemory<W, kVectors>;
    float *to = memory.values;
    for (int32_t source = 0; source < block.input_count; source++) {
        const Input &input = block.inputs[source];
        for (int32_t k = 0; k < input.count; k++, to += Memory::kChannel) {
            const float *channel = input.data + input.channels[k] * input.channel_stride;
            const float *next = nullptr;
            if (k + 1 < input.count) {
                next = input.data + input.channels[k + 1] * input.channel_stride;
            }
            for (int32_t j = 0; j < Memory::kValueVectors; j++) {
                VSR_UNROLL
                for (int window = 0; window < W::kWindows; window++) {
                    const ptrdiff_t *rows = input.rows + 4 * window;
                    if (next) {
                        const int32_t tile = (block.first_vector + j) * kLanes;
                        prefetch_input<W>(next + tile, rows, input.phase_offset);
                    }
                    transform_vector<W>(block, input, channel, rows, j,
                                        to + window * memory.window_row + j * kLanes,
                                        memory.frequency);
                }
            }
        }
    }
}

/// Fetches, to be written, where a filter's results go.
VSR_INLINE void prefetch_output(const Output &output, Target target, int32_t filter,
                                int32_t first_tile, int32_t tiles) {
    const bool shuffles = target == Target::shuffle;
    const int32_t channel = shuffles ? filter / 4 : output.channels[filter];
    const int32_t first = shuffles ? 2 * first_tile : first_tile;
    const int32_t count = shuffles ? 2 * tiles : tiles;
    const float *to = output.data + channel * output.channel_stride + first;
    const int32_t step = shuffles ? 2 : 1, row = shuffles ? filter % 4 / 2 : 0;
    for (int32_t y = row; y < output.row_count; y += step) {
        for (int32_t x = shuffles ? filter % 2 : 0; x < 4; x += step) {
            const float *line = to + output.rows[y] + output.phase_offset[x];
            for (int32_t i = 0; i < count; i += 16) __builtin_prefetch(line + i, 1, 3);
        }
    }
}

template <class W, int kVectors>
VSR_INLINE void output_filters(const ConvBlock &block, int32_t first, int32_t count,
                               const BlockMemory<W, kVectors> &memory) {
    const OutputFunction output = output_function<W>(block.target, block.slope);
    OutputTile tile{};
    tile.sum_stride = kVectors * kLanes;
    tile.slope = block.slope;
    tile.output = &block.output;
    tile.linear_stride = block.linear_stride;
    for (int32_t i = 0; i < count; i++) {
        const int32_t filter = first + i;
        tile.bias = block.conv->bias[filter];
        tile.channel = block.output.channels[filter];
        if (i + 1 < count && block.target != Target::linear) {
            prefetch_output(block.output, block.target, filter + 1, block.first_vector * kLanes,
                            kVectors * kLanes);
        }
        for (int32_t j = 0; j < kVectors; j++) {
            tile.sums = memory.sums + i * memory.kSumStride + j * kLanes;
            tile.first_tile = (block.first_vector + j) * kLanes;
            if (block.target == Target::linear) {
                tile.linear = block.linear + filter * 4 * block.linear_stride + j * 4 * kLanes;
            }
            output(tile);
        }
    }
}

template <class W, int kVectors>
__attribute__((noinline)) void conv_vectors(const ConvBlock &block) {
    const vsr_conv &conv = *block.conv;
    const BlockMemory<W, kVectors> memory(block.scratch, conv.inputs);
    constexpr int kRuns = memory.kRuns;

    transform_inputs(block, memory);
    RowPrefetcher prefetcher{block.prefetch, memory.kFrequencies * conv.chunk_count};
    const float *weights = conv.weights;
    int32_t tile = 0, filter = 0;
    for (int32_t chunk = 0; chunk < conv.chunk_count; chunk++) {
        const int32_t end = conv.chunk_ends[chunk];
        int32_t filters = 0;
        for (int f = 0; f < memory.kFrequencies; f++) {
            prefetcher.advance();
            const GemmValues<kRuns> values = memory.gemm_values(f);
            filters = 0;
            for (int32_t t = tile; t < end; t++) {
                const int32_t count = conv.tiles[t];
                gemm_tile_of<kRuns, kVectors>(count,
                                              std::make_integer_sequence<int, kMaxFilters>{})(
                    weights, values,
                    memory.sums + filters * memory.kSumStride + f * kVectors * kLanes,
                    memory.kSumStride);
                weights += static_cast<ptrdiff_t>(kRuns) * conv.inputs * count;
                filters += count;
            }
        }
        output_filters(block, filter, filters, memory);
        filter += filters;
        tile = end;
    }
}

template <class W, int... kVectors>
VSR_INLINE void conv_dispatch(const ConvBlock &block, std::integer_sequence<int, kVectors...>) {
    static constexpr void (*table[])(const ConvBlock &) = {conv_vectors<W, kVectors + 1>...};
    table[block.vectors - 1](block);
}

static void conv3(const ConvBlock &block) {
    conv_dispatch<Winograd3>(block, std::make_integer_sequence<int, kMaxVectors>{});
}

static void conv7(const ConvBlock &block) {
    conv_dispatch<Winograd7>(block, std::make_integer_sequence<int, kMaxVectors>{});
}
