#if defined(__x86_64__)
#include <immintrin.h>

#include "simd/prelude.h"

#define VSR_HAS_BF16

#pragma clang attribute push(                                                               \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx2,fma,bmi2"))), \
    apply_to = function)
#pragma clang fp contract(fast)
namespace vsr::avx512_bf16 {
constexpr int kLanes = 16, kMaxVectors = 5, kMaxFilters = 5;
#include "simd/kernels.h"
}  // namespace vsr::avx512_bf16
#pragma clang attribute pop

const vsr::KernelTable *vsr::avx512_bf16_kernels() {
    // What is in fp32 is as without bf16.
    static const KernelTable table = [] {
        KernelTable result = *avx512_kernels();
        result.isa = VSR_ISA_AVX512_BF16;
        result.conv3_bf16 = avx512_bf16::conv_piece<avx512_bf16::Winograd3, avx512_bf16::Bf16>;
        return result;
    }();
    return &table;
}
#else
#include "kernel_table.h"
const vsr::KernelTable *vsr::avx512_bf16_kernels() {
    return nullptr;
}
#endif
