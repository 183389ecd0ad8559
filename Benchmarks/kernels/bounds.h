// Bounds on ‖actual − expected‖₂ / ‖expected‖₂ against plain C, which sums in double.
//
// One wrong weight, channel or pixel of the checks' small networks gives 1e-3 and more.
#ifndef HARNESS_BOUNDS_H
#define HARNESS_BOUNDS_H

#include <cmath>

#include "harness.h"

namespace harness {

/// Winograd's transforms lose digits: `scripts/reference/winograd_error.py` simulates 7.9e-7 for
/// 3×3 and 1.65e-5 for 7×7 with 64 channels, the most that are checked. Bounds are twice that.
constexpr double kConvolution3 = 1.6e-6;
constexpr double kConvolution7 = 3.3e-5;

/// A running sum of n products in fp32 errs by about √n · 2⁻²⁴ of its result where errors are
/// random: 4.8e-7 for the 64 inputs that are checked. Twice that.
constexpr double kConvolution1 = 9.6e-7;

/// Products of bf16 numbers: each factor is rounded by up to 2⁻⁹ of its size, 1.1e-3 on average of
/// both factors, and Winograd's transforms enlarge that six- to twentyfold (0.02 was measured).
constexpr double kBF16 = 0.05;

/// Bound of a convolution with a kernel of this side.
inline double convolution_bound(const Setting &setting, int kernel) {
    if (kernel == 1) return kConvolution1;
    if (kernel == 7) return kConvolution7;
    return setting.precision == VSR_PRECISION_BF16 ? kBF16 : kConvolution3;
}

/// Bound of `layers` 3×3 convolutions one after another. A layer carries the relative error of its
/// input to its output and adds its own, and independent errors add in quadrature.
inline double chain_bound(const Setting &setting, int layers) {
    return convolution_bound(setting, 3) * std::sqrt(double(layers));
}

/// Coordinates below 512, as all are that lie within the checked pictures, are rounded by up to
/// 2⁻¹⁶ pixels on each of two axes, 3.05e-5 in the worst case, and a pixel further the picture is
/// another. Kept at the lower bound that tests had before.
constexpr double kWarp = 3e-5;

/// Coordinates below 96 are rounded twice, as ratio and as product, by up to 2⁻²⁴ of their size
/// each: 2.7e-6 pixels on average over a picture, √2 times that on two axes, and √2 times the
/// contrast of white noise between neighbors. Not quite twice the resulting 5.4e-6.
constexpr double kResize = 1e-5;

/// Three sums, each rounded by up to 2⁻²⁴ of its result.
constexpr double kPooling = 3 / 16777216.0;

}  // namespace harness
#endif
