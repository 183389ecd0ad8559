#ifndef VSR_CONV_H
#define VSR_CONV_H

#include "vsr_map.h"

#ifdef __cplusplus
extern "C" {
#endif

/// A convolution with its weights packed for one instruction set, the best that was permitted.
/// Immutable, so usable by any number of pools at once.
typedef struct vsr_conv vsr_conv;

/// Arithmetic of a convolution's products; sums are always fp32.
typedef enum { VSR_PRECISION_FP32 = 0, VSR_PRECISION_BF16 = 1 } vsr_precision;

/// What is done to a convolution's result; LeakyReLU covers ReLU (slope 0) and none (slope 1).
typedef enum {
    /// Replaces the output channel by LeakyReLU(result).
    VSR_STORE = 0,
    /// Adds the result to the output channel; the slope is not used.
    VSR_ADD = 1,
} vsr_output_mode;

/// Channels that a convolution reads: some of `map`. Where `channels` is NULL: 0, 1, … count − 1.
typedef struct {
    const vsr_map *map;
    const int32_t *channels;
    int32_t count;
} vsr_source;

/// Packs weights [outputs, inputs, kernel, kernel] and bias [outputs]; kernel is 1, 3 or 7, inputs
/// and outputs may be 0. Arrays may be freed afterwards. NULL if memory runs out or sizes are
/// wrong. BF16 holds for kernel 3 where the instruction set has it, else it is fp32. `pool` (may be
/// NULL) shares the work and is not kept.
vsr_conv *vsr_conv_create(vsr_pool *pool, int32_t kernel, int32_t inputs, int32_t outputs,
                          const float *weights, const float *bias, vsr_precision precision,
                          vsr_isa_set permitted);
void vsr_conv_destroy(vsr_conv *conv);

/// Convolves, with zero padding, the concatenation of the sources' channels (together `inputs`)
/// into channels `output_channels` (NULL: 0, 1, …) of `output`, which has the sources' size and is
/// none of the maps read, or whose channels written are none of those read.
vsr_status vsr_conv_run(vsr_pool *pool, const vsr_conv *conv, const vsr_source *sources,
                        int32_t source_count, vsr_map *output, const int32_t *output_channels,
                        vsr_output_mode mode, float slope);

#ifdef __cplusplus
}
#endif
#endif
