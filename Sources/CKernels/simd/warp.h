// A row of a warped map. Included once per instruction set, inside its namespace.

/// values[lane] = from[at[lane]]. Single loads: gather instructions took three times as long.
VSR_INLINE Vec gather(const float *from, Lanes at) {
    Vec values;
    VSR_UNROLL
    for (int lane = 0; lane < kLanes; lane++) values[lane] = from[at[lane]];
    return values;
}

VSR_INLINE Lanes lane_numbers() {
    Lanes numbers;
    VSR_UNROLL
    for (int lane = 0; lane < kLanes; lane++) numbers[lane] = lane;
    return numbers;
}

VSR_INLINE bool all(Lanes mask) {
    return __builtin_reduce_and(mask) != 0;
}

/// One axis of bilinear interpolation: the pixel at or before the coordinate and the weights of it
/// and the next, zero where there is no such pixel.
struct WarpAxis {
    Lanes first;
    Vec weights[2];

    VSR_INLINE WarpAxis(Vec position, int32_t length) {
        const Vec lowest = splat(-2), highest = splat(static_cast<float>(length) + 1);
        // Also where the coordinate is not a number: −2 is outside, so the result is zero.
        position = position > lowest ? position : lowest;
        position = position < highest ? position : highest;
        const Vec floor = __builtin_elementwise_floor(position);
        first = __builtin_convertvector(floor, Lanes);
        const Vec fraction = position - floor;
        weights[0] = inside(0, length) ? 1 - fraction : Vec{};
        weights[1] = inside(1, length) ? fraction : Vec{};
    }

    VSR_INLINE Lanes inside(int32_t tap, int32_t length) const {
        return (first + tap >= 0) & (first + tap < length);
    }
};

/// Where pixels lie in the map, relative to a channel's row 0; `outside` for those not in it.
VSR_INLINE Lanes pixel_offsets(const WarpRow &row, Lanes y, Lanes x, Lanes inside,
                               int32_t outside) {
    const View &view = *row.source;
    const Lanes phase = x & 3;
    Lanes offset = splat_lanes(view.phase_offset[0]);
    VSR_UNROLL
    for (int p = 1; p < 4; p++) offset = phase == p ? splat_lanes(view.phase_offset[p]) : offset;
    offset += (x >> 2) + y * static_cast<int32_t>(view.row_stride);
    return inside ? offset : splat_lanes(outside);
}

/// Pixels of one phase for a vector of tiles.
VSR_INLINE void warp_vector(const WarpRow &row, int32_t phase, int32_t first_tile) {
    const View &view = *row.source;
    const int32_t at = phase * view.tiles + first_tile;
    const Vec x = __builtin_convertvector(4 * (lane_numbers() + first_tile) + phase, Vec);
    const Vec dx = load(row.dx + at), dy = load(row.dy + at);
    // On an axis of one pixel the flow has no effect.
    const WarpAxis columns(view.width > 1 ? x + dx : Vec{}, view.width);
    const Vec y = splat(static_cast<float>(row.y));
    const WarpAxis lines(view.height > 1 ? y + dy : Vec{}, view.height);

    // The row of zeros above the map serves pixels outside, whose weight is zero.
    const int32_t outside = -static_cast<int32_t>(view.row_stride);
    const int32_t count = tiles_left(view.width, phase, first_tile);
    Lanes offsets[4];
    Vec weights[4];
    bool contiguous = true;
    VSR_UNROLL
    for (int tap = 0; tap < 4; tap++) {
        const int ty = tap / 2, tx = tap % 2;
        const Lanes inside = lines.inside(ty, view.height) & columns.inside(tx, view.width);
        offsets[tap] = pixel_offsets(row, lines.first + ty, columns.first + tx, inside, outside);
        weights[tap] = keep_first(lines.weights[ty] * columns.weights[tx], count);
        const Lanes expected = lane_numbers() + offsets[tap][0];
        contiguous = contiguous && all(offsets[tap] == expected);
    }
    float *to = row.destination + view.phase_offset[phase] + first_tile;
    const float *from = view.data;
    for (int32_t channel = 0; channel < view.channels; channel++) {
        Vec sum = Vec{};
        if (contiguous) {
            // Neighbors move together: the usual case where the flow is smooth.
            VSR_UNROLL
            for (int tap = 0; tap < 4; tap++) {
                sum += weights[tap] * load(from + offsets[tap][0]);
            }
        } else {
            VSR_UNROLL
            for (int tap = 0; tap < 4; tap++) sum += weights[tap] * gather(from, offsets[tap]);
        }
        store(to, keep_first(sum, count));
        from += view.channel_stride;
        to += view.channel_stride;
    }
}

static void warp_row(const WarpRow &row) {
    const int32_t tiles = (row.source->width + 3) / 4;
    for (int32_t tile = 0; tile < tiles; tile += kLanes) {
        for (int32_t phase = 0; phase < 4; phase++) warp_vector(row, phase, tile);
    }
}
