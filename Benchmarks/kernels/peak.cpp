// The arithmetic peak: a loop of nothing but independent multiply-adds.
#include "harness.h"

namespace {

constexpr long kSteps = 2000000;

#if defined(__x86_64__)
#define VSR_PEAK(name, isa, lanes)                                                  \
    __attribute__((target(isa), noinline)) void name() {                            \
        typedef float V __attribute__((vector_size(4 * lanes)));                    \
        V a = {}, s[12] = {};                                                       \
        for (long i = 0; i < kSteps; i++) {                                         \
            _Pragma("clang loop unroll(full)") for (int j = 0; j < 12; j++) {       \
                asm volatile(VSR_MULTIPLY_ADD " %1, %1, %0" : "+v"(s[j]) : "v"(a)); \
            }                                                                       \
        }                                                                           \
    }
#define VSR_MULTIPLY_ADD "vfmadd231ps"
VSR_PEAK(peak8, "avx2,fma", 8)
VSR_PEAK(peak16, "avx512f", 16)
#undef VSR_MULTIPLY_ADD
#define VSR_MULTIPLY_ADD "vdpbf16ps"
VSR_PEAK(peak32, "avx512f,avx512bf16", 16)
#endif

void peak4() {
    typedef float V __attribute__((vector_size(16)));
    V a = {1e-3f, 1e-3f, 1e-3f, 1e-3f}, s[12] = {};
    for (long i = 0; i < kSteps; i++) {
        _Pragma("clang loop unroll(full)") for (int j = 0; j < 12; j++) {
            s[j] = s[j] + a * a;
            // Keeps the compiler from computing the product once for all.
#if defined(__aarch64__)
            asm volatile("" : "+w"(s[j]), "+w"(a));
#else
            asm volatile("" : "+x"(s[j]), "+x"(a));
#endif
        }
    }
}

}  // namespace

harness::Peak harness::arithmetic_peak(const vsr_pool *pool, vsr_isa isa) {
    const auto rate = [pool](void (*body)(), int products) {
        return double(kSteps) * 12 * products / measure(pool, body, 5).fastest;
    };
#if defined(__x86_64__)
    if (isa == VSR_ISA_AVX512_BF16) return {rate(peak16, 16), rate(peak32, 32)};
    if (isa != VSR_ISA_BASELINE) {
        const double fp32 = isa == VSR_ISA_AVX2 ? rate(peak8, 8) : rate(peak16, 16);
        return {fp32, fp32};
    }
#else
    (void)isa;
#endif
    const double fp32 = rate(peak4, 4);
    return {fp32, fp32};
}
