#if defined(__x86_64__)
#include "simd/prelude.h"

#pragma clang attribute push(__attribute__((target("avx2,fma,bmi2"))), apply_to = function)
#pragma clang fp contract(fast)
namespace vsr::avx2 {
constexpr int kLanes = 8, kMaxVectors = 2, kMaxFilters = 6;
#include "simd/kernels.h"
}  // namespace vsr::avx2
#pragma clang attribute pop

const vsr::KernelTable *vsr::avx2_kernels() {
    static constexpr KernelTable table = {
        .isa = VSR_ISA_AVX2,
        .lanes = avx2::kLanes,
        .max_vectors = avx2::kMaxVectors,
        .max_filters = avx2::kMaxFilters,
        .conv1 = avx2::conv1,
        .conv3 = avx2::conv_piece<avx2::Winograd3, avx2::Fp32>,
        .conv7 = avx2::conv_piece<avx2::Winograd7, avx2::Fp32>,
        .conv3_bf16 = nullptr,
        .image_row = avx2::image_row,
        .warp_row = avx2::warp_row,
        .multiply_floats = avx2::multiply<float>,
        .multiply_doubles = avx2::multiply<double>,
    };
    return &table;
}
#else
#include "kernel_table.h"
const vsr::KernelTable *vsr::avx2_kernels() {
    return nullptr;
}
#endif
