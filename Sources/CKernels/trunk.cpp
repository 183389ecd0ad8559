// Residual blocks, both convolutions fused over tile rows, in place.
//
// A thread sweeps down a band of tile rows: conv1 of tile row r + 1 into a ring that stays in the
// second-level cache, then conv2 of tile row r from the ring onto the trunk. Conv1 of r + 2 reads
// from row 4r + 7 on, which conv2 of r has not touched: in place is safe within a band. Across
// bands it is made so by seams: before either neighbor begins, conv1's results for the last tile
// row above a seam and the first below it are stored, so a band reads no other band's pixels.
// Nothing is computed twice, and every pixel is computed the same way however many bands there
// are.
//
// A block is two phases of the work plan, its seams and its bands. A piece waits for those of the
// phases before that touch it, never for a whole phase, so there are no barriers between blocks.
// Every thread has bands of its own, which stay in its core's caches from block to block.
#include <algorithm>
#include <memory>
#include <new>
#include <vector>

#include "include/vsr_trunk.h"
#include "packed_conv.h"
#include "pool.h"
#include "view.h"

namespace vsr {
namespace {

struct PackedBlock {
    std::vector<int32_t> inputs, outputs;
    int32_t middle;
    vsr_conv *conv1, *conv2;
};

}  // namespace
}  // namespace vsr

struct vsr_trunk {
    const uint64_t number = vsr::new_owner();
    int32_t channels;
    std::vector<vsr::PackedBlock> blocks;
    const vsr::KernelTable *kernels;
    int32_t widest_middle = 0;
    size_t scratch = 0;
};

namespace vsr {
namespace {

constexpr int32_t kRingRows = 9;  // 4r − 1 … 4r + 7 while conv2 works on tile row r
constexpr int32_t kSeamRows = 8;
constexpr int32_t kBandsPerThread = 4, kShortestBand = 3;

/// Bands of one trunk's map; band k is tile rows [start(k), start(k + 1)).
struct Bands {
    int32_t tile_rows, count;

    Bands(int32_t height, int32_t threads) : tile_rows((height + 3) / 4) {
        const int32_t most = std::max(tile_rows / kShortestBand, 1);
        count = threads == 1 ? 1 : std::min(threads * kBandsPerThread, most);
    }
    int32_t start(int32_t band) const {
        return static_cast<int32_t>(int64_t{tile_rows} * band / count);
    }
};

/// How the trunk goes through maps of one size, and where everything is in the run under way.
/// Counters say how many blocks each seam and band has finished.
struct Run : KeptPlan {
    const vsr_trunk &trunk;
    vsr_pool *pool;
    View map{};
    Bands bands;
    int32_t vectors, parts;
    std::vector<View> rings, seams;
    std::vector<std::atomic<int32_t>> seams_done, bands_done;
    WorkPlan work_plan;
    /// The seams and bands of a block in the work plan's order, seam k as −1 − k.
    std::vector<int32_t> places;

    Run(const vsr_trunk &trunk, vsr_pool *pool, int32_t height, int32_t width);
    vsr_status begin(const vsr_map &map);
    void piece(int32_t index, int32_t thread);

