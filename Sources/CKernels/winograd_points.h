// The interpolation points of the Winograd transforms.
#ifndef VSR_WINOGRAD_POINTS_H
#define VSR_WINOGRAD_POINTS_H

namespace vsr {

/// F(4×4, 3×3): 0, ±3/2, ±5/8, ∞. Half the rounding error of the usual ±1, ±2.
constexpr float kPoints3[2] = {0.625f, 1.5f};

/// F(4×4, 7×7): 0, ±7/16, ±13/16, ±5/4, ±5/2, ∞. The smallest rounding error among some hundred
/// quadruples of sixteenths: 1.0e-5 for 16 channels of normal values (float32 against double),
/// where four kernels of 4×4 with F(4×4, 4×4) have 1.2e-6 and take twice the products.
constexpr float kPoints7[4] = {0.4375f, 0.8125f, 1.25f, 2.5f};

}  // namespace vsr
#endif
