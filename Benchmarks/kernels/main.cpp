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

constexpr int kCheckedThreads[] = {1, 2, 5};

void print(const Report &report, const char *name, const char *products) {
    std::printf("%s%s: %d checks, %d failures", name, products, report.checks, report.failures);
    if (report.nearest > 0) {
        std::printf("; nearest to its bound, at %.0f %%: %s", report.nearest * 100,
                    report.nearest_check.c_str());
    }
    std::printf("\n");
}

int check(Setting &setting) {
    Report report;
    for (const int threads : kCheckedThreads) {
        setting.others.push_back(vsr_pool_create(threads, setting.permitted()));
    }
    check_maps(report, setting);
    check_matmul(report, setting);
    check_convolution(report, setting);
    check_trunk(report, setting);
    check_upsampler(report, setting);
    check_warp(report, setting);
    check_images(report, setting);
    for (vsr_pool *pool : setting.others) vsr_pool_destroy(pool);
    setting.others.clear();
    print(report, vsr_isa_name(setting.isa),
          setting.isa != VSR_ISA_AVX512_BF16        ? ""
          : setting.precision == VSR_PRECISION_BF16 ? ", products in bf16"
                                                    : ", products in fp32");
    return report.failures;
}

int check_what_all_share() {
    Report report;
    check_instruction_sets(report);
    check_pools(report);
    check_plans(report);
    print(report, "all instruction sets", "");
    return report.failures;
}

void bench(const Setting &setting) {
    const Peak peak = arithmetic_peak(setting.pool, setting.isa);
    const char *products = setting.precision == VSR_PRECISION_BF16 ? "bf16" : "fp32";
    std::printf("\n%s, %s, threads: %d, peak per thread: %.0f GMAC/s\n", vsr_isa_name(setting.isa),
                products, vsr_pool_threads(setting.pool), peak.convolution3 / 1e9);
    print_columns();
    bench_matmul(setting, peak);
    bench_convolution(setting, peak);
    bench_trunk(setting, peak);
    bench_upsampler(setting, peak);
    bench_images(setting);
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
    int failures = benching ? 0 : check_what_all_share();
    for (uint32_t bit = VSR_ISA_AVX512_BF16; bit; bit >>= 1) {
        const char *name = vsr_isa_name(static_cast<vsr_isa>(bit));
        if (!(vsr_isa_available() & bit)) continue;
        if (std::strcmp(isa, "all") && std::strcmp(isa, name)) continue;
        vsr_pool *pool = vsr_pool_create(threads, Setting::up_to(bit));
        if (!pool) {
            std::fprintf(stderr, "error: cannot start %d threads: ask for 1 or more\n", threads);
            return 1;
        }
        const bool has_bf16 = bit == VSR_ISA_AVX512_BF16;
        Setting setting{static_cast<vsr_isa>(bit),
                        has_bf16 ? VSR_PRECISION_BF16 : VSR_PRECISION_FP32,
                        pool,
                        {}};
        if (benching) {
            bench(setting);
        } else {
            failures += check(setting);
            // Who has bf16 must still give fp32 where that is asked for.
            setting.precision = VSR_PRECISION_FP32;
            if (has_bf16) failures += check(setting);
        }
        vsr_pool_destroy(pool);
    }
    return failures ? 1 : 0;
}
