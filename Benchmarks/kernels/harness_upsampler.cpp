#include <algorithm>
#include <string>
#include <type_traits>
#include <vector>

#include "bounds.h"
#include "harness.h"

namespace harness {
namespace {

/// A convolution between fusion and output: channels after the shuffle, and its factor.
struct Convolution {
    int channels, factor;
};

/// An upsampler that owns its arrays.
struct Upsampler {
    int hidden, scale = 1;
    float slope;
    std::vector<vsr_upsampler_layer> layers;
    std::vector<Floats> weights, biases;

    Upsampler(int hidden, int fused, const std::vector<Convolution> &convolutions, float slope)
        : hidden(hidden), slope(slope) {
        layers.push_back({fused, 1, nullptr, nullptr});
        for (const Convolution &c : convolutions) {
            layers.push_back({c.channels, c.factor, nullptr, nullptr});
        }
        layers.push_back({3, 1, nullptr, nullptr});
        for (size_t i = 0; i < layers.size(); i++) {
            vsr_upsampler_layer &layer = layers[i];
            const size_t taps = inputs(i) * kernel(i) * kernel(i);
            const float gain = taps ? std::sqrt(2.0f / float(taps)) : 0;
            weights.push_back(normal(taps * outputs(i), gain, uint64_t(i) + 1));
            biases.push_back(normal(outputs(i), 0.1f, uint64_t(i) + 11));
            layer.weights = weights[i].data(), layer.bias = biases[i].data();
            scale *= layer.factor;
        }
    }

    vsr_upsampler *packed(const Setting &setting, vsr_pool *pool) const {
        return vsr_upsampler_create(pool, hidden, layers.data(), int32_t(layers.size()), slope,
                                    setting.precision, setting.permitted());
    }

    /// `6>5>3x2>4x2>7`: what each layer reads and makes.
    std::string shape() const {
        std::string text = std::to_string(hidden);
        for (size_t i = 0; i + 1 < layers.size(); i++) {
            text += ">" + std::to_string(layers[i].channels);
            if (layers[i].factor > 1) text += "x" + std::to_string(layers[i].factor);
        }
        return text;
    }

    double macs(double pixels) const {
        double sum = 0;
        for (size_t i = 0; i < layers.size(); i++) {
            sum += pixels * double(kernel(i) * kernel(i) * inputs(i) * outputs(i));
            pixels *= layers[i].factor * layers[i].factor;
        }
        return sum;
    }

    /// The upsampler in plain C.
    Floats apply(const Floats &hidden, const Floats &frame, size_t height, size_t width) const {
        Floats x = hidden;
        size_t h = height, v = width;
        for (size_t i = 0; i < layers.size(); i++) {
            Floats y(outputs(i) * h * v);
            vsr_reference_convolution(x.data(), inputs(i), h, v, weights[i].data(),
                                      biases[i].data(), outputs(i), kernel(i), y.data());
            if (i + 1 < layers.size()) vsr_reference_leaky_relu(y.data(), y.size(), slope);
            x = y;
            if (layers[i].factor == 1) continue;
            x = shuffled(y, size_t(layers[i].channels), h, v);
            h *= 2, v *= 2;
        }
        Floats base(x.size());
        vsr_reference_resize(frame.data(), 3, height, width, base.data(), h, v, 0);
        for (size_t i = 0; i < x.size(); i++) x[i] += base[i];
        return x;
    }

  private:
    static size_t kernel(size_t i) { return i ? 3 : 1; }
    size_t inputs(size_t i) const { return size_t(i ? layers[i - 1].channels : hidden); }
    size_t outputs(size_t i) const {
        return size_t(layers[i].channels * layers[i].factor * layers[i].factor);
    }

