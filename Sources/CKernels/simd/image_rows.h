// Rows of the output image. Included once per instruction set, inside its namespace.

/// Adds the frame, interpolated, to a row of results and writes it. `below[-1 … columns]` is the
/// frame's row between its edges, continued by the edge pixels; `weights[p]` belong to output
/// column `scale · x + p` and the pixels x − 1, x, x + 1.
template <int kScale>
VSR_INLINE void add_base(const float *results, const float *below, int32_t columns,
                         const float (*weights)[3], float *to) {
    for (int32_t x = 0; x < columns; x++) {
        VSR_UNROLL
        for (int p = 0; p < kScale; p++) {
            to[kScale * x + p] = results[kScale * x + p] + weights[p][0] * below[x - 1] +
                                 weights[p][1] * below[x] + weights[p][2] * below[x + 1];
        }
    }
}

static void image_row(const ImageRow &row) {
    constexpr float kWeights2[2][3] = {{0.25f, 0.75f, 0}, {0, 0.75f, 0.25f}};
    constexpr float kWeights4[4][3] = {
        {0.375f, 0.625f, 0}, {0.125f, 0.875f, 0}, {0, 0.875f, 0.125f}, {0, 0.625f, 0.375f}};
    float *to = row.floats ? row.floats : row.results;
    if (row.scale == 4) {
        add_base<4>(row.results, row.below, row.columns, kWeights4, to);
    } else {
        add_base<2>(row.results, row.below, row.columns, kWeights2, to);
    }
    if (!row.bytes) return;
    for (int32_t x = 0; x < row.scale * row.columns; x++) {
        // Written so that NaN gives 0.
        const float floor = row.results[x] > 0 ? row.results[x] : 0;
        const float clamped = floor < 1 ? floor : 1;
        row.bytes[x] = static_cast<uint8_t>(clamped * 255 + 0.5f);
    }
}
