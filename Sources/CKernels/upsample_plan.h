// The order of the upsampler's work: which tile row of which layer is computed when.
#ifndef VSR_UPSAMPLE_PLAN_H
#define VSR_UPSAMPLE_PLAN_H

#include <cstdint>
#include <vector>

namespace vsr {

/// A layer's rows: of its input, and how many rows of output a tile row of four gives (4 or 8).
struct LayerRows {
    int32_t height, rows_out;
    /// Rows of context above and below that a result needs: 1 for 3×3, 0 for 1×1.
    int32_t halo;

    int32_t tile_rows() const { return (height + 3) / 4; }
};

/// One layer's tile row.
struct Step {
    int32_t layer, tile_row;
};

/// What it takes to compute some tile rows of the last layer: tile rows of all layers in an order
/// in which each may run as soon as those it needs are done, and the rows that each layer's result
/// must be kept for.
struct UpsamplePlan {
    std::vector<Step> steps;
    /// Where each phase ends in `steps`; tile rows of a phase do not need each other.
    std::vector<int32_t> phase_ends;
    /// The first tile row of each layer.
    std::vector<int32_t> first;
    /// Rows of the ring that layer i writes.
    std::vector<int32_t> ring_rows;
};

/// How to compute tile rows [first, end) of the last layer. Every layer does no more than the next
/// ones need, so that what one writes is read while it is still in a cache.
///
/// With `together` 0 a phase is one tile row of one layer, and rings are as short as can be: for a
/// thread of its own. Otherwise layers advance together, a phase is `together` tile rows of the
/// last layer and, one phase ahead of each other, what the layers before it need: for several
/// threads, which take the tile rows of a phase freely.
UpsamplePlan plan_upsampling(const std::vector<LayerRows> &layers, int32_t first, int32_t end,
                             int32_t together);

}  // namespace vsr
#endif
