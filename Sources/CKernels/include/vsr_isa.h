#ifndef VSR_ISA_H
#define VSR_ISA_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Instruction sets that kernels are built for, one bit each, the more capable the higher.
typedef enum {
    /// Four lanes of whatever the architecture guarantees: SSE2 on x86-64, NEON on arm64.
    VSR_ISA_BASELINE = 1,
    /// AVX2 with FMA.
    VSR_ISA_AVX2 = 2,
    /// AVX-512 F, BW, DQ and VL.
    VSR_ISA_AVX512 = 4,
    /// AVX-512 as above and BF16: what `VSR_PRECISION_BF16` needs.
    VSR_ISA_AVX512_BF16 = 8,
} vsr_isa;

/// A set of instruction sets: their bits, or 0xFFFFFFFF for all. Every `create` function takes the
/// ones that what it creates may use, and keeps to the best of them.
typedef uint32_t vsr_isa_set;

/// The instruction sets that processor and operating system support.
vsr_isa_set vsr_isa_available(void);

/// The most capable available one of `permitted`; the baseline is always permitted.
vsr_isa vsr_isa_best(vsr_isa_set permitted);

/// Its name: "baseline", "neon", "avx2", "avx512", "avx512-bf16".
const char *vsr_isa_name(vsr_isa isa);

#ifdef __cplusplus
}
#endif
#endif
