#include "harness.h"

#include <algorithm>
#include <ctime>

namespace harness {

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
        if (!std::isfinite(a[i])) return INFINITY;
        difference += (double{a[i]} - b[i]) * (double{a[i]} - b[i]);
        norm += double{b[i]} * b[i];
    }
    return norm > 0 ? std::sqrt(difference / norm) : std::sqrt(difference);
}

void Report::expect(bool holds, const std::string &what) {
    checks++;
    if (holds) return;
    failures++;
    std::printf("FAILED %s\n", what.c_str());
}

void Report::expect_close(const Floats &actual, const Floats &expected, double bound,
                          const std::string &what) {
    const double error =
        actual.size() == expected.size() ? relative_error(actual, expected) : INFINITY;
    if (error / bound > nearest) {
        nearest = error / bound;
        nearest_check = what;
    }
    char text[64];
    std::snprintf(text, sizeof text, ": error %.2e > %.2e", error, bound);
    expect(error <= bound, what + text);
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
