#include "bounds.h"
#include "harness.h"

namespace harness {
namespace {

struct Case {
    int kernel, inputs, outputs, height, width;
    float slope;
    bool sum = false;
    int misalignment = 0;
    /// Of the inputs; `same_sign` makes every product positive.
    float scale = 1;
    bool same_sign = false;
};

std::string name(const Case &c) {
    char text[160];
    std::snprintf(text, sizeof text, "conv%d %d>%d %dx%d slope %g%s off %d scale %g%s", c.kernel,
                  c.inputs, c.outputs, c.height, c.width, double(c.slope), c.sum ? " sum" : "",
                  c.misalignment, double(c.scale), c.same_sign ? " one sign" : "");
    return text;
}

void make_positive(Floats &values) {
    for (float &value : values) value = std::fabs(value);
}

void check(Report &report, const Setting &setting, const Case &c) {
    vsr_pool *pool = setting.pool;
    const size_t pixels = size_t(c.height) * size_t(c.width);
    const size_t taps = size_t(c.kernel) * size_t(c.kernel);
    const size_t inputs = size_t(c.inputs), outputs = size_t(c.outputs);
    const int spare = 3, total_in = c.inputs + spare, total_out = c.outputs + spare;
    Floats x = normal(size_t(total_in) * pixels, c.scale, 1);
    const Floats before = normal(size_t(total_out) * pixels, 1, 2);
    Floats w = normal(outputs * inputs * taps, 0.1f, 3);
    const Floats b = normal(outputs, 1, 4);
    if (c.same_sign) {
        make_positive(x);
        make_positive(w);
    }

    // Channels from the end backwards: a gather and a scatter, whose spare channels are untouched.
    std::vector<int32_t> from, to;
    Floats gathered, expected(outputs * pixels);
    for (int i = 0; i < c.inputs; i++) {
        from.push_back(total_in - 1 - i);
        gathered.insert(gathered.end(), x.begin() + ptrdiff_t(size_t(from.back()) * pixels),
                        x.begin() + ptrdiff_t(size_t(from.back() + 1) * pixels));
    }
    for (int i = 0; i < c.outputs; i++) to.push_back(total_out - 1 - i);
    vsr_reference_convolution(gathered.data(), inputs, size_t(c.height), size_t(c.width), w.data(),
                              b.data(), outputs, size_t(c.kernel), expected.data());
    if (!c.sum) vsr_reference_leaky_relu(expected.data(), expected.size(), c.slope);
    Floats whole = before;
    for (size_t i = 0; i < outputs; i++) {
        for (size_t p = 0; p < pixels; p++) {
            float &value = whole[size_t(to[i]) * pixels + p];
            value = (c.sum ? value : 0) + expected[i * pixels + p];
        }
    }

    vsr_conv *conv = vsr_conv_create(pool, c.kernel, c.inputs, c.outputs, w.data(), b.data(),
                                     setting.precision, setting.permitted());
    const GuardedMap source(pool, x, total_in, c.height, c.width, c.misalignment);
    GuardedMap target(pool, before, total_out, c.height, c.width, c.misalignment);
    const vsr_source sources[2] = {
        {&source.map, from.data(), c.inputs / 2},
        {&source.map, from.data() + c.inputs / 2, c.inputs - c.inputs / 2}};
    const vsr_status status = vsr_conv_run(pool, conv, sources, 2, &target.map, to.data(),
                                           c.sum ? VSR_ADD : VSR_STORE, c.slope);
    report.expect(status == VSR_OK, name(c) + " status");
    report.expect_close(target.planes(pool), whole, convolution_bound(setting, c.kernel), name(c));
    report.expect(target.surroundings_are_intact(), name(c) + " surroundings");
    report.expect(source.surroundings_are_intact(), name(c) + " source's surroundings");
    vsr_conv_destroy(conv);
}

void check_refusals(Report &report, const Setting &setting) {
    const auto create = [&](int inputs, int outputs, int kernel) {
        const float none = 0;
        return vsr_conv_create(nullptr, kernel, inputs, outputs, &none, &none, setting.precision,
                               setting.permitted());
    };
    const int impossible[][3] = {{-1, 3, 3}, {3, -1, 3}, {3, 3, 5}, {3, 3, 0}, {1 << 20, 3, 3}};
    for (const auto &c : impossible) {
        report.expect(!create(c[0], c[1], c[2]), "impossible convolutions are refused");
    }
    const Floats w(9), b(1);
    vsr_conv *conv = vsr_conv_create(nullptr, 3, 1, 1, w.data(), b.data(), setting.precision,
                                     setting.permitted());
    const GuardedMap source(2, 4, 4);
    GuardedMap target(2, 4, 4), other(2, 4, 5);
    const auto run = [&](int32_t from, int32_t to, vsr_map &output, int32_t sources = 1) {
        const vsr_source source_list[2] = {{&source.map, &from, 1}, {&source.map, &from, 1}};
        return vsr_conv_run(setting.pool, conv, source_list, sources, &output, &to, VSR_STORE, 1);
    };
    report.expect(run(1, 1, target.map) == VSR_OK, "channels within a map are taken");
    for (const int32_t channel : {-1, 2}) {
        report.expect(run(channel, 1, target.map) == VSR_INVALID_ARGUMENT &&
                          run(1, channel, target.map) == VSR_INVALID_ARGUMENT,
                      "channels out of range are refused");
    }
    report.expect(run(0, 0, target.map, 2) == VSR_INVALID_ARGUMENT,
                  "too many channels are refused");
    report.expect(run(0, 0, other.map) == VSR_INVALID_ARGUMENT, "another size is refused");
    vsr_conv_destroy(conv);
}

}  // namespace

void check_convolution(Report &report, const Setting &setting) {
    const auto check_one = [&](const Case &c) { check(report, setting, c); };
    for (const int kernel : {1, 3, 7}) {
        for (const int width : {1, 2, 3, 4, 5, 15, 16, 17, 63, 64, 65, 127, 128, 129, 320, 333}) {
            check_one({kernel, 5, 6, 7, width, 0.1f});
            check_one({kernel, 5, 6, 7, width, 1, true});
        }
        for (const int height : {1, 2, 3, 4, 5, 7, 8, 9}) check_one({kernel, 3, 2, height, 70, 0});
        for (const int channels : {0, 1, 2, 4, 5, 6, 11, 12, 13, 29, 64}) {
            check_one({kernel, channels, 64 - channels, 9, 80, 0});
            check_one({kernel, 64 - channels, channels, 9, 80, 1, true});
            check_one({kernel, channels, 3, 6, 9, 0.1f});
        }
        for (const int floats : {1, 3, 7}) check_one({kernel, 5, 6, 6, 70, 0.1f, false, floats});
        // The largest sums that the transforms can meet.
        for (const bool same_sign : {false, true}) {
            check_one({kernel, 20, 6, 6, 70, 1, false, 0, 1e30f, same_sign});
        }
    }
    check_refusals(report, setting);
}

void bench_convolution(const Setting &setting, Peak peak) {
    vsr_pool *pool = setting.pool;
    struct Shape {
        const char *role;
        int kernel, inputs, outputs, height, width;
    };
    const Shape shapes[] = {
        {"dense", 3, 64, 64, 180, 320},  {"dense", 3, 32, 32, 180, 320},
        {"pruned", 3, 29, 37, 180, 320}, {"pruned", 3, 43, 20, 180, 320},
        {"pruned", 3, 13, 17, 180, 320}, {"pruned", 3, 29, 37, 101, 203},
        {"first", 3, 67, 64, 180, 320},  {"first", 3, 35, 32, 180, 320},
        {"fusion", 1, 64, 64, 180, 320}, {"fusion", 1, 128, 64, 180, 320},
        {"SPyNet", 7, 8, 32, 192, 320},  {"SPyNet", 7, 32, 64, 192, 320},
        {"SPyNet", 7, 64, 32, 192, 320}, {"SPyNet", 7, 32, 16, 192, 320},
        {"SPyNet", 7, 16, 2, 192, 320},  {"SPyNet", 7, 32, 64, 12, 20},
    };
    for (const Shape &s : shapes) {
        char label[64];
        std::snprintf(label, sizeof label, "conv%d %s %d>%d %dx%d", s.kernel, s.role, s.inputs,
                      s.outputs, s.height, s.width);
        // Other kernels know no bf16: they are timed with the instruction set below.
        if (!wanted(label) || (setting.precision == VSR_PRECISION_BF16 && s.kernel != 3)) continue;
        const int taps = s.kernel * s.kernel;
        const Floats w = normal(size_t(s.inputs * s.outputs * taps), 0.05f, 1);
        const Floats b = normal(size_t(s.outputs), 1, 2);
        vsr_conv *conv = vsr_conv_create(pool, s.kernel, s.inputs, s.outputs, w.data(), b.data(),
                                         setting.precision, setting.permitted());
        Map source(s.inputs, s.height, s.width), target(s.outputs, s.height, s.width);
        const vsr_source sources[1] = {{&source.map, nullptr, s.inputs}};
        const Time time = measure(pool, [&] {
            vsr_conv_run(pool, conv, sources, 1, &target.map, nullptr, VSR_STORE, 0);
        });
        // Winograd computes 36 products instead of 144 (3x3), 4 times 49 instead of 784 (7x7).
        const double saving = s.kernel == 1 ? 1 : 4;
        print_speed(label, time, double(taps) * s.inputs * s.outputs * s.height * s.width, saving,
                    peak.of(s.kernel), pool);
        vsr_conv_destroy(conv);
    }
}

}  // namespace harness
