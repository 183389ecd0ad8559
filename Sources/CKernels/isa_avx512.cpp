#if defined(__x86_64__)
#include "simd/prelude.h"

#pragma clang attribute push(                                                    \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,bmi2"))), \
    apply_to = function)
#pragma clang fp contract(fast)
namespace vsr::avx512 {
constexpr int kLanes = 16, kMaxVectors = 5, kMaxFilters = 5;
#include "simd/kernels.h"
}  // namespace vsr::avx512
#pragma clang attribute pop

const vsr::KernelTable *vsr::avx512_kernels() {
    static constexpr KernelTable table = {
        .isa = VSR_ISA_AVX512,
        .lanes = avx512::kLanes,
        .max_vectors = avx512::kMaxVectors,
        .max_filters = avx512::kMaxFilters,
        .conv1 = avx512::conv1,
        .conv3 = avx512::conv_piece<avx512::Winograd3, avx512::Fp32>,
        .conv7 = avx512::conv_piece<avx512::Winograd7, avx512::Fp32>,
        .conv3_bf16 = nullptr,
        .image_row = avx512::image_row,
        .warp_row = avx512::warp_row,
        .multiply_floats = avx512::multiply<float>,
        .multiply_doubles = avx512::multiply<double>,
    };
    return &table;
}
#else
#include "kernel_table.h"
const vsr::KernelTable *vsr::avx512_kernels() {
    return nullptr;
}
#endif
