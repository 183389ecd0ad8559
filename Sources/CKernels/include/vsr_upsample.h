#ifndef VSR_UPSAMPLE_H
#define VSR_UPSAMPLE_H

#include "vsr_conv.h"

#ifdef __cplusplus
extern "C" {
#endif

/// A convolution of the network's last part. Weights as [channels · factor², inputs, kernel,
/// kernel], its inputs being the channels of the one before; biases [channels · factor²].
typedef struct {
    /// After the pixel-shuffle; may be 0.
    int32_t channels;
    /// Of the pixel-shuffle that follows: 2, or 1 for none.
    int32_t factor;
    const float *weights, *bias;
} vsr_upsampler_layer;

/// The packed upsampler. Immutable, so usable by any number of pools at once.
typedef struct vsr_upsampler vsr_upsampler;

/// Packs the network's last part; the arrays may be freed afterwards. `layers` run one after the
/// other, first the fusion, 1×1 from `hidden` channels, which is not shuffled and keeps some
/// channels, then any number of 3×3 ones, each + LeakyReLU and its shuffle, at last a 3×3 one to 3
/// channels, to which the frame resized bilinearly (`align_corners=false`) is added. One or two of
/// them shuffle.
///
/// NULL if memory runs out or the layers are not such. `pool` (may be NULL) shares the work and is
/// not kept.
vsr_upsampler *vsr_upsampler_create(vsr_pool *pool, int32_t hidden,
                                    const vsr_upsampler_layer *layers, int32_t count, float slope,
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
