// Winograd's minimal filtering: four by four outputs per tile.
// Included once per instruction set, inside its namespace.
//
// output = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A with A, B, G by Toom-Cook for the points in
// `winograd_points.h`; `conv_pack.cpp` holds G. Points come in pairs ±p, so that sums and
// differences serve two rows of A and B at once.

/// A term of a sum that begins with a bias or without.
template <bool kBiased>
VSR_INLINE Vec biased(Vec term, Vec bias) {
    return kBiased ? bias + term : term;
}

/// F(4×4, 3×3): 36 products instead of 144. Points 0, ±a, ±b, ∞.
struct Winograd3 {
    /// Inputs per tile and axis; the first is `kLeft` before the tile's first output.
    static constexpr int kInputs = 6, kLeft = 1;
    static constexpr float a = kPoints3[0], b = kPoints3[1];

    /// The rows of Bᵀ that group 0 or 1 stands for: a pair of points, then 0 or ∞.
    static constexpr int kGroups = 2, kGroupRows = 3;
    static constexpr int row(int group, int i) { return i < 2 ? 1 + 2 * group + i : 5 * group; }

    /// Rows ±p of Bᵀ d, the other pair's square given. One sum and one difference, since adders
    /// are apart from multipliers.
    static VSR_INLINE void pair(const Vec *d, float p, float qq, Vec *out) {
        const Vec even = d[4] - splat(qq) * d[2];
        const Vec odd = splat(p) * d[3] - splat(p * qq) * d[1];
        out[0] = even + odd;
        out[1] = even - odd;
    }

    /// Π (x² − p²) of every second of d, from d[0] on.
    static VSR_INLINE Vec end(const Vec *d) {
        return splat(a * a * b * b) * d[0] + (d[4] - splat(a * a + b * b) * d[2]);
    }

    /// Those rows of Bᵀ d.
    template <int kGroup>
    static VSR_INLINE void input_rows(const Vec *d, Vec *out) {
        if constexpr (kGroup == 0) {
            pair(d, a, b * b, out);
            out[2] = end(d);
        } else {
            pair(d, b, a * a, out);
            out[2] = end(d + 1);
        }
    }

    /// Bᵀ d
    static VSR_INLINE void input(const Vec *d, Vec *out) {
        pair(d, a, b * b, out + 1);
        pair(d, b, a * a, out + 3);
        out[0] = end(d);
        out[5] = end(d + 1);
    }

    /// Aᵀ m, and `bias` where there is one.
    template <bool kBiased>
    static VSR_INLINE void output(const Vec *m, Vec bias, Vec *out) {
        const Vec sum_a = m[1] + m[2], sum_b = m[3] + m[4];
        const Vec difference_a = m[1] - m[2], difference_b = m[3] - m[4];
        out[0] = biased<kBiased>(m[0], bias) + (sum_a + sum_b);
        out[1] = biased<kBiased>(splat(a) * difference_a, bias) + splat(b) * difference_b;
        out[2] = biased<kBiased>(splat(a * a) * sum_a, bias) + splat(b * b) * sum_b;
        out[3] = (biased<kBiased>(m[5], bias) + splat(a * a * a) * difference_a) +
                 splat(b * b * b) * difference_b;
    }
};

/// F(4×4, 7×7): 100 products instead of 784. Points 0, ±a, ±b, ±c, ±d, ∞.
struct Winograd7 {
    static constexpr int kInputs = 10, kLeft = 3;
    static constexpr float a = kPoints7[0], b = kPoints7[1], c = kPoints7[2], d = kPoints7[3];
    static constexpr float aa = a * a, bb = b * b, cc = c * c, dd = d * d;

    /// Four pairs of points, then 0 and ∞.
    static constexpr int kGroups = 5, kGroupRows = 2;
    static constexpr int row(int group, int i) { return group < 4 ? 1 + 2 * group + i : 9 * i; }

    /// Rows ±p of Bᵀ: x(x ± p)(x² − q²)(x² − r²)(x² − s²), the squares given.
    static VSR_INLINE void pair(const Vec *x, float p, float qq, float rr, float ss, Vec *out) {
        const float c4 = qq + rr + ss, c2 = qq * rr + qq * ss + rr * ss, c0 = qq * rr * ss;
        const Vec even = (x[8] - splat(c4) * x[6]) + (splat(c2) * x[4] - splat(c0) * x[2]);
        const Vec odd = (splat(p) * x[7] - splat(p * c4) * x[5]) +
                        (splat(p * c2) * x[3] - splat(p * c0) * x[1]);
        out[0] = even + odd;
        out[1] = even - odd;
    }

    /// Π (x² − p²) of every second of x, from x[0] on.
    static VSR_INLINE Vec end(const Vec *x) {
        constexpr float c6 = aa + bb + cc + dd;
        constexpr float c4 = aa * bb + aa * cc + aa * dd + bb * cc + bb * dd + cc * dd;
        constexpr float c2 = aa * bb * cc + aa * bb * dd + aa * cc * dd + bb * cc * dd;
        constexpr float c0 = aa * bb * cc * dd;
        const Vec low = splat(c0) * x[0] - splat(c2) * x[2];
        return (x[8] - splat(c6) * x[6]) + (splat(c4) * x[4] + low);
    }

    template <int kGroup>
    static VSR_INLINE void input_rows(const Vec *x, Vec *out) {
        if constexpr (kGroup == 0) pair(x, a, bb, cc, dd, out);
        if constexpr (kGroup == 1) pair(x, b, aa, cc, dd, out);
        if constexpr (kGroup == 2) pair(x, c, aa, bb, dd, out);
        if constexpr (kGroup == 3) pair(x, d, aa, bb, cc, out);
        if constexpr (kGroup == 4) {
            out[0] = end(x);
            out[1] = end(x + 1);
        }
    }

