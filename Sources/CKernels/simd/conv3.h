// A block of a 3×3 convolution: transform the inputs, sum products, transform the results.
// Included once per instruction set, inside its namespace.

constexpr int kFrequencies = Winograd3::kInputs * Winograd3::kInputs;

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

/// Transforms every input channel of the block: values[frequency][channel][vector].
template <int kVectors>
VSR_INLINE void transform_inputs3(const ConvBlock &block, float *values, ptrdiff_t stride) {
    float *to = values;
    for (int32_t source = 0; source < block.input_count; source++) {
        const Input &input = block.inputs[source];
        for (int32_t k = 0; k < input.count; k++) {
            const float *channel = input.data + block.first_vector * kLanes;
            const float *from = channel + input.channels[k] * input.channel_stride;
            const float *next = nullptr;
            if (k + 1 < input.count) {
                next = channel + input.channels[k + 1] * input.channel_stride;
            }
            for (int j = 0; j < kVectors; j++) {
                if (next) {
                    VSR_UNROLL
                    for (int y = 0; y < Winograd3::kInputs; y++) {
                        VSR_UNROLL
                        for (int x = 0; x < 4; x++) {
                            prefetch_near(next + input.rows[y] + input.phase_offset[x] +
                                          j * kLanes);
                        }
                    }
                }
                transform_input3(from + j * kLanes, input.rows, input.phase_offset, to + j * kLanes,
                                 stride);
            }
            to += kVectors * kLanes;
        }
    }
}

template <int kVectors>
VSR_INLINE void output_filters3(const ConvBlock &block, int32_t first, int32_t count,
                                const float *sums, ptrdiff_t stride) {
    const OutputFunction output = output_function(block.target, block.slope);
    OutputTile tile{};
    tile.sum_stride = kVectors * kLanes;
    tile.slope = block.slope;
    tile.output = &block.output;
    tile.linear_stride = block.linear_stride;
    for (int32_t i = 0; i < count; i++) {
        const int32_t filter = first + i;
        tile.bias = block.conv->bias[filter];
        tile.channel = block.output.channels[filter];
        for (int j = 0; j < kVectors; j++) {
            tile.sums = sums + i * stride + j * kLanes;
            tile.first_tile = (block.first_vector + j) * kLanes;
            tile.linear = block.linear + filter * 4 * block.linear_stride + j * 4 * kLanes;
            output(tile);
        }
    }
}

template <int kVectors>
__attribute__((noinline)) void conv3_vectors(const ConvBlock &block) {
    constexpr int kWidth = kVectors * kLanes;
    const vsr_conv &conv = *block.conv;
    // 16 floats more than needed, so that the frequencies do not fall onto the same cache sets.
    const ptrdiff_t value_stride = static_cast<ptrdiff_t>(conv.inputs) * kWidth + 16;
    constexpr ptrdiff_t kSumStride = kFrequencies * kWidth + 16;
    float *values = block.scratch;
    float *sums = values + kFrequencies * value_stride;

    transform_inputs3<kVectors>(block, values, value_stride);
    RowPrefetcher prefetcher{block.prefetch, kFrequencies * conv.chunk_count};
    const float *weights = conv.weights;
    int32_t tile = 0, filter = 0;
    for (int32_t chunk = 0; chunk < conv.chunk_count; chunk++) {
        const int32_t end = conv.chunk_ends[chunk];
        int32_t filters = 0;
        for (int f = 0; f < kFrequencies; f++) {
            prefetcher.advance();
            filters = 0;
            for (int32_t t = tile; t < end; t++) {
                const int32_t count = conv.tiles[t];
                gemm_tile_of<kVectors>(count, std::make_integer_sequence<int, kMaxFilters>{})(
                    weights, values + f * value_stride, conv.inputs,
                    sums + filters * kSumStride + f * kWidth, kSumStride);
                weights += static_cast<ptrdiff_t>(conv.inputs) * count;
                filters += count;
            }
        }
        output_filters3<kVectors>(block, filter, filters, sums, kSumStride);
        filter += filters;
        tile = end;
    }
}

template <int... kVectors>
VSR_INLINE void conv3_dispatch(const ConvBlock &block, std::integer_sequence<int, kVectors...>) {
    static constexpr void (*table[])(const ConvBlock &) = {conv3_vectors<kVectors + 1>...};
    table[block.vectors - 1](block);
}

static void conv3(const ConvBlock &block) {
    conv3_dispatch(block, std::make_integer_sequence<int, kMaxVectors>{});
}
