// All kernels of one instruction set. Included by `isa_*.cpp` inside a namespace of its own, with
// kLanes, kMaxVectors and kMaxFilters defined; every standard header comes before.

// The order matters: each needs what the ones above it define.
// clang-format off
#include "vector.h"
#include "gemm.h"
#include "winograd.h"
#include "conv_output.h"
#include "piece.h"
#if defined(VSR_HAS_BF16)
#include "bf16.h"
#endif
#include "conv.h"
#if !defined(VSR_HAS_BF16)  // else the rest is as without bf16
#include "conv1.h"
#include "image_rows.h"
#include "warp.h"
#include "matmul.h"
#endif
// clang-format on
