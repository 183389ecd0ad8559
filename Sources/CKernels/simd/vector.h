// A vector of kLanes floats. Included once per instruction set, inside its namespace.

using Vec = float __attribute__((vector_size(4 * kLanes)));
/// A vector at any address.
struct __attribute__((packed, may_alias)) AnyVec {
    Vec value;
};
using Lanes = int32_t __attribute__((vector_size(4 * kLanes)));

#define VSR_INLINE __attribute__((always_inline)) inline
#define VSR_UNROLL _Pragma("clang loop unroll(full)")

VSR_INLINE Vec splat(float value) {
    return value - Vec{};
}
VSR_INLINE Lanes splat_lanes(int32_t value) {
    return value - Lanes{};
}
VSR_INLINE Vec load(const float *from) {
    return reinterpret_cast<const AnyVec *>(from)->value;
}
VSR_INLINE void store(float *to, Vec value) {
    reinterpret_cast<AnyVec *>(to)->value = value;
}

/// `value` in the first `count` lanes, zero in the others. Selecting, not multiplying: what lies
/// in the others may be infinite.
VSR_INLINE Vec keep_first(Vec value, int32_t count) {
    Lanes index;
    VSR_UNROLL
    for (int lane = 0; lane < kLanes; lane++) index[lane] = lane;
    return index < (count - Lanes{}) ? value : Vec{};
}

/// `value` with lane 0 zero.
VSR_INLINE Vec drop_first(Vec value) {
    value[0] = 0;
    return value;
}

/// `value` with the last lane zero.
VSR_INLINE Vec drop_last(Vec value) {
    value[kLanes - 1] = 0;
    return value;
}

/// max(value, 0), keeping NaN.
VSR_INLINE Vec rectified(Vec value) {
    return Vec{} > value ? Vec{} : value;
}

VSR_INLINE Vec leaky(Vec value, Vec slope) {
    return value > Vec{} ? value : value * slope;
}

/// a₀ b₀ a₁ b₁ …: the first and the second half.
template <int... kIndex>
VSR_INLINE Vec interleaved(Vec a, Vec b, int offset_is_half,
                           std::integer_sequence<int, kIndex...>) {
    constexpr int kHalf = kLanes / 2;
    return offset_is_half
               ? __builtin_shufflevector(a, b, (kIndex % 2 ? kLanes : 0) + kHalf + kIndex / 2 ...)
               : __builtin_shufflevector(a, b, (kIndex % 2 ? kLanes : 0) + kIndex / 2 ...);
}
VSR_INLINE Vec interleaved_low(Vec a, Vec b) {
    return interleaved(a, b, 0, std::make_integer_sequence<int, kLanes>{});
}
VSR_INLINE Vec interleaved_high(Vec a, Vec b) {
    return interleaved(a, b, 1, std::make_integer_sequence<int, kLanes>{});
}
