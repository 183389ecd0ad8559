#ifndef VSR_POOL_H
#define VSR_POOL_H

#include <stdint.h>

#include "vsr_isa.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Results of functions that can fail.
typedef enum {
    VSR_OK = 0,
    /// Memory could not be had.
    VSR_OUT_OF_MEMORY = 1,
    /// Sizes, channel numbers or counts that do not fit together.
    VSR_INVALID_ARGUMENT = 2,
} vsr_status;

/// Threads with their scratch memory. One caller at a time; any number of pools.
typedef struct vsr_pool vsr_pool;

/// A pool of `threads` (at least 1), the caller's own among them; NULL if it cannot be had. What is
/// not created itself (the warp) uses the best of the instruction sets `permitted` here.
vsr_pool *vsr_pool_create(int32_t threads, vsr_isa_set permitted);
void vsr_pool_destroy(vsr_pool *pool);
int32_t vsr_pool_threads(const vsr_pool *pool);

/// Calls `body(context, piece, thread)` once for every piece in [0, pieces) and returns when all
/// are done. Each thread begins with an equal share of neighboring pieces, the same ones every
/// time, and then helps others with theirs. Without a pool (NULL) the caller's thread does it all,
/// in ascending order.
void vsr_pool_for(vsr_pool *pool, int32_t pieces,
                  void (*body)(void *context, int32_t piece, int32_t thread), void *context);

#ifdef __cplusplus
}
#endif
#endif
