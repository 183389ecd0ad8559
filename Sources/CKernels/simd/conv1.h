// A 1×1 convolution of one row of pixels. Included once per instruction set, inside its namespace.
//
// The phases of a channel's row are contiguous, so a row is one run of 4 · tiles floats.

template <int kFilters, int kVectors>
VSR_INLINE void sum_points(const float *weights, const float *const *rows, ptrdiff_t offset,
                           int32_t count, Vec (&sum)[kFilters][kVectors]) {
    VSR_UNROLL
    for (int i = 0; i < kFilters; i++) {
        VSR_UNROLL
        for (int j = 0; j < kVectors; j++) sum[i][j] = Vec{};
    }
    for (int32_t k = 0; k < count; k++) {
        Vec value[kVectors];
        VSR_UNROLL
        for (int j = 0; j < kVectors; j++) value[j] = load(rows[k] + offset + j * kLanes);
        VSR_UNROLL
        for (int i = 0; i < kFilters; i++) {
            const Vec weight = splat(weights[i]);
            VSR_UNROLL
            for (int j = 0; j < kVectors; j++) sum[i][j] += weight * value[j];
        }
        weights += kFilters;
    }
}

/// One register tile: kFilters filters from `filter` on, at floats [offset, offset + kVectors).
template <int kFilters, int kVectors>
__attribute__((noinline)) void conv1_tile(const ConvPiece &piece, const float *weights,
                                          const float *const *rows, int32_t filter,
                                          int32_t offset) {
    const Output &output = piece.output;
    Vec sum[kFilters][kVectors];
    sum_points<kFilters, kVectors>(weights, rows, offset, piece.conv->inputs, sum);
    VSR_UNROLL
    for (int i = 0; i < kFilters; i++) {
        float *to = output.data + output.rows[0] +
                    output.channels[filter + i] * output.channel_stride + output.phase_offset[3] +
                    offset;
        const Vec bias = splat(piece.conv->bias[filter + i]);
        VSR_UNROLL
        for (int j = 0; j < kVectors; j++) {
            // Phase 3 lies first, then 1, 2 and 0; a vector never spans two.
            const int32_t position = offset + j * kLanes;
            const int32_t place = position / output.tiles;
            const int32_t phase = place == 0 ? 3 : place == 3 ? 0 : place;
            Vec value = sum[i][j] + bias;
            if (piece.target == Target::map) value = leaky(value, splat(piece.slope));
            value = keep_first(value, tiles_left(output.width, phase, position % output.tiles));
            if (piece.target == Target::sum) value += load(to + j * kLanes);
            store(to + j * kLanes, value);
        }
    }
}

using Conv1Tile = void (*)(const ConvPiece &, const float *, const float *const *, int32_t,
                           int32_t);

template <int kVectors, int... kFilters>
VSR_INLINE Conv1Tile conv1_tile_of(int32_t filters, std::integer_sequence<int, kFilters...>) {
    static constexpr Conv1Tile table[] = {conv1_tile<kFilters + 1, kVectors>...};
    return table[filters - 1];
}

static void conv1(const ConvPiece &piece) {
    const vsr_conv &conv = *piece.conv;
    const float **rows = reinterpret_cast<const float **>(piece.scratch);
    int32_t k = 0;
    for (int32_t source = 0; source < piece.input_count; source++) {
        const Input &input = piece.inputs[source];
        for (int32_t i = 0; i < input.count; i++) {
            rows[k++] = input.data + input.rows[0] + input.channels[i] * input.channel_stride +
                        input.phase_offset[3];
        }
    }
    // Four vectors at a time: a row has a multiple of 64 floats.
    constexpr int kVectors = kLanes == 16 ? 4 : 2;
    const int32_t end = 4 * piece.output.tiles;
    for (int32_t offset = 0; offset < end; offset += kVectors * kLanes) {
        const float *weights = conv.weights;
        int32_t filter = 0;
        for (int32_t t = 0; t < conv.tile_count; t++) {
            const int32_t count = conv.tiles[t];
            conv1_tile_of<kVectors>(count, std::make_integer_sequence<int, kMaxFilters>{})(
                piece, weights, rows, filter, offset);
            weights += static_cast<ptrdiff_t>(conv.inputs) * count;
            filter += count;
        }
    }
}