    static VSR_INLINE void input(const Vec *x, Vec *out) {
        Vec ends[2];
        input_rows<0>(x, out + 1);
        input_rows<1>(x, out + 3);
        input_rows<2>(x, out + 5);
        input_rows<3>(x, out + 7);
        input_rows<4>(x, ends);
        out[0] = ends[0];
        out[9] = ends[1];
    }

    template <bool kBiased>
    static VSR_INLINE void output(const Vec *m, Vec bias, Vec *out) {
        Vec sum[4], difference[4];
        VSR_UNROLL
        for (int i = 0; i < 4; i++) {
            sum[i] = m[1 + 2 * i] + m[2 + 2 * i];
            difference[i] = m[1 + 2 * i] - m[2 + 2 * i];
        }
        out[0] = (biased<kBiased>(m[0], bias) + sum[0]) + (sum[1] + sum[2]) + sum[3];
        out[1] = (biased<kBiased>(splat(a) * difference[0], bias) + splat(b) * difference[1]) +
                 (splat(c) * difference[2] + splat(d) * difference[3]);
        out[2] = (biased<kBiased>(splat(aa) * sum[0], bias) + splat(bb) * sum[1]) +
                 (splat(cc) * sum[2] + splat(dd) * sum[3]);
        out[3] = (splat(a * aa) * difference[0] + splat(b * bb) * difference[1]) +
                 (splat(c * cc) * difference[2] + splat(d * dd) * difference[3]) +
                 biased<kBiased>(m[9], bias);
    }
};

/// Which ends of a row of tiles a vector of them is at. There, pixels beside the row are another
/// phase's in memory, but for phase 3 on the left and phase 0 on the right, where zeros lie.
enum Edges { kInside = 0, kLeftEnd = 1, kRightEnd = 2 };

/// The pixel `x` columns right of a tile's first input, for a vector of tiles.
template <class W, int kEdges>
VSR_INLINE Vec load_column(const float *row, int x, ptrdiff_t offset) {
    const Vec value = load(row + offset);
    if ((kEdges & kLeftEnd) && W::kLeft > 1 && x < W::kLeft) return drop_first(value);
    if ((kEdges & kRightEnd) && x > W::kLeft + 4) return drop_last(value);
    return value;
}

/// Rows `W::row(kGroup, 0)`, `W::row(kGroup, 1)`, … of what `transform_input` computes.
template <class W, int kEdges, int kGroup>
VSR_INLINE void transform_rows(const float *from, const ptrdiff_t *rows, const int32_t *phases,
                               float *to, ptrdiff_t stride) {
    Vec half[W::kGroupRows][W::kInputs];
    VSR_UNROLL
    for (int x = 0; x < W::kInputs; x++) {
        // Column x is pixel 4 · tile + x − kLeft.
        const ptrdiff_t offset = phases[(x + 4 - W::kLeft) % 4] + (x + 4 - W::kLeft) / 4 - 1;
        Vec d[W::kInputs], out[W::kGroupRows];
        VSR_UNROLL
        for (int y = 0; y < W::kInputs; y++)
            d[y] = load_column<W, kEdges>(from + rows[y], x, offset);
        W::template input_rows<kGroup>(d, out);
        VSR_UNROLL
        for (int i = 0; i < W::kGroupRows; i++) half[i][x] = out[i];
    }
    VSR_UNROLL
    for (int i = 0; i < W::kGroupRows; i++) {
        const int y = W::row(kGroup, i);
        Vec out[W::kInputs];
        W::input(half[i], out);
        VSR_UNROLL
        for (int x = 0; x < W::kInputs; x++) store(to + (y * W::kInputs + x) * stride, out[x]);
    }
}

/// Transforms a vector of windows of one channel: `from` points at the vector's first tile, `rows`
/// at the windows' rows; the results are `stride` floats apart.
template <class W, int kEdges>
__attribute__((noinline)) void transform_input(const float *from, const ptrdiff_t *rows,
                                               const int32_t *phases, float *to, ptrdiff_t stride) {
    // Two or three rows at a time: all 36 or 100 would not fit into the registers, and reading the
    // inputs again takes less than storing and reading back what does not.
    transform_rows<W, kEdges, 0>(from, rows, phases, to, stride);
    transform_rows<W, kEdges, 1>(from, rows, phases, to, stride);
    if constexpr (W::kGroups > 2) {
        transform_rows<W, kEdges, 2>(from, rows, phases, to, stride);
        transform_rows<W, kEdges, 3>(from, rows, phases, to, stride);
        transform_rows<W, kEdges, 4>(from, rows, phases, to, stride);
    }
}

/// The sixteen outputs [4 rows][4 phases] of a vector of tiles from its sums, `stride` apart.
template <class W>
VSR_INLINE void transform_output(const float *sums, ptrdiff_t stride, Vec bias, Vec (*out)[4]) {
    Vec rows[4][W::kInputs];
    VSR_UNROLL
    for (int x = 0; x < W::kInputs; x++) {
        Vec m[W::kInputs], column[4];
        VSR_UNROLL
        for (int y = 0; y < W::kInputs; y++) m[y] = load(sums + (y * W::kInputs + x) * stride);
        W::template output<false>(m, bias, column);
        VSR_UNROLL
        for (int y = 0; y < 4; y++) rows[y][x] = column[y];
    }
    VSR_UNROLL
    for (int y = 0; y < 4; y++) W::template output<true>(rows[y], bias, out[y]);
}
