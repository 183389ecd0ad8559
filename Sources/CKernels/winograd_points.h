// The interpolation points of the Winograd transforms.
#ifndef VSR_WINOGRAD_POINTS_H
#define VSR_WINOGRAD_POINTS_H

namespace vsr {

/// F(4×4, 3×3): 0, ±3/2, ±5/8, ∞. Half the rounding error of the usual ±1, ±2.
constexpr float kPoints3[2] = {0.625f, 1.5f};

/// F(4×4, 4×4): ±3/8, ±1, ±2, ∞. The smallest error among all triples of small fractions, and of
/// pairs with 0: 1.0e-6 for 32 channels, where F(4×4, 3×3) has 3.7e-7.
constexpr float kPoints7[3] = {0.375f, 1, 2};

}  // namespace vsr
#endif
