// Products of matrices, against plain loops in double precision.
#include <algorithm>
#include <array>
#include <limits>

#include "harness.h"

namespace harness {
namespace {

struct Shape {
    ptrdiff_t rows, columns, depth;
    bool transposed, upper;
};

void multiply(const Shape &s, const float *a, const float *b, ptrdiff_t b_row, float *c,
              ptrdiff_t c_row, vsr_isa_set permitted) {
    vsr_multiply_floats(s.rows, s.columns, s.depth, a, s.transposed ? 1 : s.depth,
                        s.transposed ? s.rows : 1, b, b_row, c, c_row, s.upper, permitted);
}

void multiply(const Shape &s, const double *a, const double *b, ptrdiff_t b_row, double *c,
              ptrdiff_t c_row, vsr_isa_set permitted) {
    vsr_multiply_doubles(s.rows, s.columns, s.depth, a, s.transposed ? 1 : s.depth,
                         s.transposed ? s.rows : 1, b, b_row, c, c_row, s.upper, permitted);
}

template <typename T>
std::vector<T> numbers(ptrdiff_t count, uint64_t seed) {
    const Floats values = normal(size_t(count), 1, seed);
    return std::vector<T>(values.begin(), values.end());
}

/// Each element within the rounding of a sum of `depth` + 1 terms in any order: that many units in
/// the last place of the sum of the terms' absolute values, at most.
template <typename T>
void check_product(Report &report, const Setting &setting, const Shape &s) {
    constexpr ptrdiff_t kPadding = 3;
    constexpr T kGuard = T(12345);
    const ptrdiff_t b_row = s.columns + kPadding, c_row = s.columns + 2 * kPadding;
    const std::vector<T> a = numbers<T>(s.rows * s.depth, 1), b = numbers<T>(s.depth * b_row, 2);
    std::vector<T> c(size_t(s.rows * c_row), kGuard);
    const std::vector<T> start = numbers<T>(s.rows * s.columns, 3);
    for (ptrdiff_t i = 0; i < s.rows; i++) {
        std::copy_n(start.begin() + i * s.columns, s.columns, c.begin() + i * c_row);
    }
    multiply(s, a.data(), b.data(), b_row, c.data(), c_row, setting.permitted());

    double nearest = 0;
    bool guarded = true;
    for (ptrdiff_t i = 0; i < s.rows; i++) {
        for (ptrdiff_t j = 0; j < c_row; j++) {
            const T value = c[size_t(i * c_row + j)];
            if (j >= s.columns) {
                guarded = guarded && value == kGuard;
                continue;
            }
            if (s.upper && j < i) continue;
            long double sum = start[size_t(i * s.columns + j)], size = std::abs(sum);
            for (ptrdiff_t k = 0; k < s.depth; k++) {
                const long double term =
                    (long double)a[size_t(s.transposed ? k * s.rows + i : i * s.depth + k)] *
                    b[size_t(k * b_row + j)];
                sum += term;
                size += std::abs(term);
            }
            const long double bound =
                (long double)(s.depth + 1) * std::numeric_limits<T>::epsilon() * size;
            nearest = std::max(nearest, double(std::abs(value - sum) / bound));
            if (!std::isfinite(value)) nearest = std::numeric_limits<double>::infinity();
        }
    }
    const std::string name = std::string(sizeof(T) == 8 ? "double" : "float") + " product " +
                             std::to_string(s.rows) + "x" + std::to_string(s.depth) + "x" +
                             std::to_string(s.columns) + (s.transposed ? " transposed" : "") +
                             (s.upper ? " upper" : "");
    report.expect(nearest <= 1, name + ": " + std::to_string(nearest) + " of its bound");
    report.expect(guarded, name + " writes nothing beside C");
}

template <typename T>
void bench_product(const Setting &setting, const char *name, const Shape &s, double peak) {
    if (!wanted(name)) return;
    const std::vector<T> a = numbers<T>(s.rows * s.depth, 1),
                         b = numbers<T>(s.depth * s.columns, 2);
    std::vector<T> c(size_t(s.rows * s.columns));
    const Time time = measure(setting.pool, [&] {
        multiply(s, a.data(), b.data(), s.columns, c.data(), s.columns, setting.permitted());
    });
    // One thread computes; the peak is per thread.
    const double macs = double(s.rows) * double(s.columns) * double(s.depth) / (s.upper ? 2 : 1);
    std::printf("%-46s %8.2f ms %8.1f GMAC/s %5.0f %% of peak\n", name, time.median * 1e3,
                macs / time.median / 1e9, 100 * macs / time.median / peak);
}

}  // namespace

void check_matmul(Report &report, const Setting &setting) {
    for (const bool transposed : {false, true}) {
        for (const bool upper : {false, true}) {
            for (const auto &[rows, columns, depth] : {std::array<ptrdiff_t, 3>{1, 1, 1},
                                                       {5, 3, 0},
                                                       {6, 64, 192},
                                                       {7, 65, 193},
                                                       {13, 31, 400},
                                                       {48, 129, 50},
                                                       {100, 100, 33}}) {
                const Shape shape{rows, columns, depth, transposed, upper};
                check_product<float>(report, setting, shape);
                check_product<double>(report, setting, shape);
            }
        }
    }
}

void bench_matmul(const Setting &setting, const Peak &peak) {
    bench_product<float>(setting, "Gram matrix of 64 channels, 192 pixels, fp32",
                         {577, 641, 192, true, true}, peak.fp32);
    bench_product<double>(setting, "product of 577x577 matrices, fp64",
                          {577, 577, 577, false, false}, peak.fp32 / 2);
}

}  // namespace harness
