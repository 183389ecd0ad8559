// The register tile: kFilters × kVectors sums over the input channels.
// Included once per instruction set, inside its namespace.

/// Products in fp32, one input channel per lane.
struct Fp32 {
    static constexpr int kPerLane = 1;
    static VSR_INLINE Vec multiply_add(Vec sum, Vec weight, Vec value) {
        return sum + weight * value;
    }
};

/// sums[filter][vector] = Σₖ weights[k][filter] · values[k][vector] over `count` input channels
/// (with bf16 pairs of channels).
///
/// With 5 × 5 vectors of 16 lanes, 25 sums, 5 values and a weight fill the 32 registers and a step
/// of 25 multiply-adds needs ten loads: the loads keep up with both multipliers.
template <class P, int kFilters, int kVectors>
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
            for (int j = 0; j < kVectors; j++) {
                sum[i][j] = P::multiply_add(sum[i][j], weight, value[j]);
            }
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

template <class P, int kVectors, int... kFilters>
VSR_INLINE GemmTile gemm_tile_of(int32_t filters, std::integer_sequence<int, kFilters...>) {
    static constexpr GemmTile table[] = {gemm_tile<P, kFilters + 1, kVectors>...};
    return table[filters - 1];
}
