// Which thread computes what of the upsampler, and what waits for what.
#ifndef VSR_UPSAMPLE_BANDS_H
#define VSR_UPSAMPLE_BANDS_H

#include <atomic>
#include <cstdint>
#include <vector>

#include "upsample_plan.h"
#include "work_plan.h"

namespace vsr {

struct KernelTable;

/// A layer and how a row of its input is cut: vectors of pixels, divided into that many parts.
struct Layer {
    LayerRows rows;
    int32_t width, vectors, parts;
};

/// A part of one layer's tile row, vectors [first, end) of it.
struct Piece {
    int32_t band;
    Step step;
    int32_t part, first, end;
    /// The band's next piece, −1 at its end.
    int32_t next = -1;
};

/// Rows of the output that are computed on their own, with what they need of every layer, by a
/// thread of its own or several together. Flags say which pieces are done.
struct Band {
    UpsamplePlan plan;
    std::vector<std::vector<std::atomic<int32_t>>> done;
};

/// The upsampler's work for maps of one size.
struct UpsampleBands {
    std::vector<Layer> layers;
    std::vector<Band> bands;
    std::vector<Piece> pieces;
    /// Bands are its shares.
    WorkPlan work_plan{};

    /// `factors` of the pixel-shuffles after the convolutions, 1 or 2 each, the fusion's first.
    UpsampleBands(const KernelTable &kernels, const std::vector<int32_t> &factors, int32_t threads,
                  int32_t height, int32_t width);
    void begin();
    /// Waits for what `piece` reads and for those that read what it overwrites.
    void wait_for_others(const Piece &piece) const;
    void finished(const Piece &piece);

  private:
    void add_band(int32_t first, int32_t end, int32_t together);
    void add_phase(int32_t band, size_t phase, int32_t &last);
    void make_work_plan();
    void wait_for_sources(const Piece &piece) const;
    void wait_for_readers(const Piece &piece) const;
    void wait_for_vectors(const Band &band, int32_t layer, int32_t tile_row, int32_t first,
                          int32_t last) const;
    size_t flag(const Band &band, int32_t layer, int32_t tile_row, int32_t part) const;
};

}  // namespace vsr
#endif
