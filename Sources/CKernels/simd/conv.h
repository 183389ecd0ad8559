// A piece of a convolution: transform the inputs, sum products, transform the results.
// Included once per instruction set, inside its namespace.

template <class W, int kVectors>
VSR_INLINE void transform_channels(const ConvPiece &piece, const PieceMemory<W, kVectors> &memory) {
    using Memory = PieceMemory<W, kVectors>;
    float *to = memory.values;
    for (int32_t source = 0; source < piece.input_count; source++) {
        const Input &input = piece.inputs[source];
        for (int32_t k = 0; k < input.count; k++, to += Memory::kChannel) {
            const float *channel = input.data + input.channels[k] * input.channel_stride;
            const float *next = nullptr;
            if (k + 1 < input.count) {
                next = input.data + input.channels[k + 1] * input.channel_stride;
            }
            for (int32_t j = 0; j < kVectors; j++) {
                if (next) {
                    const int32_t tile = (piece.first_vector + j) * kLanes;
                    prefetch_input<W>(next + tile, input.rows, input.phase_offset);
                }
                transform_vector<W>(piece, input, channel, j, to + j * kLanes, memory.frequency);
            }
        }
    }
}

template <class W, int kVectors>
VSR_INLINE void output_filters(const ConvPiece &piece, int32_t first, int32_t count,
                               const PieceMemory<W, kVectors> &memory) {
    const OutputFunction output = output_function<W>(piece.target, piece.slope);
    OutputTile tile{};
    tile.sum_stride = kVectors * kLanes;
    tile.slope = piece.slope;
    tile.output = &piece.output;
    tile.linear_stride = piece.linear_stride;
    const OutputLines lines(piece, kVectors);
    for (int32_t i = 0; i < count; i++) {
        const int32_t filter = first + i;
        tile.bias = piece.conv->bias[filter];
        tile.channel = piece.output.channels[filter];
        if (i + 1 < count && piece.target != Target::linear) {
            lines.fetch<3>(filter + 1, 0, 4);
        }
        for (int32_t j = 0; j < kVectors; j++) {
            tile.sums = memory.sums + i * memory.kSumStride + j * kLanes;
            tile.first_tile = (piece.first_vector + j) * kLanes;
            if (piece.target == Target::linear) {
                tile.linear = piece.linear + filter * 4 * piece.linear_stride + j * 4 * kLanes;
            }
            output(tile);
        }
    }
}

template <class W, class P, int kVectors>
__attribute__((noinline)) void conv_vectors(const ConvPiece &piece) {
    const vsr_conv &conv = *piece.conv;
    const int32_t groups = (conv.inputs + P::kPerLane - 1) / P::kPerLane;
    const PieceMemory<W, kVectors> memory(piece.scratch, groups);

    if constexpr (P::kPerLane == 2) {
        transform_pairs<P>(piece, memory);
    } else {
        transform_channels(piece, memory);
    }
    RowPrefetcher rows{piece.prefetch, memory.kFrequencies * conv.chunk_count};
    const OutputLines lines(piece, kVectors);
    const float *weights = conv.weights;
    int32_t tile = 0, filter = 0;
    for (int32_t chunk = 0; chunk < conv.chunk_count; chunk++) {
        const int32_t end = conv.chunk_ends[chunk];
        int32_t filters = std::accumulate(conv.tiles + tile, conv.tiles + end, int32_t{0});
        OutputPrefetcher outputs{lines, filter, filters, memory.kFrequencies};
        for (int f = 0; f < memory.kFrequencies; f++) {
            rows.advance();
            if (piece.prefetches_output) outputs.advance();
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
        output_filters(piece, filter, filters, memory);
        filter += filters;
        tile = end;
    }
}

template <class W, class P, int... kVectors>
VSR_INLINE void conv_dispatch(const ConvPiece &piece, std::integer_sequence<int, kVectors...>) {
    static constexpr void (*table[])(const ConvPiece &) = {conv_vectors<W, P, kVectors + 1>...};
    table[piece.vectors - 1](piece);
}

template <class W, class P>
void conv_piece(const ConvPiece &piece) {
    conv_dispatch<W, P>(piece, std::make_integer_sequence<int, kMaxVectors>{});
}