  private:
    void make_work_plan();
    void seam(int32_t block, int32_t seam, int32_t thread);
    void band(int32_t block, int32_t band, int32_t thread);
    void conv1(const PackedBlock &block, const View &middle, int32_t tile_row, int32_t thread,
               const Prefetch &next);
    void conv2(const PackedBlock &block, const Input &middle, int32_t tile_row, int32_t thread,
               const Prefetch &next);
    void run_parts(ConvPiece work, int32_t thread);
    Prefetch rows_ahead(const std::vector<int32_t> &channels, int32_t first_row) const;
    ptrdiff_t middle_row(int32_t band, int32_t y, const View &ring) const;
};

Run::Run(const vsr_trunk &trunk, vsr_pool *pool, int32_t height, int32_t width)
    : trunk(trunk),
      pool(pool),
      bands(height, vsr_pool_threads(pool)),
      vectors(vectors_per_row(*trunk.kernels, width)),
      parts(parts_per_row(*trunk.kernels, vectors)),
      rings(static_cast<size_t>(vsr_pool_threads(pool))),
      seams(static_cast<size_t>(bands.count) - 1),
      seams_done(static_cast<size_t>(bands.count)),
      bands_done(static_cast<size_t>(bands.count)),
      work_plan{vsr_pool_threads(pool)} {
    make_work_plan();
    reserve_work_plan(pool, work_plan);
}

void Run::make_work_plan() {
    const int32_t seam_count = bands.count - 1, threads = work_plan.shares;
    for (int32_t thread = 0; thread < threads; thread++) {
        for (const int32_t seam : borders_first(seam_count, threads, thread)) {
            places.push_back(-1 - (seam + 1));
        }
    }
    for (int32_t thread = 0; thread < threads; thread++) {
        for (const int32_t band : borders_first(bands.count, threads, thread)) {
            places.push_back(band);
        }
    }
    for (size_t block = 0; block < trunk.blocks.size(); block++) {
        for (const int32_t count : {seam_count, bands.count}) {
            for (int32_t thread = 0; thread < threads; thread++) {
                work_plan.add_share(share_start(count, threads, thread + 1) -
                                    share_start(count, threads, thread));
            }
        }
    }
}

/// Other runs use the same scratch memory in between, so that its padding is to be zeroed again.
vsr_status Run::begin(const vsr_map &target) {
    map = view(target);
    const int32_t middle = trunk.widest_middle;
    const size_t ring_size = ring_bytes(middle, kRingRows, map.width);
    const size_t seam_size = ring_bytes(middle, kSeamRows, map.width);
    if (!reserve_scratch(pool, trunk.scratch * sizeof(float),
                         rings.size() * ring_size + seams.size() * seam_size)) {
        return VSR_OUT_OF_MEMORY;
    }
    std::byte *memory = shared_scratch(pool);
    for (View &one : rings) {
        one = ring(memory, middle, kRingRows, map.height, map.width);
        memory += ring_size;
    }
    for (View &seam : seams) {
        seam = ring(memory, middle, kSeamRows, map.height, map.width);
        memory += seam_size;
    }
    for (auto &done : seams_done) done.store(0, std::memory_order_relaxed);
    for (auto &done : bands_done) done.store(0, std::memory_order_relaxed);
    return VSR_OK;
}

void Run::piece(int32_t index, int32_t thread) {
    const int32_t count = static_cast<int32_t>(places.size());
    const int32_t block = index / count, place = places[index % count];
    if (place < 0) {
        const int32_t k = -1 - place;
        wait_until(bands_done[k - 1], block);
        wait_until(bands_done[k], block);
        seam(block, k, thread);
        raise(seams_done[k], block + 1);
    } else {
        const int32_t k = place;
        wait_until(bands_done[k], block);
        if (k > 0) wait_until(seams_done[k], block + 1);
        if (k + 1 < bands.count) wait_until(seams_done[k + 1], block + 1);
        band(block, k, thread);
        raise(bands_done[k], block + 1);
    }
}

void Run::seam(int32_t index, int32_t seam, int32_t thread) {
    const PackedBlock &block = trunk.blocks[index];
    const int32_t start = bands.start(seam);
    const View &middle = seams[seam - 1];
    const Prefetch next = rows_ahead(block.inputs, 4 * start + 1);
    conv1(block, middle, start - 1, thread, next);
    conv1(block, middle, start, thread, {});
}

void Run::band(int32_t index, int32_t band, int32_t thread) {
    const PackedBlock &block = trunk.blocks[index];
    const View &ring = rings[thread];
    const int32_t first = bands.start(band), end = bands.start(band + 1);
    // Tile rows whose conv1 is not in a seam.
    const int32_t own_first = band > 0 ? first + 1 : first;
    const int32_t own_end = band + 1 < bands.count ? end - 1 : end;
    int32_t made = own_first;
    for (int32_t r = first; r < end; r++) {
        // Fetched ahead: what conv2 of r adds to, then what conv1 of r + 2 reads.
        const Prefetch sums = rows_ahead(block.outputs, 4 * r);
        const Prefetch inputs = rows_ahead(block.inputs, 4 * (r + 2) + 1);
        for (; made < std::min(r + 2, own_end); made++) {
            conv1(block, ring, made, thread, made == r + 1 ? sums : Prefetch{});
        }
        Input middle{ring.data,  ring.channel_stride,   ring.phase_offset,
                     ring.tiles, block.conv2->identity, block.middle,
                     {}};
        for (int y = 0; y < 6; y++) middle.rows[y] = middle_row(band, 4 * r - 1 + y, ring);
        conv2(block, middle, r, thread, r + 2 < end ? inputs : Prefetch{});
    }
}

/// Four rows of the map, from `first_row` on.
Prefetch Run::rows_ahead(const std::vector<int32_t> &channels, int32_t first_row) const {
    return {.view = &map,
            .channels = channels.data(),
            .count = static_cast<int32_t>(channels.size()),
            .first_row = first_row,
            .rows = 4,
            .tiles = map.tiles};
}

ptrdiff_t Run::middle_row(int32_t band, int32_t y, const View &ring) const {
    if (y < 0 || y >= map.height) return -ring.row_stride;
    const View *view = &ring;
    if (band > 0 && y / 4 <= bands.start(band)) view = &seams[band - 1];
    if (band + 1 < bands.count && y / 4 >= bands.start(band + 1) - 1) view = &seams[band];
    // Rings and seams lie in one allocation.
    return view->data - ring.data + view->row(y);
}

void Run::conv1(const PackedBlock &block, const View &middle, int32_t tile_row, int32_t thread,
                const Prefetch &next) {
    const Input input = Input::of(map, block.inputs.data(),
                                  static_cast<int32_t>(block.inputs.size()), 4 * tile_row - 1, 6);
    ConvPiece work{};
    work.conv = block.conv1;
    work.inputs = &input;
    work.input_count = 1;
    work.output = Output::of(middle, block.conv1->identity, 4 * tile_row, 4);
    work.target = Target::map;
    work.slope = 0;
    work.prefetch = next;
    run_parts(work, thread);
}

void Run::conv2(const PackedBlock &block, const Input &middle, int32_t tile_row, int32_t thread,
                const Prefetch &next) {
    ConvPiece work{};
    work.conv = block.conv2;
    work.inputs = &middle;
    work.input_count = 1;
    work.output = Output::of(map, block.outputs.data(), 4 * tile_row, 4);
    work.target = Target::sum;
    work.prefetch = next;
    run_parts(work, thread);
}

void Run::run_parts(ConvPiece work, int32_t thread) {
    work.scratch = thread_scratch(pool, thread);
    const auto kernel = conv_kernel(*work.conv);
    for (int32_t part = 0; part < parts; part++) {
        work.first_vector = part_start(vectors, parts, part);
        work.vectors = part_start(vectors, parts, part + 1) - work.first_vector;
        kernel(work);
        work.prefetch = {};
    }
}

bool valid(const vsr_block &block, int32_t channels) {
    const auto in_range = [channels](const int32_t *numbers, int32_t count) {
        return count >= 0 && std::all_of(numbers, numbers + count, [channels](int32_t number) {
                   return number >= 0 && number < channels;
               });
    };
    return block.middle >= 0 && in_range(block.input_channels, block.inputs) &&
           in_range(block.output_channels, block.outputs);
}

bool pack(vsr_pool *pool, vsr_trunk &trunk, const vsr_block &block, vsr_precision precision,
          vsr_isa_set permitted) {
    PackedBlock packed{};
    packed.inputs.assign(block.input_channels, block.input_channels + block.inputs);
    packed.outputs.assign(block.output_channels, block.output_channels + block.outputs);
    packed.middle = block.middle;
    packed.conv1 = vsr_conv_create(pool, 3, block.inputs, block.middle, block.weights1, block.bias1,
                                   precision, permitted);
    packed.conv2 = vsr_conv_create(pool, 3, block.middle, block.outputs, block.weights2,
                                   block.bias2, precision, permitted);
    trunk.blocks.push_back(packed);
    if (!packed.conv1 || !packed.conv2) return false;
    trunk.widest_middle = std::max(trunk.widest_middle, block.middle);
    trunk.scratch =
        std::max({trunk.scratch, conv_scratch(*packed.conv1), conv_scratch(*packed.conv2)});
    trunk.kernels = packed.conv1->kernels;
    return true;
}

}  // namespace
}  // namespace vsr

