#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/cpu/Utils.h>
#include <dlfcn.h>
#include <malloc.h>

#include <climits>
#include <mutex>
#include <stdexcept>
#include <string>

#include "ctorch_device.h"
#include "shim.h"

using shim::guarded;
using shim::returning;

namespace {

std::atomic<bool> cuda_loaded{false};
std::mutex loading;

void open_cuda() {
    if (!dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL)) {
        const char *reason = dlerror();
        throw std::domain_error("this LibTorch has no CUDA (" +
                                std::string(reason ? reason : "libtorch_cuda.so") +
                                "): run scripts/bootstrap-libtorch --cuda, or use the device cpu");
    }
    if (!at::globalContext().hasCUDA()) {
        throw std::domain_error(
            "CUDA finds no GPU: check the driver, load the device before the "
            "first tensor, or use the device cpu");
    }
    at::globalContext().lazyInitDevice(at::kCUDA);
}

at::Generator generator(ctorch_device device) {
    if (device.kind == CTORCH_CPU) return at::detail::getDefaultCPUGenerator();
    return at::globalContext().defaultGenerator(shim::device(device));
}

}  // namespace

ctorch_status ctorch_set_thread_count(ctorch_int count) {
    return guarded([&] { at::set_num_threads(static_cast<int>(count)); });
}

ctorch_int ctorch_thread_count(void) {
    return at::get_num_threads();
}

void ctorch_keep_freed_memory(void) {
#ifdef __GLIBC__
    // Only the main arena can grow without limit; those of threads give heaps of 64 MiB back.
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, INT_MAX);
    mallopt(M_TRIM_THRESHOLD, INT_MAX);
#endif
}

bool ctorch_cpu_has_bfloat16(void) {
    const auto capabilities = at::cpu::get_cpu_capabilities();
    for (const char *name : {"avx512_bf16", "amx_bf16", "bf16"}) {  // the last one on Arm
        const auto found = capabilities.find(name);
        if (found != capabilities.end() && found->second.isBool() && found->second.toBool()) {
            return true;
        }
    }
    return false;
}

ctorch_status ctorch_seed(uint64_t seed) {
    return guarded([&] {
        // at::manual_seed would ask for CUDA, and LibTorch would remember that there is none.
        if (cuda_loaded) return at::manual_seed(seed);
        auto generator = at::detail::getDefaultCPUGenerator();
        std::lock_guard<std::mutex> lock(generator.mutex());
        generator.set_current_seed(seed);
    });
}

ctorch_status ctorch_generator_state(ctorch_tensor *out, ctorch_device device) {
    return returning(out, [&] {
        auto source = generator(device);
        std::lock_guard<std::mutex> lock(source.mutex());
        return source.get_state();
    });
}

ctorch_status ctorch_set_generator_state(ctorch_tensor state, ctorch_device device) {
    return guarded([&] {
        auto target = generator(device);
        std::lock_guard<std::mutex> lock(target.mutex());
        target.set_state(shim::unwrap(state));
    });
}

ctorch_status ctorch_load_cuda(void) {
    return guarded([] {
        std::lock_guard<std::mutex> lock(loading);
        if (cuda_loaded) return;
        open_cuda();
        cuda_loaded = true;
    });
}

ctorch_int ctorch_cuda_device_count(void) {
    return cuda_loaded ? at::detail::getCUDAHooks().deviceCount() : 0;
}

ctorch_status ctorch_synchronize(ctorch_device device) {
    return guarded([&] {
        if (device.kind == CTORCH_CUDA) at::detail::getCUDAHooks().deviceSynchronize(device.index);
    });
}
