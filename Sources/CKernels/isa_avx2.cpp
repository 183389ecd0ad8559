#if defined(__x86_64__)
#include "simd/prelude.h"

#pragma clang attribute push(__attribute__((target("avx2,fma,bmi2"))), apply_to = function)
#pragma clang fp contract(fast)
namespace vsr::avx2 {
constexpr int kLanes = 8, kMaxVectors = 3, kMaxFilters = 4;
#include "simd/kernels.h"
}  // namespace vsr::avx2
#pragma clang attribute pop

const vsr::KernelTable *vsr::avx2_kernels() {
    static constexpr KernelTable table = {
        VSR_ISA_AVX2, avx2::kLanes, avx2::kMaxVectors, avx2::kMaxFilters, avx2::conv3, nullptr,
    };
    return &table;
}
#else
#include "kernel_table.h"
const vsr::KernelTable *vsr::avx2_kernels() {
    return nullptr;
}
#endif
