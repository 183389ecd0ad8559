// The register tile: kFilters × kVectors sums over the input channels.
// Included once per instruction set, inside its namespace.

/// sums[filter][vector] = Σₖ weights[k][filter] · values[k][vector], k < count.
///
/// With 5 × 5 vectors of 16 lanes, 25 sums, 5 values and a weight fill the 32 registers and a step
/// of 25 multiply-adds needs ten loads: the loads keep up with both multipliers.
template <int kFilters, int kVectors>
__attribute__((noinline)) void gemm_tile(const float *__restrict weights,
                                         const float *__restrict values, int32_t count,
                                         float *__restrict sums, ptrdiff_t sum_stride) {
    Vec sum[kFilters][kVectors];
    VSR_UNROLL
    for (int i = 0; i < kFilters; i++) {
        VSR_UNROLL
        for (int j = 0; j < kVectors; j++) sum[i][j] = Vec{};
    }
    for (int32_t k = 0; k < count; k++) {
        Vec value[kVectors];
        VSR_UNROLL
        for (int j = 0; j < kVectors; j++) value[j] = load(values + j * kLanes);
        VSR_UNROLL
        for (int i = 0; i < kFilters; i++) {
            const Vec weight = splat(weights[i]);
            VSR_UNROLL
            for (int j = 0; j < kVectors; j++) sum[i][j] += weight * value[j];
        }
        weights += kFilters;
        values += kVectors * kLanes;
    }
    VSR_UNROLL
    for (int i = 0; i < kFilters; i++) {
        VSR_UNROLL
        for (int j = 0; j < kVectors; j++) store(sums + i * sum_stride + j * kLanes, sum[i][j]);
    }
}

using GemmTile = void (*)(const float *, const float *, int32_t, float *, ptrdiff_t);

template <int kVectors, int... kFilters>
VSR_INLINE GemmTile gemm_tile_of(int32_t filters, std::integer_sequence<int, kFilters...>) {
    static constexpr GemmTile table[] = {gemm_tile<kFilters + 1, kVectors>...};
    return table[filters - 1];
}
