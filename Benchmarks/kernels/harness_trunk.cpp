#include <algorithm>
#include <numeric>

#include "bounds.h"
#include "harness.h"

namespace harness {
namespace {

/// A residual block that owns its arrays.
struct Block {
    std::vector<int32_t> inputs, outputs;
    int middle;
    Floats w1, b1, w2, b2;

    Block(std::vector<int32_t> in, int mid, std::vector<int32_t> out, uint64_t seed)
        : inputs(std::move(in)), outputs(std::move(out)), middle(mid) {
        const float gain1 = inputs.empty() ? 0 : std::sqrt(2.0f / (9 * float(inputs.size())));
        const float gain2 = middle ? 0.1f * std::sqrt(2.0f / (9 * float(middle))) : 0;
        w1 = normal(9 * inputs.size() * size_t(middle), gain1, seed);
        b1 = normal(size_t(middle), 0.1f, seed + 1);
        w2 = normal(9 * size_t(middle) * outputs.size(), gain2, seed + 2);
        b2 = normal(outputs.size(), 0.1f, seed + 3);
    }

    vsr_block view() const {
        return {int32_t(inputs.size()),
                middle,
                int32_t(outputs.size()),
                inputs.data(),
                outputs.data(),
                w1.data(),
                b1.data(),
                w2.data(),
                b2.data()};
    }

    double macs(size_t pixels) const {
        return 9.0 * double(pixels) * middle * double(inputs.size() + outputs.size());
    }

