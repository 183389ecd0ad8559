// harness check|bench [instruction set] [threads] [part of a benchmark's name]
#include <cstdlib>
#include <cstring>

#include "harness.h"

using namespace harness;

static const char *filter = "";

bool harness::wanted(const char *name) {
    return std::strstr(name, filter) != nullptr;
}

namespace {

int check(vsr_pool *pool) {
    Report report;
    check_convolution(report, pool);
    check_trunk(report, pool);
    check_plans(report);
    check_upsampler(report, pool);
    check_warp(report, pool);
    std::printf("%s: %d checks, %d failures\n", vsr_isa_name(vsr_isa_selected()), report.checks,
                report.failures);
    return report.failures;
}

void bench(vsr_pool *pool) {
    const Peak peak = arithmetic_peak(pool, vsr_isa_selected());
    const char *products = precision == VSR_PRECISION_BF16 ? "bf16" : "fp32";
    std::printf("\n%s, %s, threads: %d, peak per thread: %.0f GMAC/s\n",
                vsr_isa_name(vsr_isa_selected()), products, vsr_pool_threads(pool),
                peak.convolution3 / 1e9);
    print_columns();
    bench_convolution(pool, peak);
    bench_trunk(pool, peak);
    bench_upsampler(pool, peak);
    bench_images(pool);
}

}  // namespace

int main(int count, char **arguments) {
    const bool benching = count > 1 && !std::strcmp(arguments[1], "bench");
    const char *isa = count > 2 ? arguments[2] : "all";
    const int threads = count > 3 ? std::atoi(arguments[3]) : 2;
    if (count > 4) filter = arguments[4];
    if (benching) {
        std::printf("GMAC/s counts a direct convolution's products, %% of peak those computed.\n");
    }
    int failures = 0;
    for (uint32_t bit = VSR_ISA_AVX512_BF16; bit; bit >>= 1) {
        const char *name = vsr_isa_name(static_cast<vsr_isa>(bit));
        if (!(vsr_isa_available() & bit)) continue;
        if (std::strcmp(isa, "all") && std::strcmp(isa, name)) continue;
        vsr_isa_mask(bit | (bit - 1));
        // A pool keeps the instruction set that it was created for.
        vsr_pool *pool = vsr_pool_create(threads);
        if (!pool) {
            std::fprintf(stderr, "error: cannot start %d threads: ask for 1 or more\n", threads);
            return 1;
        }
        precision = bit == VSR_ISA_AVX512_BF16 ? VSR_PRECISION_BF16 : VSR_PRECISION_FP32;
        if (benching) {
            bench(pool);
        } else {
            failures += check(pool);
        }
        vsr_pool_destroy(pool);
    }
    return failures ? 1 : 0;
}