vsr_trunk *vsr_trunk_create(vsr_pool *pool, int32_t channels, int32_t count,
                            const vsr_block *blocks, vsr_precision precision,
                            vsr_isa_set permitted) {
    vsr_trunk *trunk = new (std::nothrow) vsr_trunk{};
    if (!trunk) return nullptr;
    trunk->channels = channels;
    bool good = count >= 0;
    try {
        for (int32_t i = 0; good && i < count; i++) {
            good = vsr::valid(blocks[i], channels);
            // A block without outputs does nothing.
            if (good && blocks[i].outputs > 0) {
                good = vsr::pack(pool, *trunk, blocks[i], precision, permitted);
            }
        }
    } catch (const std::bad_alloc &) {
        good = false;
    }
    if (good) return trunk;
    vsr_trunk_destroy(trunk);
    return nullptr;
}

void vsr_trunk_destroy(vsr_trunk *trunk) {
    if (!trunk) return;
    for (const vsr::PackedBlock &block : trunk->blocks) {
        vsr_conv_destroy(block.conv1);
        vsr_conv_destroy(block.conv2);
    }
    delete trunk;
}

vsr_status vsr_trunk_run(vsr_pool *pool, const vsr_trunk *trunk, vsr_map *map) {
    if (map->channels != trunk->channels) return VSR_INVALID_ARGUMENT;
    if (trunk->blocks.empty()) return VSR_OK;
    try {
        vsr::Run &run = vsr::plan_of<vsr::Run>(*trunk, pool, map->height, map->width);
        const vsr_status status = run.begin(*map);
        if (status != VSR_OK) return status;
        vsr::planned_for(pool, run.work_plan,
                         [&run](int32_t piece, int32_t thread) { run.piece(piece, thread); });
        return VSR_OK;
    } catch (const std::bad_alloc &) {
        return VSR_OUT_OF_MEMORY;
    }
}
