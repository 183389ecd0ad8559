// Instruction sets, threads and maps: what every kernel stands on.
#include "harness.h"

namespace harness {

void check_instruction_sets(Report &report) {
    const vsr_isa_set available = vsr_isa_available();
    report.expect(available & VSR_ISA_BASELINE, "the baseline is available");
    report.expect(vsr_isa_best(0) == VSR_ISA_BASELINE, "the baseline is always permitted");
    uint32_t best = 0;
    for (uint32_t bit = VSR_ISA_BASELINE; bit <= VSR_ISA_AVX512_BF16; bit <<= 1) {
        const std::string name = vsr_isa_name(static_cast<vsr_isa>(bit));
        if (!(available & bit)) {
            report.expect(vsr_isa_best(bit) == VSR_ISA_BASELINE,
                          "no " + name + " where there is none");
            continue;
        }
        best = bit;
        report.expect(vsr_isa_best(bit) == bit, name + " alone is the best");
        report.expect(vsr_isa_best(Setting::up_to(bit)) == bit, name + " is the best up to itself");
    }
    report.expect(vsr_isa_best(~vsr_isa_set{0}) == best, "of all, the best available is taken");
}

void check_pools(Report &report) {
    const vsr_isa_set all = vsr_isa_available();
    for (const int threads : {0, -1, 5000}) {
        report.expect(!vsr_pool_create(threads, all),
                      "no pool of " + std::to_string(threads) + " threads");
    }
    for (const int threads : {1, 2, 7}) {
        vsr_pool *pool = vsr_pool_create(threads, all);
        report.expect(pool && vsr_pool_threads(pool) == threads,
                      "a pool of " + std::to_string(threads) + " threads");
        for (const int pieces : {0, 1, 2, 1000}) {
            // Each piece counts in its own place, so a piece done twice shows.
            std::vector<int> counts(static_cast<size_t>(pieces));
            vsr_pool_for(
                pool, pieces,
                [](void *context, int32_t piece, int32_t) { static_cast<int *>(context)[piece]++; },
                counts.data());
            report.expect(counts == std::vector<int>(static_cast<size_t>(pieces), 1),
                          "every piece of " + std::to_string(pieces) + " is done once by " +
                              std::to_string(threads) + " threads");
        }
        vsr_pool_destroy(pool);
    }
}

namespace {

void check_copies(Report &report, vsr_pool *pool, int channels, int height, int width) {
    const std::string name = "map " + std::to_string(channels) + " " + std::to_string(height) +
                             "x" + std::to_string(width);
    const Floats x = normal(size_t(channels * height * width), 1, 1);
    GuardedMap map(pool, x, channels, height, width);
    report.expect(map.planes(pool) == x, name + " gives back what it took");
    report.expect(map.surroundings_are_intact(), name + " surroundings");
    GuardedMap copy(channels, height, width);
    report.expect(vsr_map_copy(pool, &map.map, &copy.map) == VSR_OK, name + " is copied");
    report.expect(copy.planes(pool) == x && copy.surroundings_are_intact(), name + " copy");
    vsr_map_clear(pool, &map.map);
    report.expect(map.planes(pool) == Floats(x.size()), name + " is cleared");
    GuardedMap other(channels, height, width + 1);
    report.expect(vsr_map_copy(pool, &map.map, &other.map) == VSR_INVALID_ARGUMENT,
                  name + " is not copied to another width");
}

// Pixels of planes [channels, height, width] whose column and row lie in `area`.
bool lies_in(vsr_rectangle area, size_t index, int height, int width) {
    const int x = int(index) % width, y = int(index) / width % height;
    return x >= area.left && x < area.right && y >= area.top && y < area.bottom;
}

void check_areas(Report &report, vsr_pool *pool, int channels, int height, int width) {
    const std::string name = "map " + std::to_string(channels) + " " + std::to_string(height) +
                             "x" + std::to_string(width);
    const size_t count = size_t(channels * height * width);
    const Floats x = normal(count, 1, 1), z = normal(count, 1, 2);
    const GuardedMap source(pool, x, channels, height, width);
    const vsr_rectangle area{width / 3, width - width / 5, height / 4, height - height / 6};
    GuardedMap target(pool, z, channels, height, width);
    report.expect(vsr_map_copy_area(pool, &source.map, &target.map, area) == VSR_OK,
                  name + " area is copied");
    Floats expected = z;
    for (size_t i = 0; i < count; i++) {
        if (lies_in(area, i, height, width)) expected[i] = x[i];
    }
    report.expect(target.planes(pool) == expected && target.surroundings_are_intact(),
                  name + " area");
    const vsr_rectangle beyond{0, width + 1, 0, height};
    report.expect(vsr_map_copy_area(pool, &source.map, &target.map, beyond) == VSR_INVALID_ARGUMENT,
                  name + " area beyond the map is refused");

    Floats shares(size_t(height * width));
    for (size_t i = 0; i < shares.size(); i++) shares[i] = float(i % 3) / 2;
    const GuardedMap share(pool, shares, 1, height, width);
    GuardedMap mixed(pool, z, channels, height, width);
    report.expect(vsr_map_blend(pool, &source.map, &share.map, &mixed.map) == VSR_OK,
                  name + " is blended");
    const Floats found = mixed.planes(pool);
    bool fits = mixed.surroundings_are_intact();
    for (size_t i = 0; i < count; i++) {
        const float part = shares[i % shares.size()];
        const float wanted = part == 0 ? z[i] : part == 1 ? x[i] : (x[i] + z[i]) / 2;
        fits = fits && (part == 0.5f ? std::abs(found[i] - wanted) <= 1e-6f * (1 + std::abs(x[i]))
                                     : found[i] == wanted);
    }
    report.expect(fits, name + " blend");

    double mean = 0, sum = 0;
    report.expect(vsr_map_mean_square(&source.map, 1, &mean) == VSR_OK, name + " is measured");
    for (const float value : x) sum += double(value) * double(value);
    report.expect(std::abs(mean * double(count) - sum) <= 1e-5 * sum, name + " mean square");
}

}  // namespace

void check_maps(Report &report, const Setting &setting) {
    check_copies(report, setting.pool, 1, 1, 1);
    check_copies(report, setting.pool, 3, 2, 5);
    check_copies(report, setting.pool, 2, 7, 64);
    check_copies(report, setting.pool, 2, 3, 65);

    check_areas(report, setting.pool, 1, 1, 1);
    check_areas(report, setting.pool, 3, 9, 21);
    check_areas(report, setting.pool, 2, 7, 66);

    // Row, channel, phase, tile: pixel 5 of a row is tile 1 of phase 1.
    Floats x;
    for (int i = 0; i < 24; i++) x.push_back(float(i));
    const GuardedMap map(setting.pool, x, 2, 2, 6);
    const ptrdiff_t at = map.map.row_stride + map.map.channel_stride + map.map.phase_offset[1] + 1;
    report.expect(map.map.data[at] == 23 && map.map.tiles == 16, "pixels lie where vsr_map says");

    const Map made(3, 5, 7);
    const float *memory = static_cast<const float *>(made.map.allocation);
    bool zero = reinterpret_cast<uintptr_t>(memory) % 64 == 0;
    for (size_t i = 0; i < made.map.bytes / sizeof(float); i++) zero = zero && memory[i] == 0;
    report.expect(zero, "a new map is aligned and zero");

    const int impossible[][3] = {{-1, 4, 4}, {1, 0, 4}, {1, 4, 0}, {1 << 15, 1 << 15, 1 << 15}};
    for (const auto &size : impossible) {
        vsr_map plan;
        report.expect(vsr_map_plan(&plan, size[0], size[1], size[2]) == VSR_INVALID_ARGUMENT,
                      "impossible sizes of maps are refused");
    }
    report.expect(vsr_map_import(setting.pool, x.data(), 12, 6, const_cast<vsr_map *>(&map.map), 1,
                                 2) == VSR_INVALID_ARGUMENT,
                  "channels beyond a map's are not imported");
}

}  // namespace harness
