#include "simd/prelude.h"

#pragma clang fp contract(fast)
namespace vsr::baseline {
#if defined(__aarch64__)
// 32 registers, as with AVX-512.
constexpr int kLanes = 4, kMaxVectors = 5, kMaxFilters = 5;
#else
constexpr int kLanes = 4, kMaxVectors = 2, kMaxFilters = 6;
#endif
#include "simd/kernels.h"
}  // namespace vsr::baseline

const vsr::KernelTable *vsr::baseline_kernels() {
    static constexpr KernelTable table = {
        .isa = VSR_ISA_BASELINE,
        .lanes = baseline::kLanes,
        .max_vectors = baseline::kMaxVectors,
        .max_filters = baseline::kMaxFilters,
        .conv1 = baseline::conv1,
        .conv3 = baseline::conv_piece<baseline::Winograd3, baseline::Fp32>,
        .conv7 = baseline::conv_piece<baseline::Winograd7, baseline::Fp32>,
        .conv3_bf16 = nullptr,
        .image_row = baseline::image_row,
        .warp_row = baseline::warp_row,
        .multiply_floats = baseline::multiply<float>,
        .multiply_doubles = baseline::multiply<double>,
    };
    return &table;
}
