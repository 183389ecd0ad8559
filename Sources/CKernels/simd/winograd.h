// Winograd's minimal filtering: four by four outputs per tile.
// Included once per instruction set, inside its namespace.
//
// output = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A with A, B, G by Toom-Cook for the points in
// `winograd_points.h`; `conv_pack.cpp` holds G. Points come in pairs ±p, so that sums and
// differences serve two rows of A and B at once.

/// F(4×4, 3×3): 36 products instead of 144. Points 0, ±a, ±b, ∞.
struct Winograd3 {
    /// Inputs per tile and axis; the first is `kLeft` before the tile's first output.
    static constexpr int kInputs = 6, kLeft = 1;
    /// Windows that a result is summed from, along each axis.
    static constexpr int kWindows = 1;
    static constexpr float a = kPoints3[0], b = kPoints3[1];

    /// The two rows of Bᵀ that group 0, 1 or 2 stands for: pairs of points, then 0 and ∞.
    static constexpr int row(int group, int i) { return group < 2 ? 1 + 2 * group + i : 5 * i; }

    /// Those rows of Bᵀ d.
    template <int kGroup>
    static VSR_INLINE void input_rows(const Vec *d, Vec *out) {
        if constexpr (kGroup < 2) {
            constexpr float p = kGroup == 0 ? a : b, q = kGroup == 0 ? b : a;
            const Vec even = d[4] - splat(q * q) * d[2], odd = d[3] - splat(q * q) * d[1];
            out[0] = even + splat(p) * odd;
            out[1] = even - splat(p) * odd;
        } else {
            out[0] = d[4] + (splat(a * a * b * b) * d[0] - splat(a * a + b * b) * d[2]);
            out[1] = d[5] + (splat(a * a * b * b) * d[1] - splat(a * a + b * b) * d[3]);
        }
    }

    /// Bᵀ d
    static VSR_INLINE void input(const Vec *d, Vec *out) {
        Vec ends[2];
        input_rows<0>(d, out + 1);
        input_rows<1>(d, out + 3);
        input_rows<2>(d, ends);
        out[0] = ends[0];
        out[5] = ends[1];
    }

    /// Aᵀ m
    static VSR_INLINE void output(const Vec *m, Vec *out) {
        const Vec sum_a = m[1] + m[2], sum_b = m[3] + m[4];
        const Vec difference_a = m[1] - m[2], difference_b = m[3] - m[4];
        out[0] = m[0] + sum_a + sum_b;
        out[1] = splat(a) * difference_a + splat(b) * difference_b;
        out[2] = splat(a * a) * sum_a + splat(b * b) * sum_b;
        out[3] = m[5] + (splat(a * a * a) * difference_a + splat(b * b * b) * difference_b);
    }
};

/// A 7×7 kernel as two by two kernels of 4×4 (the eighth row and column zero), each by F(4×4, 4×4).
/// As the second starts four pixels after the first, which is one tile, both use the same
/// transformed inputs: of the tile and of its neighbours. 196 products instead of 784. Points ±a,
/// ±b, ±c, ∞.
struct Winograd7 {
    static constexpr int kInputs = 7, kLeft = 3, kWindows = 2;
    static constexpr float a = kPoints7[0], b = kPoints7[1], c = kPoints7[2];

    /// Rows ±p of Bᵀ: (x ± p)(x² − q²)(x² − r²).
    static VSR_INLINE void pair(const Vec *d, float p, float q, float r, Vec *out) {
        const Vec even = d[4] + (splat(q * q * r * r) * d[0] - splat(q * q + r * r) * d[2]);
        const Vec odd = d[5] + (splat(q * q * r * r) * d[1] - splat(q * q + r * r) * d[3]);
        out[0] = odd + splat(p) * even;
        out[1] = odd - splat(p) * even;
    }

    /// Three pairs of points, then ∞ alone.
    static constexpr int row(int group, int i) { return 2 * group + i; }

    template <int kGroup>
    static VSR_INLINE void input_rows(const Vec *d, Vec *out) {
        constexpr float aa = a * a, bb = b * b, cc = c * c;
        if constexpr (kGroup == 0) pair(d, a, b, c, out);
        if constexpr (kGroup == 1) pair(d, b, a, c, out);
        if constexpr (kGroup == 2) pair(d, c, a, b, out);
        if constexpr (kGroup == 3) {
            out[0] = (d[6] - splat(aa + bb + cc) * d[4]) +
                     (splat(aa * bb + aa * cc + bb * cc) * d[2] - splat(aa * bb * cc) * d[0]);
            out[1] = Vec{};
        }
    }