    /// The block in plain C.
    void apply(Floats &x, size_t height, size_t width) const {
        if (outputs.empty()) return;
        const size_t pixels = height * width;
        Floats gathered, hidden(size_t(middle) * pixels), y(outputs.size() * pixels);
        for (const int32_t c : inputs) {
            gathered.insert(gathered.end(), x.begin() + ptrdiff_t(size_t(c) * pixels),
                            x.begin() + ptrdiff_t(size_t(c + 1) * pixels));
        }
        vsr_reference_convolution(gathered.data(), inputs.size(), height, width, w1.data(),
                                  b1.data(), size_t(middle), 3, hidden.data());
        vsr_reference_leaky_relu(hidden.data(), hidden.size(), 0);
        vsr_reference_convolution(hidden.data(), size_t(middle), height, width, w2.data(),
                                  b2.data(), outputs.size(), 3, y.data());
        for (size_t i = 0; i < outputs.size(); i++) {
            for (size_t p = 0; p < pixels; p++) {
                x[size_t(outputs[i]) * pixels + p] += y[i * pixels + p];
            }
        }
    }
};

/// `count` of 0 … channels − 1, ascending.
std::vector<int32_t> some(int count, int channels, std::mt19937 &random) {
    std::vector<int32_t> all(static_cast<size_t>(channels));
    std::iota(all.begin(), all.end(), 0);
    std::shuffle(all.begin(), all.end(), random);
    all.resize(size_t(count));
    std::sort(all.begin(), all.end());
    return all;
}

vsr_trunk *pack(const std::vector<Block> &blocks, int channels, const Setting &setting) {
    std::vector<vsr_block> views;
    for (const Block &block : blocks) views.push_back(block.view());
    return vsr_trunk_create(nullptr, channels, int32_t(views.size()), views.data(),
                            setting.precision, setting.permitted());
}

/// Blocks whose kept sets are drawn from `least` … `most` of `channels`.
std::vector<Block> pruned(int count, int channels, int least, int most, uint32_t seed) {
    std::mt19937 random(seed);
    std::uniform_int_distribution<int> width(least, most);
    std::vector<Block> blocks;
    for (int i = 0; i < count; i++) {
        const int in = width(random), middle = width(random), out = width(random);
        blocks.emplace_back(some(in, channels, random), middle, some(out, channels, random),
                            seed + uint64_t(i) * 10);
    }
    return blocks;
}

Floats run(Report &report, vsr_pool *pool, const vsr_trunk *trunk, const Floats &x, int channels,
           int height, int width, const std::string &label) {
    // What another size leaves in the scratch memory must not matter.
    const Floats nothing(x.size() * 4, NAN);
    GuardedMap spoiling(pool, nothing, channels, height, 4 * width);
    vsr_trunk_run(pool, trunk, &spoiling.map);
    GuardedMap map(pool, x, channels, height, width);
    report.expect(vsr_trunk_run(pool, trunk, &map.map) == VSR_OK, label);
    report.expect(map.surroundings_are_intact(), label + " surroundings");
    return map.planes(pool);
}

void check(Report &report, const Setting &setting, const std::vector<Block> &blocks, int channels,
           int height, int width, const char *what) {
    const std::string label =
        std::string("trunk ") + what + " " + std::to_string(height) + "x" + std::to_string(width);
    const size_t pixels = size_t(height) * size_t(width);
    const Floats x = normal(size_t(channels) * pixels, 1, 9);
    Floats expected = x;
    for (const Block &block : blocks) block.apply(expected, size_t(height), size_t(width));
    vsr_trunk *trunk = pack(blocks, channels, setting);
    const Floats actual = run(report, setting.pool, trunk, x, channels, height, width, label);
    // A block adds a tenth of what is there already, so that all of them err less than the two
    // convolutions of one would alone.
    report.expect_close(actual, expected, chain_bound(setting, 2), label);
    for (vsr_pool *pool : setting.others) {
        report.expect(
            run(report, pool, trunk, x, channels, height, width, label) == actual,
            label + ": " + std::to_string(vsr_pool_threads(pool)) + " threads give other bits");
    }
    vsr_trunk_destroy(trunk);
}

/// Without a middle y is conv2's bias; without inputs the middle is ReLU(b1) on the frame and 0
/// outside, so that y differs at the border; without outputs nothing happens.
std::vector<Block> with_empty_sets() {
    std::mt19937 random(5);
    std::vector<Block> blocks;
    blocks.emplace_back(some(4, 10, random), 0, some(3, 10, random), 1);
    blocks.emplace_back(std::vector<int32_t>{}, 5, some(6, 10, random), 2);
    blocks.emplace_back(some(4, 10, random), 7, std::vector<int32_t>{}, 3);
    blocks.emplace_back(std::vector<int32_t>{}, 0, some(1, 10, random), 5);
    blocks.emplace_back(some(10, 10, random), 13, some(10, 10, random), 4);
    return blocks;
}

void check_edges(Report &report, const Setting &setting) {
    std::vector<Block> beyond;
    beyond.emplace_back(std::vector<int32_t>{0, 4}, 1, std::vector<int32_t>{0}, 1);
    report.expect(!pack(beyond, 4, setting), "blocks with channels out of range are refused");
    const Floats x = normal(2 * 3 * 5, 1, 1);
    GuardedMap map(setting.pool, x, 2, 3, 5);
    vsr_trunk *empty = pack({}, 2, setting);
    report.expect(
        vsr_trunk_run(setting.pool, empty, &map.map) == VSR_OK && map.planes(setting.pool) == x,
        "a trunk without blocks leaves the map as it is");
    GuardedMap other(3, 3, 5);
    report.expect(vsr_trunk_run(setting.pool, empty, &other.map) == VSR_INVALID_ARGUMENT,
                  "a trunk refuses a map of other channels");
    vsr_trunk_destroy(empty);
}

}  // namespace

void check_trunk(Report &report, const Setting &setting) {
    const int sizes[][2] = {{1, 1},  {2, 3},  {4, 4},   {5, 7},   {13, 65}, {36, 40},
                            {9, 32}, {8, 16}, {30, 20}, {57, 33}, {61, 70}};
    for (const auto &size : sizes) {
        check(report, setting, pruned(3, 12, 1, 12, 1), 12, size[0], size[1], "pruned");
        check(report, setting, with_empty_sets(), 10, size[0], size[1], "empty sets");
    }
    check_edges(report, setting);
}

void bench_trunk(const Setting &setting, Peak peak) {
    vsr_pool *pool = setting.pool;
    struct Shape {
        const char *name;
        int blocks, channels, least, most, height, width;
    };
    const Shape shapes[] = {{"block dense 64 180x320", 1, 64, 64, 64, 180, 320},
                            {"block 29>31>37 of 64 180x320", 1, 64, 29, 37, 180, 320},
                            {"trunk of 5, dense 64 180x320", 5, 64, 64, 64, 180, 320},
                            {"trunk of 5, pruned 64 180x320", 5, 64, 20, 44, 180, 320},
                            {"trunk of 5, dense 32 180x320", 5, 32, 32, 32, 180, 320},
                            {"trunk of 5, pruned 32 180x320", 5, 32, 10, 22, 180, 320},
                            {"trunk of 5, pruned 64 135x240", 5, 64, 20, 44, 135, 240},
                            {"trunk of 5, pruned 64 101x203", 5, 64, 20, 44, 101, 203}};
    for (const Shape &shape : shapes) {
        if (!wanted(shape.name)) continue;
        std::vector<Block> blocks;
        if (shape.least == 29) {
            std::mt19937 random(3);
            blocks.emplace_back(some(29, 64, random), 31, some(37, 64, random), 3);
        } else {
            blocks = pruned(shape.blocks, shape.channels, shape.least, shape.most, 3);
        }
        const size_t pixels = size_t(shape.height) * size_t(shape.width);
        double macs = 0;
        for (const Block &block : blocks) macs += block.macs(pixels);
        vsr_trunk *trunk = pack(blocks, shape.channels, setting);
        Map map(shape.channels, shape.height, shape.width);
        const Time time = measure(pool, [&] { vsr_trunk_run(pool, trunk, &map.map); });
        print_speed(shape.name, time, macs, 4, peak.of(3), pool);
        vsr_trunk_destroy(trunk);
    }
}

}  // namespace harness
