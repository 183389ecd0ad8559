#include "harness.h"

#include <algorithm>
#include <ctime>

namespace harness {

vsr_precision precision = VSR_PRECISION_FP32;

double bound_for(double fp32) {
    return precision == VSR_PRECISION_BF16 ? 0.05 : fp32;
}

Floats normal(size_t count, float scale, uint64_t seed) {
    std::mt19937_64 generator(seed);
    std::normal_distribution<float> distribution(0, 1);
    Floats values(count);
    for (float &value : values) value = scale * distribution(generator);
    return values;
}

double relative_error(const Floats &a, const Floats &b) {
    double difference = 0, norm = 0;
    for (size_t i = 0; i < b.size(); i++) {
        if (!std::isfinite(a[i])) return 1;
        difference += (double{a[i]} - b[i]) * (double{a[i]} - b[i]);
        norm += double{b[i]} * b[i];
    }
    return norm > 0 ? std::sqrt(difference / norm) : std::sqrt(difference);
}

Floats Map::planes(vsr_pool *pool) const {
    Floats result(size_t(map.channels) * size_t(map.height) * size_t(map.width));
    vsr_map_export(pool, &map, 0, map.channels, result.data(), ptrdiff_t{map.height} * map.width,
                   map.width);
    return result;
}

bool Map::padding_is_zero() const {
    const size_t count = map.bytes / sizeof(float);
    std::vector<bool> pixel(count);
    for (int y = 0; y < map.height; y++) {
        for (int channel = 0; channel < map.channels; channel++) {
            for (int x = 0; x < map.width; x++) {
                pixel[size_t((y + 1) * map.row_stride + channel * map.channel_stride +
                             map.phase_offset[x % 4] + x / 4)] = true;
            }
        }
    }
    const float *memory = static_cast<const float *>(map.allocation);
    for (size_t i = 0; i < count; i++) {
        if (!pixel[i] && memory[i] != 0) return false;
    }
    return true;
}

void Report::expect(bool holds, const std::string &what) {
    checks++;
    if (holds) return;
    failures++;
    std::printf("FAILED %s\n", what.c_str());
}

void Report::expect_close(const Floats &actual, const Floats &expected, double bound,
                          const std::string &what) {
    const double error = relative_error(actual, expected);
    char text[64];
    std::snprintf(text, sizeof text, ": error %.2e > %.2e", error, bound);
    expect(actual.size() == expected.size() && error <= bound, what + text);
}

Time measure(const vsr_pool *pool, const std::function<void()> &body, int rounds) {
    const clockid_t clock = vsr_pool_threads(pool) == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC;
    const auto seconds = [](clockid_t clock) {
        timespec now;
        clock_gettime(clock, &now);
        return double(now.tv_sec) + 1e-9 * double(now.tv_nsec);
    };
    body();
    std::vector<double> times, processor;
    for (int i = 0; i < rounds; i++) {
        const double start = seconds(clock), start_all = seconds(CLOCK_PROCESS_CPUTIME_ID);
        body();
        times.push_back(seconds(clock) - start);
        processor.push_back(seconds(CLOCK_PROCESS_CPUTIME_ID) - start_all);
    }
    std::sort(times.begin(), times.end());
    std::sort(processor.begin(), processor.end());
    return {times[times.size() / 2], times.front(), processor.front()};
}

void print_columns() {
    std::printf("%-39s%10s%9s%11s%9s%11s\n", "", "median ms", "fastest", "processor", "GMAC/s",
                "% of peak");
}

void print_speed(const char *name, Time time, double macs, double saving, double peak,
                 const vsr_pool *pool) {
    const double products = macs / saving / (peak * vsr_pool_threads(pool));
    std::printf("%-39s%10.2f%9.2f%11.2f%9.0f%11.0f\n", name, time.median * 1e3, time.fastest * 1e3,
                time.processor * 1e3, macs / time.median / 1e9, products / time.median * 100);
}

void print_bandwidth(const char *name, Time time, double bytes) {
    std::printf("%-39s%10.2f%9.2f%11.2f%9s%6.1f GB/s\n", name, time.median * 1e3,
                time.fastest * 1e3, time.processor * 1e3, "", bytes / time.median / 1e9);
}

}  // namespace harness