    static VSR_INLINE void input(const Vec *d, Vec *out) {
        Vec last[2];
        input_rows<0>(d, out);
        input_rows<1>(d, out + 2);
        input_rows<2>(d, out + 4);
        input_rows<3>(d, last);
        out[6] = last[0];
    }

    static VSR_INLINE void output(const Vec *m, Vec *out) {
        const Vec sum_a = m[0] + m[1], sum_b = m[2] + m[3], sum_c = m[4] + m[5];
        const Vec difference_a = m[0] - m[1], difference_b = m[2] - m[3];
        const Vec difference_c = m[4] - m[5];
        out[0] = sum_a + sum_b + sum_c;
        out[1] = splat(a) * difference_a + splat(b) * difference_b + splat(c) * difference_c;
        out[2] = splat(a * a) * sum_a + splat(b * b) * sum_b + splat(c * c) * sum_c;
        out[3] = m[6] + (splat(a * a * a) * difference_a + splat(b * b * b) * difference_b +
                         splat(c * c * c) * difference_c);
    }
};

/// What of a vector of windows lies beside the row: pixels of phases 1 and 2 left of tile 0 and all
/// pixels right of the last tile are another phase's in memory.
enum class Edge { none, left, right };

/// Rows `W::row(kGroup, 0)` and `W::row(kGroup, 1)` of what `transform_input` computes.
template <class W, Edge kEdge, int kGroup>
VSR_INLINE void transform_rows(const float *from, const ptrdiff_t *rows, const int32_t *phases,
                               float *to, ptrdiff_t stride) {
    Vec half[2][W::kInputs];
    VSR_UNROLL
    for (int x = 0; x < W::kInputs; x++) {
        // Column x is pixel 4 · tile + x − kLeft.
        const ptrdiff_t offset = phases[(x + 4 - W::kLeft) % 4] + (x + 4 - W::kLeft) / 4 - 1;
        Vec d[W::kInputs], out[2];
        VSR_UNROLL
        for (int y = 0; y < W::kInputs; y++) {
            d[y] = load(from + rows[y] + offset);
            if (kEdge == Edge::left && x < W::kLeft) d[y] = drop_first(d[y]);
            if (kEdge == Edge::right && x >= W::kLeft) d[y] = Vec{};
        }
        W::template input_rows<kGroup>(d, out);
        half[0][x] = out[0];
        half[1][x] = out[1];
    }
    VSR_UNROLL
    for (int i = 0; i < 2; i++) {
        const int y = W::row(kGroup, i);
        if (y == W::kInputs) continue;
        Vec out[W::kInputs];
        W::input(half[i], out);
        VSR_UNROLL
        for (int x = 0; x < W::kInputs; x++) store(to + (y * W::kInputs + x) * stride, out[x]);
    }
}

/// Transforms a vector of windows of one channel: `from` points at the vector's first tile, `rows`
/// at the windows' rows; the results are `stride` floats apart.
template <class W, Edge kEdge>
__attribute__((noinline)) void transform_input(const float *from, const ptrdiff_t *rows,
                                               const int32_t *phases, float *to, ptrdiff_t stride) {
    // Two rows at a time: all 36 or 49 would not fit into the registers, and reading the inputs
    // again takes less than storing and reading back what does not.
    transform_rows<W, kEdge, 0>(from, rows, phases, to, stride);
    transform_rows<W, kEdge, 1>(from, rows, phases, to, stride);
    transform_rows<W, kEdge, 2>(from, rows, phases, to, stride);
    if constexpr (W::kInputs > 6) transform_rows<W, kEdge, 3>(from, rows, phases, to, stride);
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
        W::output(m, column);
        VSR_UNROLL
        for (int y = 0; y < 4; y++) rows[y][x] = column[y];
    }
    VSR_UNROLL
    for (int y = 0; y < 4; y++) {
        W::output(rows[y], out[y]);
        VSR_UNROLL
        for (int x = 0; x < 4; x++) out[y][x] += bias;
    }
}
