#ifndef VSR_KERNELS_H
#define VSR_KERNELS_H

/// The tuned kernels. The plain C specification that they are tested against is `vsr_reference.h`.

#include "vsr_conv.h"
#include "vsr_image.h"
#include "vsr_isa.h"
#include "vsr_map.h"
#include "vsr_matmul.h"
#include "vsr_pool.h"
#include "vsr_trunk.h"
#include "vsr_upsample.h"
#include "vsr_warp.h"

#endif
