#ifndef VSR_TRUNK_H
#define VSR_TRUNK_H

#include "vsr_conv.h"

#ifdef __cplusplus
extern "C" {
#endif

/// A residual block with Residual Sparsity Connection:
/// `x[output_channels] += conv2(ReLU(conv1(x[input_channels])))`, both 3×3 with zero padding.
/// Any count may be 0. Without outputs the block does nothing.
typedef struct {
    int32_t inputs, middle, outputs;
    /// Channels of the trunk, ascending and distinct.
    const int32_t *input_channels, *output_channels;
    /// [middle, inputs, 3, 3], [middle], [outputs, middle, 3, 3], [outputs]
    const float *weights1, *bias1, *weights2, *bias2;
} vsr_block;

/// Residual blocks, packed. Immutable, so usable by any number of pools at once.
typedef struct vsr_trunk vsr_trunk;

/// Packs `count` blocks of a trunk of `channels`; the arrays may be freed afterwards. NULL if
/// memory runs out or a channel number is out of range. `pool` (may be NULL) shares the work and is
/// not kept.
vsr_trunk *vsr_trunk_create(vsr_pool *pool, int32_t channels, int32_t count,
                            const vsr_block *blocks, vsr_precision precision,
                            vsr_isa_set permitted);
void vsr_trunk_destroy(vsr_trunk *trunk);

/// Runs all blocks on `map` in place.
vsr_status vsr_trunk_run(vsr_pool *pool, const vsr_trunk *trunk, vsr_map *map);

#ifdef __cplusplus
}
#endif
#endif
