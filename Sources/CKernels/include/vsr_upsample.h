#ifndef VSR_UPSAMPLE_H
#define VSR_UPSAMPLE_H

#include "vsr_conv.h"

#ifdef __cplusplus
extern "C" {
#endif

/// The network's last part. Weights as [outputs, inputs, kernel, kernel], biases [outputs]:
/// fusion 1×1 (`hidden` → `fused`) + LeakyReLU, `upconv1` (fused → 4·first), shuffle ×2,
/// LeakyReLU, where `scale` is 4 `upconv2` (first → 4·second), shuffle ×2, LeakyReLU, `conv_hr`
/// (→ refined) + LeakyReLU, `conv_last` (→ 3), plus the frame resized bilinearly
/// (`align_corners=false`). Any width but `fused` may be 0.
typedef struct {
    int32_t scale;
    int32_t hidden, fused, first, second, refined;
    float slope;
    const float *fusion_weights, *fusion_bias;
    const float *upconv1_weights, *upconv1_bias;
    /// Not read where `scale` is 2.
    const float *upconv2_weights, *upconv2_bias;
    const float *conv_hr_weights, *conv_hr_bias;
    const float *conv_last_weights, *conv_last_bias;
} vsr_upsampler_weights;

/// The packed upsampler. Immutable, so usable by any number of pools at once.
typedef struct vsr_upsampler vsr_upsampler;

/// Packs the weights; the arrays may be freed afterwards. NULL if memory runs out or sizes are
/// wrong. `pool` (may be NULL) shares the work and is not kept.
vsr_upsampler *vsr_upsampler_create(vsr_pool *pool, const vsr_upsampler_weights *weights,
                                    vsr_precision precision, vsr_isa_set permitted);
void vsr_upsampler_destroy(vsr_upsampler *upsampler);

/// Where the frame goes: planes [3, scale·height, scale·width], strides in elements. Where `bytes`
/// is not NULL, round(255 · clamp(value, 0, 1)) is written there instead of floats.
typedef struct {
    float *floats;
    uint8_t *bytes;
    ptrdiff_t plane_stride, row_stride;
} vsr_image_output;

/// Runs the upsampler as a pipeline over rows, one per band of rows where there are several
/// threads: no map of the output's size is ever stored.
///
/// - hidden: maps whose channels, concatenated, are the fusion's input (all of the same size).
/// - frame: low-resolution RGB planes [3, height, width], dense.
vsr_status vsr_upsample_strips(vsr_pool *pool, const vsr_upsampler *upsampler,
                               const vsr_map *const *hidden, int32_t hidden_count,
                               const float *frame, vsr_image_output output);

#ifdef __cplusplus
}
#endif
#endif
