#include "include/vsr_isa.h"
#include "kernel_table.h"

namespace {

uint32_t detect() {
    uint32_t found = VSR_ISA_BASELINE;
#if defined(__x86_64__)
    // These also ask whether the operating system saves the registers.
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
        __builtin_cpu_supports("bmi2")) {
        found |= VSR_ISA_AVX2;
        if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
            __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
            found |= VSR_ISA_AVX512;
            if (__builtin_cpu_supports("avx512bf16")) found |= VSR_ISA_AVX512_BF16;
        }
    }
#endif
    return found;
}

const vsr::KernelTable *table_of(vsr_isa isa) {
    switch (isa) {
        case VSR_ISA_BASELINE:
            return vsr::baseline_kernels();
        case VSR_ISA_AVX2:
            return vsr::avx2_kernels();
        case VSR_ISA_AVX512:
            return vsr::avx512_kernels();
        case VSR_ISA_AVX512_BF16:
            return vsr::avx512_bf16_kernels();
    }
    return nullptr;
}

}  // namespace

vsr_isa_set vsr_isa_available(void) {
    static const vsr_isa_set available = [] {
        uint32_t built = 0;
        for (uint32_t bit = 1; bit <= VSR_ISA_AVX512_BF16; bit <<= 1) {
            if (table_of(static_cast<vsr_isa>(bit))) built |= bit;
        }
        return detect() & built;
    }();
    return available;
}

vsr_isa vsr_isa_best(vsr_isa_set permitted) {
    const vsr_isa_set usable = vsr_isa_available() & (permitted | VSR_ISA_BASELINE);
    uint32_t best = VSR_ISA_AVX512_BF16;
    while (!(usable & best)) best >>= 1;
    return static_cast<vsr_isa>(best);
}

const char *vsr_isa_name(vsr_isa isa) {
    switch (isa) {
        case VSR_ISA_BASELINE:
#if defined(__aarch64__)
            return "neon";
#else
            return "baseline";
#endif
        case VSR_ISA_AVX2:
            return "avx2";
        case VSR_ISA_AVX512:
            return "avx512";
        case VSR_ISA_AVX512_BF16:
            return "avx512-bf16";
    }
    return "unknown";
}

const vsr::KernelTable &vsr::kernels(vsr_isa_set permitted) {
    return *table_of(vsr_isa_best(permitted));
}
