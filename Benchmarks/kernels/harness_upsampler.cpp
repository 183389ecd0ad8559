#include <algorithm>
#include <type_traits>

#include "bounds.h"
#include "harness.h"

namespace harness {
namespace {

/// An upsampler that owns its arrays.
struct Upsampler {
    vsr_upsampler_weights w{};
    Floats weights[5], biases[5];

    Upsampler(int scale, int hidden, int fused, int first, int second, int refined, float slope) {
        w.scale = scale;
        w.hidden = hidden, w.fused = fused, w.first = first, w.second = second;
        w.refined = refined;
        w.slope = slope;
        const int last = scale == 4 ? second : first;
        const int shapes[5][3] = {{hidden, fused, 1},
                                  {fused, 4 * first, 3},
                                  {first, scale == 4 ? 4 * second : 0, 3},
                                  {last, refined, 3},
                                  {refined, 3, 3}};
        for (int i = 0; i < 5; i++) {
            const auto &s = shapes[i];
            const size_t taps = size_t(s[0]) * size_t(s[2]) * size_t(s[2]);
            const float gain = taps ? std::sqrt(2.0f / float(taps)) : 0;
            weights[i] = normal(taps * size_t(s[1]), gain, uint64_t(i) + 1);
            biases[i] = normal(size_t(s[1]), 0.1f, uint64_t(i) + 11);
        }
        w.fusion_weights = weights[0].data(), w.fusion_bias = biases[0].data();
        w.upconv1_weights = weights[1].data(), w.upconv1_bias = biases[1].data();
        w.upconv2_weights = weights[2].data(), w.upconv2_bias = biases[2].data();
        w.conv_hr_weights = weights[3].data(), w.conv_hr_bias = biases[3].data();
        w.conv_last_weights = weights[4].data(), w.conv_last_bias = biases[4].data();
    }

    double macs(double pixels) const {
        double sum = pixels * w.hidden * w.fused + 9 * pixels * w.fused * w.first * 4;
        double size = 4;
        int last = w.first;
        if (w.scale == 4) {
            sum += 9 * pixels * size * w.first * w.second * 4;
            size = 16;
            last = w.second;
        }
        return sum + 9 * pixels * size * (last * w.refined + w.refined * 3);
    }

    /// The upsampler in plain C.
    Floats apply(const Floats &hidden, const Floats &frame, size_t height, size_t width) const {
        Floats x = layer(hidden, 0, size_t(w.hidden), size_t(w.fused), height, width, 1, true);
        x = shuffled(layer(x, 1, size_t(w.fused), size_t(w.first) * 4, height, width, 3, true),
                     size_t(w.first), height, width);
        size_t h = 2 * height, v = 2 * width, last = size_t(w.first);
        if (w.scale == 4) {
            x = shuffled(layer(x, 2, last, size_t(w.second) * 4, h, v, 3, true), size_t(w.second),
                         h, v);
            h *= 2, v *= 2, last = size_t(w.second);
        }
        x = layer(x, 3, last, size_t(w.refined), h, v, 3, true);
        x = layer(x, 4, size_t(w.refined), 3, h, v, 3, false);
        Floats base(x.size());
        vsr_reference_resize(frame.data(), 3, height, width, base.data(), h, v, 0);
        for (size_t i = 0; i < x.size(); i++) x[i] += base[i];
        return x;
    }

  private:
    Floats layer(const Floats &x, int index, size_t inputs, size_t outputs, size_t height,
                 size_t width, size_t kernel, bool activate) const {
        Floats y(outputs * height * width);
        vsr_reference_convolution(x.data(), inputs, height, width, weights[index].data(),
                                  biases[index].data(), outputs, kernel, y.data());
        if (activate) vsr_reference_leaky_relu(y.data(), y.size(), w.slope);
        return y;
    }

    static Floats shuffled(const Floats &x, size_t channels, size_t height, size_t width) {
        Floats y(x.size());
        vsr_reference_pixel_shuffle(x.data(), channels, height, width, y.data());
        return y;
    }
};

/// Fills the scratch memory with NaN by another size.
void spoil_scratch(vsr_pool *pool, const vsr_upsampler *upsampler, const vsr_upsampler_weights &w,
                   int height, int width) {
    const size_t pixels = size_t(height) * size_t(width);
    const Floats nothing(size_t(std::max(w.hidden, 3)) * pixels, NAN);
    const GuardedMap map(pool, nothing, w.hidden, height, width);
    const vsr_map *maps[1] = {&map.map};
    const ptrdiff_t row = width * w.scale;
    Floats output(3 * pixels * size_t(w.scale * w.scale));
    vsr_upsample_strips(pool, upsampler, maps, 1, nothing.data(),
                        {output.data(), nullptr, row * height * w.scale, row});
}

/// What the upsampler is given and writes: hidden states in two maps, guards around the output.
struct Run {
    static constexpr size_t kGuards = 8;

