// All kernels of one instruction set. Included by `isa_*.cpp` inside a namespace of its own, with
// kLanes, kMaxVectors and kMaxFilters defined; every standard header comes before.

// The order matters: each needs what the ones above it define.
// clang-format off
#include "vector.h"
#include "gemm.h"
#include "winograd.h"
#include "conv_output.h"
#include "conv.h"
#include "conv1.h"
#include "image_rows.h"
#include "warp.h"
// clang-format on
