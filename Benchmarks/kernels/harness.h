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

/// What is checked or timed now: kernels of one instruction set and their products.
struct Setting {
    vsr_isa isa;
    vsr_precision precision;
    vsr_pool *pool;
    /// Checks only: pools of other numbers of threads, which must give the same bits.
    std::vector<vsr_pool *> others;

    /// What the `create` functions are given: nothing above `isa`.
    vsr_isa_set permitted() const { return up_to(isa); }
    static vsr_isa_set up_to(uint32_t isa) { return isa | (isa - 1); }
};

/// `count` values from a normal distribution with standard deviation `scale`.
Floats normal(size_t count, float scale, uint64_t seed);

/// ‖a − b‖₂ / ‖b‖₂; infinite if something is not finite.
double relative_error(const Floats &a, const Floats &b);

/// Multiply-adds per second of one thread: of fp32 numbers, and of those that 3×3 convolutions are
/// computed in with the instruction set (bf16 where it has them).
struct Peak {
    double fp32, convolution3;
    double of(int kernel) const { return kernel == 3 ? convolution3 : fp32; }
};
Peak arithmetic_peak(const vsr_pool *pool, vsr_isa isa);

/// A map as applications have it; it destroys itself.
struct Map {
    vsr_map map;
    Map(int channels, int height, int width) {
        if (vsr_map_create(&map, channels, height, width) != VSR_OK) std::abort();
    }
    Map(const Map &) = delete;
    ~Map() { vsr_map_destroy(&map); }
};

/// A map in memory of the harness's own: between guards, and off alignment if asked.
class GuardedMap {
  public:
    vsr_map map;

    /// A map of zeros; its rows miss a multiple of 64 bytes by `misalignment` floats.
    GuardedMap(int channels, int height, int width, int misalignment = 0);
    /// The same, with `planes` [channels, height, width] in it.
    GuardedMap(vsr_pool *pool, const Floats &planes, int channels, int height, int width,
               int misalignment = 0);
    GuardedMap(const GuardedMap &) = delete;
    ~GuardedMap();

    Floats planes(vsr_pool *pool) const;
    /// Whether the guards are untouched and everything that is not a pixel is still zero.
    bool surroundings_are_intact() const;

  private:
    float *memory;
    size_t size, start;
};

/// Counts checks, prints every failure.
struct Report {
    int checks = 0, failures = 0;
    /// The largest share of its bound that an error took, and where.
    double nearest = 0;
    std::string nearest_check;

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

/// What does not depend on the instruction set.
void check_instruction_sets(Report &report);
void check_pools(Report &report);
void check_plans(Report &report);

void check_maps(Report &report, const Setting &setting);
void check_matmul(Report &report, const Setting &setting);
void check_convolution(Report &report, const Setting &setting);
void check_trunk(Report &report, const Setting &setting);
void check_upsampler(Report &report, const Setting &setting);
void check_warp(Report &report, const Setting &setting);
/// Resize and pooling.
void check_images(Report &report, const Setting &setting);

/// Whether `name` contains what the command line asked for.
bool wanted(const char *name);
void bench_matmul(const Setting &setting, const Peak &peak);
void bench_convolution(const Setting &setting, Peak peak);
void bench_trunk(const Setting &setting, Peak peak);
void bench_upsampler(const Setting &setting, Peak peak);
/// Warp, resize and pooling.
void bench_images(const Setting &setting);

}  // namespace harness
#endif
