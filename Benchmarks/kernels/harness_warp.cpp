#include <limits>

#include "bounds.h"
#include "harness.h"

namespace harness {
namespace {

/// Flows that move neighbors together in part of the image and apart elsewhere, some far out.
Floats flow_field(int height, int width, float scale) {
    Floats flow = normal(size_t(2 * height * width), scale, 31);
    for (size_t i = 0; i < flow.size(); i++) {
        if (i / 150 % 2) flow[i] = 1.25f;
        if (i % 211 == 5) flow[i] = 1e9f;
        if (i % 307 == 6) flow[i] = -std::numeric_limits<float>::infinity();
        if (i % 401 == 7) flow[i] = std::numeric_limits<float>::quiet_NaN();
    }
    return flow;
}

void check(Report &report, vsr_pool *pool, int channels, int height, int width, float scale) {
    char label[64];
    std::snprintf(label, sizeof label, "warp %d %dx%d by %g", channels, height, width,
                  double(scale));
    const size_t pixels = size_t(height) * size_t(width);
    const Floats x = normal(size_t(channels) * pixels, 1, 30);
    const Floats flow = flow_field(height, width, scale);
    Floats expected(x.size()), actual(x.size());
    vsr_reference_warp(x.data(), size_t(channels), size_t(height), size_t(width), flow.data(),
                       VSR_PADDING_ZEROS, expected.data());
    const GuardedMap source(pool, x, channels, height, width);
    GuardedMap target(channels, height, width);
    report.expect(vsr_warp(pool, &source.map, flow.data(), &target.map) == VSR_OK, label);
    report.expect_close(target.planes(pool), expected, kWarp, label);
    report.expect(target.surroundings_are_intact(), std::string(label) + " surroundings");

    vsr_reference_warp(x.data(), size_t(channels), size_t(height), size_t(width), flow.data(),
                       VSR_PADDING_BORDER, expected.data());
    vsr_warp_planes(pool, x.data(), channels, height, width, flow.data(), actual.data());
    report.expect_close(actual, expected, kWarp, std::string(label) + " planes");
}

void check_resize(Report &report, vsr_pool *pool, int height, int width, int new_height,
                  int new_width) {
    char label[64];
    std::snprintf(label, sizeof label, "resize %dx%d to %dx%d", height, width, new_height,
                  new_width);
    const Floats x = normal(size_t(2 * height * width), 1, 40);
    const float factors[2] = {2, 1}, offsets[2] = {0, 0.5f};
    for (const int align : {0, 1}) {
        Floats expected(size_t(2 * new_height * new_width)), actual(expected.size());
        vsr_reference_resize(x.data(), 2, size_t(height), size_t(width), expected.data(),
                             size_t(new_height), size_t(new_width), align);
        for (size_t i = 0; i < expected.size(); i++) {
            const size_t plane = 2 * i / expected.size();
            expected[i] = expected[i] * factors[plane] + offsets[plane];
        }
        vsr_resize_bilinear(pool, x.data(), 2, height, width, actual.data(), new_height, new_width,
                            align, factors, offsets);
        report.expect_close(actual, expected, kResize, label);
    }
}

void check_pooling(Report &report, vsr_pool *pool, int height, int width) {
    const Floats x = normal(size_t(2 * height * width), 1, 41);
    Floats expected(size_t(2 * (height / 2) * (width / 2))), actual(expected.size(), NAN);
    vsr_reference_average_pool(x.data(), 2, size_t(height), size_t(width), expected.data());
    vsr_average_pool2(pool, x.data(), 2, height, width, actual.data());
    report.expect_close(actual, expected, kPooling,
                        "pooling " + std::to_string(height) + "x" + std::to_string(width));
}

Floats warped(vsr_pool *pool, const Floats &x, const Floats &flow, int height, int width) {
    const GuardedMap source(pool, x, 3, height, width);
    GuardedMap target(3, height, width);
    vsr_warp(pool, &source.map, flow.data(), &target.map);
    return target.planes(pool);
}

/// The baseline has no fused multiply-add (NEON has), so that its results differ in the last bits.
void check_that_pools_keep_their_set(Report &report, const Setting &setting) {
    if (vsr_isa_available() == VSR_ISA_BASELINE) return;
    const Floats x = normal(3 * 9 * 320, 1, 30), flow = flow_field(9, 320, 3);
    vsr_pool *baseline = vsr_pool_create(2, VSR_ISA_BASELINE);
    vsr_pool *best = vsr_pool_create(2, vsr_isa_available());
    const bool other = warped(baseline, x, flow, 9, 320) != warped(best, x, flow, 9, 320);
    report.expect(other, "the warp uses the instruction set of its pool");
    const bool is_baseline = setting.isa == VSR_ISA_BASELINE;
    const auto same = warped(setting.pool, x, flow, 9, 320) == warped(baseline, x, flow, 9, 320);
    report.expect(same == is_baseline, "the warp uses no other instruction set than its pool's");
    vsr_pool_destroy(baseline);
    vsr_pool_destroy(best);
}

}  // namespace

void check_warp(Report &report, const Setting &setting) {
    const int sizes[][2] = {{1, 1}, {1, 9}, {9, 1}, {5, 63}, {5, 64}, {7, 65}, {9, 320}, {12, 333}};
    for (const float scale : {0.0f, 0.3f, 5.0f, 100.0f}) {
        for (const auto &size : sizes) check(report, setting.pool, 3, size[0], size[1], scale);
    }
    check_that_pools_keep_their_set(report, setting);
    GuardedMap map(1, 2, 2);
    vsr_map same = map.map;
    const Floats flow(8);
    report.expect(vsr_warp(setting.pool, &map.map, flow.data(), &same) == VSR_INVALID_ARGUMENT,
                  "a map is not warped onto itself");
}

void check_images(Report &report, const Setting &setting) {
    const int cases[][4] = {
        {1, 1, 5, 3}, {5, 7, 1, 1}, {6, 10, 12, 20}, {45, 77, 64, 96}, {64, 96, 45, 77}};
    for (const auto &c : cases) check_resize(report, setting.pool, c[0], c[1], c[2], c[3]);
    check_pooling(report, setting.pool, 2, 2);
    check_pooling(report, setting.pool, 5, 7);
    check_pooling(report, setting.pool, 64, 97);
}

namespace {

void bench_warp(vsr_pool *pool) {
    for (const bool smooth : {true, false}) {
        const char *label = smooth ? "warp 64 180x320, smooth flow" : "warp 64 180x320, noisy flow";
        if (!wanted(label)) continue;
        Map source(64, 180, 320), target(64, 180, 320);
        Floats flow = normal(2 * 180 * 320, 3, 1);
        for (size_t i = 0; smooth && i < flow.size(); i++) {
            flow[i] = 3 * std::sin(float(i % 320) * 0.02f + float(i / 320) * 0.01f);
        }
        const Time time =
            measure(pool, [&] { vsr_warp(pool, &source.map, flow.data(), &target.map); });
        print_bandwidth(label, time, 4.0 * 180 * 320 * (64 + 64 + 2));
    }
    const char *label = "warp of planes 3 192x320";
    if (!wanted(label)) return;
    const Floats source = normal(3 * 192 * 320, 1, 2), flow = normal(2 * 192 * 320, 3, 3);
    Floats target(source.size());
    const Time time = measure(pool, [&] {
        vsr_warp_planes(pool, source.data(), 3, 192, 320, flow.data(), target.data());
    });
    print_bandwidth(label, time, 4.0 * 192 * 320 * (3 + 3 + 2));
}

void bench_resize(vsr_pool *pool, int count, int height, int width, int new_height, int new_width,
                  int align) {
    char label[64];
    std::snprintf(label, sizeof label, "resize %d %dx%d to %dx%d", count, height, width, new_height,
                  new_width);
    if (!wanted(label)) return;
    const Floats source = normal(size_t(count * height * width), 1, 4);
    Floats target(size_t(count * new_height * new_width));
    const Time time = measure(pool, [&] {
        vsr_resize_bilinear(pool, source.data(), count, height, width, target.data(), new_height,
                            new_width, align, nullptr, nullptr);
    });
    print_bandwidth(label, time, 4.0 * double(source.size() + target.size()));
}

void bench_pooling(vsr_pool *pool) {
    const char *label = "pooling 3 192x320";
    if (!wanted(label)) return;
    const Floats source = normal(3 * 192 * 320, 1, 5);
    Floats target(source.size() / 4);
    const Time time =
        measure(pool, [&] { vsr_average_pool2(pool, source.data(), 3, 192, 320, target.data()); });
    print_bandwidth(label, time, 4.0 * double(source.size() + target.size()));
}

}  // namespace

void bench_images(const Setting &setting) {
    vsr_pool *pool = setting.pool;
    // None of them knows bf16: they are timed with the instruction set below.
    if (setting.precision == VSR_PRECISION_BF16) return;
    bench_warp(pool);
    bench_resize(pool, 3, 180, 320, 192, 320, 0);
    bench_resize(pool, 2, 96, 160, 192, 320, 1);
    bench_pooling(pool);
}

}  // namespace harness
