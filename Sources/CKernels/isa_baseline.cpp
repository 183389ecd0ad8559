#include "simd/prelude.h"

#pragma clang fp contract(fast)
namespace vsr::baseline {
#if defined(__aarch64__)
// 32 registers, as with AVX-512.
constexpr int kLanes = 4, kMaxVectors = 5, kMaxFilters = 5;
#else
constexpr int kLanes = 4, kMaxVectors = 3, kMaxFilters = 4;
#endif
#include "simd/kernels.h"
}  // namespace vsr::baseline

const vsr::KernelTable *vsr::baseline_kernels() {
    static constexpr KernelTable table = {
        VSR_ISA_BASELINE,      baseline::kLanes, baseline::kMaxVectors,
        baseline::kMaxFilters, baseline::conv3,  nullptr,
    };
    return &table;
}
