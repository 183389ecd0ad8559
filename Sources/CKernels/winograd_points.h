// The interpolation points of the Winograd transforms.
#ifndef VSR_WINOGRAD_POINTS_H
#define VSR_WINOGRAD_POINTS_H

namespace vsr {

/// F(4×4, 3×3): 0, ±a, ±b, ∞. Of the pairs of small fractions these gave the smallest error: half
/// that of ±1, ±2.
constexpr float kPointA = 0.625f, kPointB = 1.5f;

}  // namespace vsr
#endif
