// A block of a convolution: transform the inputs, sum products, transform the results.
// Included once per instruction set, inside its namespace.

template <class W, int kVectors>
VSR_INLINE void transform_channels(const ConvBlock &block, const BlockMemory<W, kVectors> &memory) {
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
            for (int32_t j = 0; j < kVectors; j++) {
                if (next) {
                    const int32_t tile = (block.first_vector + j) * kLanes;
                    prefetch_input<W>(next + tile, input.rows, input.phase_offset);
                }
                transform_vector<W>(block, input, channel, j, to + j * kLanes, memory.frequency);
            }
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
    const OutputLines lines(block, kVectors);
    for (int32_t i = 0; i < count; i++) {
        const int32_t filter = first + i;
        tile.bias = block.conv->bias[filter];
        tile.channel = block.output.channels[filter];
        if (i + 1 < count && block.target != Target::linear) {
            lines.fetch<3>(filter + 1, 0, 4);
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

template <class W, class P, int kVectors>
__attribute__((noinline)) void conv_vectors(const ConvBlock &block) {
    const vsr_conv &conv = *block.conv;
    const int32_t groups = (conv.inputs + P::kPerLane - 1) / P::kPerLane;
    const BlockMemory<W, kVectors> memory(block.scratch, groups);

    if constexpr (P::kPerLane == 2) {
        transform_pairs<P>(block, memory);
    } else {
        transform_channels(block, memory);
    }
    RowPrefetcher rows{block.prefetch, memory.kFrequencies * conv.chunk_count};
    const OutputLines lines(block, kVectors);
    const float *weights = conv.weights;
    int32_t tile = 0, filter = 0;
    for (int32_t chunk = 0; chunk < conv.chunk_count; chunk++) {
        const int32_t end = conv.chunk_ends[chunk];
        int32_t filters = std::accumulate(conv.tiles + tile, conv.tiles + end, int32_t{0});
        OutputPrefetcher outputs{lines, filter, filters, memory.kFrequencies};
        for (int f = 0; f < memory.kFrequencies; f++) {
            rows.advance();
            if (block.prefetches_output) outputs.advance();
            filters = 0;
            for (int32_t t = tile; t < end; t++) {
                const int32_t count = conv.tiles[t];
                gemm_tile_of<P, kVectors>(count, std::make_integer_sequence<int, kMaxFilters>{})(
                    weights, memory.values + f * memory.frequency, groups,
                    memory.sums + filters * memory.kSumStride + f * kVectors * kLanes,
                    memory.kSumStride);
                weights += static_cast<ptrdiff_t>(groups) * count;
                filters += count;
            }
        }
        output_filters(block, filter, filters, memory);
        filter += filters;
        tile = end;
    }
}

template <class W, class P, int... kVectors>
VSR_INLINE void conv_dispatch(const ConvBlock &block, std::integer_sequence<int, kVectors...>) {
    static constexpr void (*table[])(const ConvBlock &) = {conv_vectors<W, P, kVectors + 1>...};
    table[block.vectors - 1](block);
}

template <class W, class P>
void conv_block(const ConvBlock &block) {
    conv_dispatch<W, P>(block, std::make_integer_sequence<int, kMaxVectors>{});
}