    const Upsampler &owner;
    int height, width;
    Floats hidden, frame;

    Run(const Upsampler &owner, int height, int width)
        : owner(owner),
          height(height),
          width(width),
          hidden(normal(size_t(owner.w.hidden * height * width), 1, 21)),
          frame(normal(size_t(3 * height * width), 1, 22)) {}

    size_t count() const { return frame.size() * size_t(owner.w.scale * owner.w.scale); }

    /// The frame, as floats or bytes by the type of `guard`.
    template <class Sample>
    std::vector<Sample> frame_of(Report &report, vsr_pool *pool, const vsr_upsampler *upsampler,
                                 Sample guard, const std::string &label) const {
        const vsr_upsampler_weights &w = owner.w;
        const int half = w.hidden / 2;
        const auto middle = hidden.begin() + ptrdiff_t{half} * height * width;
        const GuardedMap a(pool, Floats(hidden.begin(), middle), half, height, width);
        const GuardedMap b(pool, Floats(middle, hidden.end()), w.hidden - half, height, width);
        const vsr_map *maps[2] = {&a.map, &b.map};
        const ptrdiff_t row = width * w.scale, plane = row * height * w.scale;
        std::vector<Sample> output(count() + 2 * kGuards, guard);
        vsr_image_output target{nullptr, nullptr, plane, row};
        if constexpr (std::is_same_v<Sample, float>) {
            target.floats = output.data() + kGuards;
        } else {
            target.bytes = output.data() + kGuards;
        }
        report.expect(vsr_upsample_strips(pool, upsampler, maps, 2, frame.data(), target) == VSR_OK,
                      label);
        bool intact = a.surroundings_are_intact() && b.surroundings_are_intact();
        for (size_t i = 0; i < kGuards; i++) {
            intact = intact && output[i] == guard && output[output.size() - 1 - i] == guard;
        }
        report.expect(intact, label + " surroundings");
        return {output.begin() + kGuards, output.end() - kGuards};
    }
};

bool is_rounded(const Floats &values, const std::vector<uint8_t> &bytes) {
    for (size_t i = 0; i < bytes.size(); i++) {
        const float value = std::min(std::max(values[i], 0.0f), 1.0f) * 255;
        if (!(std::fabs(value - float(bytes[i])) <= 0.5f)) return false;
    }
    return true;
}

void check(Report &report, const Setting &setting, const Upsampler &owner, int height, int width) {
    char text[96];
    const vsr_upsampler_weights &w = owner.w;
    std::snprintf(text, sizeof text, "upsampler x%d %d>%d>%d>%d>%d %dx%d", w.scale, w.hidden,
                  w.fused, w.first, w.second, w.refined, height, width);
    const std::string label = text;
    const Run run(owner, height, width);
    const Floats expected = owner.apply(run.hidden, run.frame, size_t(height), size_t(width));
    vsr_upsampler *upsampler =
        vsr_upsampler_create(setting.pool, &w, setting.precision, setting.permitted());
    spoil_scratch(setting.pool, upsampler, w, height, 4 * width);
    const Floats actual = run.frame_of(report, setting.pool, upsampler, -7.0f, label);
    report.expect_close(actual, expected, chain_bound(setting, w.scale == 4 ? 4 : 3), label);
    const auto bytes = run.frame_of(report, setting.pool, upsampler, uint8_t{77}, label);
    report.expect(is_rounded(actual, bytes), label + " bytes");
    for (vsr_pool *pool : setting.others) {
        spoil_scratch(pool, upsampler, w, height, 4 * width);
        report.expect(
            run.frame_of(report, pool, upsampler, -7.0f, label) == actual &&
                run.frame_of(report, pool, upsampler, uint8_t{77}, label) == bytes,
            label + ": " + std::to_string(vsr_pool_threads(pool)) + " threads give other bits");
    }
    vsr_upsampler_destroy(upsampler);
}

void check_refusals(Report &report, const Setting &setting) {
    Upsampler owner(2, 3, 1, 1, 0, 1, 0.1f);
    vsr_upsampler *upsampler =
        vsr_upsampler_create(nullptr, &owner.w, setting.precision, setting.permitted());
    const GuardedMap two(2, 2, 2), one(1, 2, 3);
    const Floats frame(12);
    Floats output(48);
    const auto run = [&](int32_t count) {
        const vsr_map *maps[2] = {&two.map, &one.map};
        return vsr_upsample_strips(setting.pool, upsampler, maps, count, frame.data(),
                                   {output.data(), nullptr, 16, 4});
    };
    report.expect(run(1) == VSR_INVALID_ARGUMENT, "too few hidden channels are refused");
    report.expect(run(2) == VSR_INVALID_ARGUMENT, "hidden maps of two sizes are refused");
    report.expect(run(0) == VSR_INVALID_ARGUMENT, "no hidden maps are refused");
    owner.w.scale = 3;
    report.expect(!vsr_upsampler_create(nullptr, &owner.w, setting.precision, setting.permitted()),
                  "a scale of 3 is refused");
    vsr_upsampler_destroy(upsampler);
}

}  // namespace

void check_upsampler(Report &report, const Setting &setting) {
    const int sizes[][2] = {{1, 1},  {2, 3},  {5, 4},  {7, 17}, {13, 33},
                            {8, 16}, {7, 32}, {9, 70}, {81, 6}};
    for (const auto &size : sizes) {
        check(report, setting, Upsampler(4, 6, 5, 3, 4, 7, 0.1f), size[0], size[1]);
        check(report, setting, Upsampler(2, 3, 4, 5, 0, 3, 0), size[0], size[1]);
    }
    // Several bands; several parts of a row with every instruction set.
    check(report, setting, Upsampler(4, 3, 4, 3, 2, 3, 0.1f), 99, 7);
    check(report, setting, Upsampler(2, 4, 6, 3, 0, 5, 0.1f), 145, 66);
    check(report, setting, Upsampler(4, 2, 3, 2, 2, 2, 0.1f), 44, 90);
    // An empty layer leaves the next one its bias.
    check(report, setting, Upsampler(4, 4, 4, 0, 3, 3, 0.1f), 6, 9);
    check(report, setting, Upsampler(4, 4, 4, 3, 0, 3, 0.1f), 6, 9);
    check(report, setting, Upsampler(4, 4, 4, 3, 3, 0, 0.1f), 6, 9);
    check_refusals(report, setting);
}

void bench_upsampler(const Setting &setting, Peak peak) {
    vsr_pool *pool = setting.pool;
    struct Shape {
        const char *name;
        int scale, hidden, fused, first, second, refined, height, width;
    };
    // Layers alone are upsamplers whose other widths are 0: what is left of those costs little.
    const Shape shapes[] = {
        {"upsampler 64 180x320", 4, 64, 64, 64, 64, 64, 180, 320},
        {"upsampler 32 180x320", 4, 32, 32, 32, 32, 32, 180, 320},
        {"upsampler pruned 64>41>27>33 180x320", 4, 64, 64, 41, 27, 33, 180, 320},
        {"upconv1 + shuffle 64>256 180x320", 2, 0, 64, 64, 0, 0, 180, 320},
        {"upconv1 + shuffle 64>164 180x320", 2, 0, 64, 41, 0, 0, 180, 320},
        {"upconv2 + shuffle 64>256 360x640", 2, 0, 64, 64, 0, 0, 360, 640},
        {"conv_hr + conv_last 64>64>3 720x1280", 2, 0, 1, 64, 0, 64, 360, 640}};
    for (const Shape &s : shapes) {
        if (!wanted(s.name)) continue;
        const Upsampler owner(s.scale, s.hidden, s.fused, s.first, s.second, s.refined, 0.1f);
        vsr_upsampler *upsampler =
            vsr_upsampler_create(pool, &owner.w, setting.precision, setting.permitted());
        const Map map(s.hidden, s.height, s.width);
        const vsr_map *maps[1] = {&map.map};
        const size_t pixels = size_t(s.height) * size_t(s.width);
        const ptrdiff_t row = s.scale * s.width, plane = row * s.scale * s.height;
        const Floats frame(3 * pixels);
        Floats output(3 * size_t(plane));
        const Time time = measure(
            pool,
            [&] {
                vsr_upsample_strips(pool, upsampler, maps, 1, frame.data(),
                                    {output.data(), nullptr, plane, row});
            },
            5);
        print_speed(s.name, time, owner.macs(double(pixels)), 4, peak.of(3), pool);
        vsr_upsampler_destroy(upsampler);
    }
}

}  // namespace harness
