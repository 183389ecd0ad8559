// F(4×4, 3×3): four by four outputs from six by six inputs with 36 products instead of 144.
// Included once per instruction set, inside its namespace.
//
// The points are 0, ±a, ±b, ∞ with a = 5/8, b = 3/2: half the rounding error of the usual ±1, ±2.
// With B, G, A as in Lavin & Gray, output = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A; `winograd_weights.cpp` holds
// G.

struct Winograd3 {
    static constexpr int kInputs = 6, kOutputs = 4;
    static constexpr float a = kPointA, b = kPointB;

    /// Bᵀ d
    static VSR_INLINE void input(const Vec *d, Vec *out) {
        const Vec even_a = d[4] - splat(b * b) * d[2], odd_a = d[3] - splat(b * b) * d[1];
        const Vec even_b = d[4] - splat(a * a) * d[2], odd_b = d[3] - splat(a * a) * d[1];
        out[0] = d[4] + (splat(a * a * b * b) * d[0] - splat(a * a + b * b) * d[2]);
        out[1] = even_a + splat(a) * odd_a;
        out[2] = even_a - splat(a) * odd_a;
        out[3] = even_b + splat(b) * odd_b;
        out[4] = even_b - splat(b) * odd_b;
        out[5] = d[5] + (splat(a * a * b * b) * d[1] - splat(a * a + b * b) * d[3]);
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

/// Transforms sixteen-tile vectors of one channel: `from` points at the vector's first tile,
/// `rows` at the six rows; the 36 results are `stride` floats apart.
__attribute__((noinline)) static void transform_input3(const float *from, const ptrdiff_t *rows,
                                                       const int32_t *phases, float *to,
                                                       ptrdiff_t stride) {
    using W = Winograd3;
    Vec columns[W::kInputs][W::kInputs];
    VSR_UNROLL
    for (int x = 0; x < W::kInputs; x++) {
        // Column x is pixel 4·tile + x − 1.
        const ptrdiff_t offset = phases[(x + 3) % 4] + (x + 3) / 4 - 1;
        Vec d[W::kInputs], out[W::kInputs];
        VSR_UNROLL
        for (int y = 0; y < W::kInputs; y++) d[y] = load(from + rows[y] + offset);
        W::input(d, out);
        VSR_UNROLL
        for (int y = 0; y < W::kInputs; y++) columns[y][x] = out[y];
    }
    VSR_UNROLL
    for (int y = 0; y < W::kInputs; y++) {
        Vec out[W::kInputs];
        W::input(columns[y], out);
        VSR_UNROLL
        for (int x = 0; x < W::kInputs; x++) store(to + (y * W::kInputs + x) * stride, out[x]);
    }
}

/// The sixteen outputs [4 rows][4 phases] of a vector of tiles from 36 sums, `stride` apart.
static VSR_INLINE void transform_output3(const float *sums, ptrdiff_t stride, Vec bias,
                                         Vec (*out)[4]) {
    using W = Winograd3;
    Vec rows[W::kOutputs][W::kInputs];
    VSR_UNROLL
    for (int x = 0; x < W::kInputs; x++) {
        Vec m[W::kInputs], column[W::kOutputs];
        VSR_UNROLL
        for (int y = 0; y < W::kInputs; y++) m[y] = load(sums + (y * W::kInputs + x) * stride);
        W::output(m, column);
        VSR_UNROLL
        for (int y = 0; y < W::kOutputs; y++) rows[y][x] = column[y];
    }
    VSR_UNROLL
    for (int y = 0; y < W::kOutputs; y++) {
        W::output(rows[y], out[y]);
        VSR_UNROLL
        for (int x = 0; x < W::kOutputs; x++) out[y][x] += bias;
    }
}