    static Floats shuffled(const Floats &x, size_t channels, size_t height, size_t width) {
        Floats y(x.size());
        vsr_reference_pixel_shuffle(x.data(), channels, height, width, y.data());
        return y;
    }
};

/// Fills the scratch memory with NaN by another size.
void spoil_scratch(vsr_pool *pool, const vsr_upsampler *upsampler, const Upsampler &owner,
                   int height, int width) {
    const size_t pixels = size_t(height) * size_t(width);
    const Floats nothing(size_t(std::max(owner.hidden, 3)) * pixels, NAN);
    const GuardedMap map(pool, nothing, owner.hidden, height, width);
    const vsr_map *maps[1] = {&map.map};
    const ptrdiff_t row = width * owner.scale;
    Floats output(3 * pixels * size_t(owner.scale * owner.scale));
    vsr_upsample_strips(pool, upsampler, maps, 1, nothing.data(),
                        {output.data(), nullptr, row * height * owner.scale, row});
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
          hidden(normal(size_t(owner.hidden * height * width), 1, 21)),
          frame(normal(size_t(3 * height * width), 1, 22)) {}

    size_t count() const { return frame.size() * size_t(owner.scale * owner.scale); }

    /// The frame, as floats or bytes by the type of `guard`.
    template <class Sample>
    std::vector<Sample> frame_of(Report &report, vsr_pool *pool, const vsr_upsampler *upsampler,
                                 Sample guard, const std::string &label) const {
        const int half = owner.hidden / 2;
        const auto middle = hidden.begin() + ptrdiff_t{half} * height * width;
        const GuardedMap a(pool, Floats(hidden.begin(), middle), half, height, width);
        const GuardedMap b(pool, Floats(middle, hidden.end()), owner.hidden - half, height, width);
        const vsr_map *maps[2] = {&a.map, &b.map};
        const ptrdiff_t row = width * owner.scale, plane = row * height * owner.scale;
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
    const std::string label =
        "upsampler " + owner.shape() + " " + std::to_string(height) + "x" + std::to_string(width);
    const Run run(owner, height, width);
    const Floats expected = owner.apply(run.hidden, run.frame, size_t(height), size_t(width));
    vsr_upsampler *upsampler = owner.packed(setting, setting.pool);
    spoil_scratch(setting.pool, upsampler, owner, height, 4 * width);
    const Floats actual = run.frame_of(report, setting.pool, upsampler, -7.0f, label);
    report.expect_close(actual, expected, chain_bound(setting, int(owner.layers.size()) - 1),
                        label);
    const auto bytes = run.frame_of(report, setting.pool, upsampler, uint8_t{77}, label);
    report.expect(is_rounded(actual, bytes), label + " bytes");
    for (vsr_pool *pool : setting.others) {
        spoil_scratch(pool, upsampler, owner, height, 4 * width);
        report.expect(
            run.frame_of(report, pool, upsampler, -7.0f, label) == actual &&
                run.frame_of(report, pool, upsampler, uint8_t{77}, label) == bytes,
            label + ": " + std::to_string(vsr_pool_threads(pool)) + " threads give other bits");
    }
    vsr_upsampler_destroy(upsampler);
}

void check_refusals(Report &report, const Setting &setting) {
    const Upsampler owner(3, 1, {{1, 2}, {1, 1}}, 0.1f);
    vsr_upsampler *upsampler = owner.packed(setting, nullptr);
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
    const std::vector<Convolution> others[] = {
        {{1, 3}}, {{1, 4}}, {}, {{1, 1}}, {{1, 2}, {1, 2}, {1, 2}}};
    for (const auto &convolutions : others) {
        const Upsampler other(3, 1, convolutions, 0.1f);
        report.expect(!other.packed(setting, nullptr),
                      "upsampler " + other.shape() + " is refused");
    }
    const Upsampler unfused(3, 0, {{1, 2}}, 0.1f);
    report.expect(!unfused.packed(setting, nullptr), "a fusion without channels is refused");
    Upsampler odd(3, 1, {{1, 2}, {1, 1}}, 0.1f);
    odd.layers.pop_back();
    report.expect(!odd.packed(setting, nullptr), "an output of one channel is refused");
    vsr_upsampler_destroy(upsampler);
}

}  // namespace

void check_upsampler(Report &report, const Setting &setting) {
    const int sizes[][2] = {{1, 1},  {2, 3},  {5, 4},  {7, 17}, {13, 33},
                            {8, 16}, {7, 32}, {9, 70}, {81, 6}};
    const Upsampler twice(6, 5, {{3, 2}, {4, 2}, {7, 1}}, 0.1f);
    const Upsampler once(3, 4, {{5, 2}, {3, 1}}, 0);
    const Upsampler refined(5, 4, {{3, 2}, {6, 2}, {4, 1}, {5, 1}}, 0.1f);
    for (const auto &size : sizes) {
        for (const Upsampler *owner : {&twice, &once, &refined}) {
            check(report, setting, *owner, size[0], size[1]);
        }
    }
    // Several bands; several parts of a row with every instruction set.
    check(report, setting, Upsampler(3, 4, {{3, 2}, {2, 2}, {3, 1}}, 0.1f), 99, 7);
    check(report, setting, Upsampler(4, 6, {{3, 2}, {5, 1}}, 0.1f), 145, 66);
    check(report, setting, Upsampler(2, 3, {{2, 2}, {2, 2}, {2, 1}}, 0.1f), 44, 90);
    check(report, setting, Upsampler(2, 3, {{2, 2}, {2, 2}, {3, 1}, {2, 1}}, 0.1f), 44, 90);
    // No refinement, refinements before and between what shuffles, and many.
    check(report, setting, Upsampler(2, 3, {{4, 2}, {3, 2}}, 0.1f), 44, 90);
    check(report, setting, Upsampler(2, 3, {{4, 1}, {3, 2}, {5, 1}, {2, 2}}, 0.1f), 45, 34);
    check(report, setting, Upsampler(3, 2, {{3, 2}, {2, 1}, {3, 1}, {2, 1}, {4, 1}}, 0.1f), 85, 33);
    // An empty layer leaves the next one its bias.
    check(report, setting, Upsampler(4, 4, {{0, 2}, {3, 2}, {3, 1}}, 0.1f), 6, 9);
    check(report, setting, Upsampler(4, 4, {{3, 2}, {0, 2}, {3, 1}}, 0.1f), 6, 9);
    check(report, setting, Upsampler(4, 4, {{3, 2}, {3, 2}, {0, 1}}, 0.1f), 6, 9);
    check(report, setting, Upsampler(4, 4, {{3, 2}, {3, 2}, {0, 1}, {2, 1}}, 0.1f), 6, 9);
    check_refusals(report, setting);
}

void bench_upsampler(const Setting &setting, Peak peak) {
    vsr_pool *pool = setting.pool;
    struct Shape {
        const char *name;
        int hidden, fused;
        std::vector<Convolution> convolutions;
        int height, width;
    };
    // Layers alone are upsamplers whose other widths are 0: what is left of those costs little.
    const Shape shapes[] = {
        {"upsampler 64 180x320", 64, 64, {{64, 2}, {64, 2}, {64, 1}}, 180, 320},
        {"upsampler 32 180x320", 32, 32, {{32, 2}, {32, 2}, {32, 1}}, 180, 320},
        {"upsampler pruned 64>41>27>33 180x320", 64, 64, {{41, 2}, {27, 2}, {33, 1}}, 180, 320},
        {"upconv1 + shuffle 64>256 180x320", 0, 64, {{64, 2}, {0, 1}}, 180, 320},
        {"upconv1 + shuffle 64>164 180x320", 0, 64, {{41, 2}, {0, 1}}, 180, 320},
        {"upconv2 + shuffle 64>256 360x640", 0, 64, {{64, 2}, {0, 1}}, 360, 640},
        {"conv_hr + conv_last 64>64>3 720x1280", 0, 1, {{64, 2}, {64, 1}}, 360, 640}};
    for (const Shape &s : shapes) {
        if (!wanted(s.name)) continue;
        const Upsampler owner(s.hidden, s.fused, s.convolutions, 0.1f);
        vsr_upsampler *upsampler = owner.packed(setting, pool);
        const Map map(s.hidden, s.height, s.width);
        const vsr_map *maps[1] = {&map.map};
        const size_t pixels = size_t(s.height) * size_t(s.width);
        const ptrdiff_t row = owner.scale * s.width, plane = row * owner.scale * s.height;
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
