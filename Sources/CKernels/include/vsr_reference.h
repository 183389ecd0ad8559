#ifndef VSR_REFERENCE_H
#define VSR_REFERENCE_H

// The specification: every operation of the networks in plain C, one obvious loop each, never
// tuned. The SIMD kernels are tested against these.
//
// Layout everywhere: planar float [channels, height, width], rows contiguous, no padding. Sums are
// accumulated in double and rounded to float once. Outputs never overlap inputs unless said.

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// What a warp reads beyond the edge of the picture.
enum vsr_padding {
    VSR_PADDING_ZEROS = 0,
    VSR_PADDING_BORDER = 1,
};

// Convolution with an odd square kernel, stride 1, zeros outside the picture.
// weight is [outputs, inputs, kernel, kernel], bias [outputs]; inputs may be 0.
void vsr_reference_convolution(const float *input, size_t inputs, size_t height, size_t width,
                               const float *weight, const float *bias, size_t outputs,
                               size_t kernel, float *output);

// values[i] < 0 becomes slope * values[i], in place; slope 0 is ReLU. NaN stays NaN.
void vsr_reference_leaky_relu(float *values, size_t count, float slope);

// [4 * channels, height, width] to [channels, 2 * height, 2 * width]: filter 4u + 2j + i holds the
// pixels of row parity j and column parity i of channel u.
void vsr_reference_pixel_shuffle(const float *input, size_t channels, size_t height, size_t width,
                                 float *output);

// Bilinear sampling of each output pixel (x, y) at (x + dx, y + dy); flow is [2, height, width],
// dx first, in pixels. On an axis of length 1 the flow has no effect. A flow that is not a number
// gives zero under zero padding and counts as 0 under border padding.
void vsr_reference_warp(const float *input, size_t channels, size_t height, size_t width,
                        const float *flow, enum vsr_padding padding, float *output);

// Mean of each 2 x 2 square; output is [channels, height / 2, width / 2], an odd last row or
// column is left out.
void vsr_reference_average_pool(const float *input, size_t channels, size_t height, size_t width,
                                float *output);

// Bilinear resize as PyTorch's interpolate without antialiasing. With align_corners the centers of
// the corner pixels coincide, else the corners of the pictures.
void vsr_reference_resize(const float *input, size_t channels, size_t height, size_t width,
                          float *output, size_t output_height, size_t output_width,
                          int align_corners);

#ifdef __cplusplus
}
#endif

#endif
