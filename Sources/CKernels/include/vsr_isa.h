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

/// The instruction sets that processor and operating system support, as a set of bits.
uint32_t vsr_isa_available(void);

/// Restricts everything created from now on to the instruction sets in `mask` (packed weights and
/// pools keep the kernels they were created for). `VSR_ISA_BASELINE` is always kept.
void vsr_isa_mask(uint32_t mask);

/// The instruction set that is chosen now.
vsr_isa vsr_isa_selected(void);

/// Its name: "baseline", "neon", "avx2", "avx512", "avx512-bf16".
const char *vsr_isa_name(vsr_isa isa);

#ifdef __cplusplus
}
#endif
#endif
