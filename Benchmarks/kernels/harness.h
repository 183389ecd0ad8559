// What the harness's parts share.
#ifndef HARNESS_H
#define HARNESS_H

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "vsr_kernels.h"
#include "vsr_reference.h"

namespace harness {

using Floats = std::vector<float>;

/// `count` values from a normal distribution with standard deviation `scale`.
Floats normal(size_t count, float scale, uint64_t seed);

/// ‖a − b‖₂ / ‖b‖₂; 1 if something is not finite.
double relative_error(const Floats &a, const Floats &b);

/// Multiply-adds per second of one thread: of fp32 numbers, and of those that 3×3 convolutions are
/// computed in with the selected instruction set (bf16 where it has them).
struct Peak {
    double fp32, convolution3;
    double of(int kernel) const { return kernel == 3 ? convolution3 : fp32; }
};
Peak arithmetic_peak(const vsr_pool *pool, vsr_isa isa);

/// A map that destroys itself.
struct Map {
    vsr_map map;
    Map(int channels, int height, int width) {
        if (vsr_map_create(&map, channels, height, width) != VSR_OK) std::abort();
    }
    Map(vsr_pool *pool, const Floats &planes, int channels, int height, int width)
        : Map(channels, height, width) {
        vsr_map_import(pool, planes.data(), ptrdiff_t{height} * width, width, &map, 0, channels);
    }
    Map(const Map &) = delete;
    ~Map() { vsr_map_destroy(&map); }

    Floats planes(vsr_pool *pool) const;
    /// Whether everything that is not a pixel is still zero.
    bool padding_is_zero() const;
};

/// Which products are checked and timed now.
extern vsr_precision precision;

/// `fp32`, or what products of bf16 numbers may add to it: their relative rounding error of 2⁻⁸,
/// about six times enlarged by Winograd's transforms, was measured at 0.02.
double bound_for(double fp32);

/// Counts checks, prints every failure.
struct Report {
    int checks = 0, failures = 0;
    void expect(bool holds, const std::string &what);
    void expect_close(const Floats &actual, const Floats &expected, double bound,
                      const std::string &what);
};

/// Seconds of the median and the fastest of `rounds` calls, after one that is not timed. With one
/// thread it is the processor's time, which other programs disturb less, else the clock's.
struct Time {
    double median, fastest;
    /// The fastest call's processor time of all threads together: on a busy machine it tells what
    /// several threads cost, where the clock cannot.
    double processor;
};
Time measure(const vsr_pool *pool, const std::function<void()> &body, int rounds = 11);

/// The heading of what the next two print.
void print_columns();
/// A line with time, rate in the multiply-adds `macs` of a direct convolution, and the share of the
/// peak's products that are really computed: `saving` times fewer.
void print_speed(const char *name, Time time, double macs, double saving, double peak,
                 const vsr_pool *pool);
/// A line with time and memory read and written, for what is not bound by arithmetic.
void print_bandwidth(const char *name, Time time, double bytes);

void check_convolution(Report &report, vsr_pool *pool);
void check_trunk(Report &report, vsr_pool *pool);
void check_plans(Report &report);
void check_upsampler(Report &report, vsr_pool *pool);
void check_warp(Report &report, vsr_pool *pool);

/// Whether `name` contains what the command line asked for.
bool wanted(const char *name);
void bench_convolution(vsr_pool *pool, Peak peak);
void bench_trunk(vsr_pool *pool, Peak peak);
void bench_upsampler(vsr_pool *pool, Peak peak);
/// Warp, resize and pooling.
void bench_images(vsr_pool *pool);

}  // namespace harness
#endif
