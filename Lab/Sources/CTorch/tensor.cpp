#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>

#include <cstring>
#include <stdexcept>

#include "ctorch_device.h"
#include "ctorch_tensor.h"
#include "shim.h"

using shim::guarded;
using shim::options;
using shim::returning;
using shim::sizes;
using shim::unwrap;

namespace shim {

std::atomic<ctorch_int> live_tensors{0};

at::ScalarType scalar_type(ctorch_dtype dtype) {
    switch (dtype) {
        case CTORCH_FLOAT32:
            return at::kFloat;
        case CTORCH_FLOAT64:
            return at::kDouble;
        case CTORCH_BFLOAT16:
            return at::kBFloat16;
        case CTORCH_INT64:
            return at::kLong;
        case CTORCH_BOOL:
            return at::kBool;
        case CTORCH_UINT8:
            return at::kByte;
        default:
            throw std::invalid_argument("an element type that the shim does not know");
    }
}

at::Device device(ctorch_device device) {
    if (device.kind == CTORCH_CPU) return at::kCPU;
    if (device.index >= ctorch_cuda_device_count()) {
        throw std::domain_error("there is no device cuda:" + std::to_string(device.index) +
                                ", only " + std::to_string(ctorch_cuda_device_count()) +
                                " GPUs are loaded");
    }
    return at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(device.index));
}

at::TensorOptions options(ctorch_dtype dtype, ctorch_device where) {
    return at::TensorOptions(scalar_type(dtype)).device(device(where));
}

}  // namespace shim

namespace {

at::Generator seeded(uint64_t seed) {
    return at::make_generator<at::CPUGeneratorImpl>(seed);
}

constexpr ctorch_device cpu = {CTORCH_CPU, 0};

at::MemoryFormat memory_format(ctorch_layout layout) {
    return layout == CTORCH_CHANNELS_LAST ? at::MemoryFormat::ChannelsLast
                                          : at::MemoryFormat::Contiguous;
}

}  // namespace

ctorch_int ctorch_live_tensors(void) {
    return shim::live_tensors.load(std::memory_order_relaxed);
}

void ctorch_free(ctorch_tensor tensor) {
    shim::live_tensors.fetch_sub(1, std::memory_order_relaxed);
    delete &unwrap(tensor);
}

ctorch_status ctorch_from_bytes(ctorch_tensor *out, const void *bytes, ctorch_int byte_count,
                                const ctorch_int *shape, ctorch_int rank, ctorch_dtype dtype,
                                ctorch_device device) {
    return returning(out, [&] {
        auto tensor = at::empty(sizes(shape, rank), options(dtype, cpu));
        if (static_cast<size_t>(byte_count) != tensor.nbytes()) {
            throw std::invalid_argument("a shape of " + std::to_string(tensor.nbytes()) +
                                        " bytes does not hold " + std::to_string(byte_count));
        }
        if (byte_count > 0) std::memcpy(tensor.mutable_data_ptr(), bytes, byte_count);
        return tensor.to(shim::device(device));
    });
}

ctorch_status ctorch_full(ctorch_tensor *out, const ctorch_int *shape, ctorch_int rank,
                          double value, ctorch_dtype dtype, ctorch_device device) {
    return returning(out,
                     [&] { return at::full(sizes(shape, rank), value, options(dtype, device)); });
}

ctorch_status ctorch_zeros_like(ctorch_tensor *out, ctorch_tensor tensor) {
    return returning(out, [&] { return at::zeros_like(unwrap(tensor)).detach(); });
}

ctorch_status ctorch_arange(ctorch_tensor *out, double start, double end, double step,
                            ctorch_dtype dtype, ctorch_device device) {
    return returning(out, [&] { return at::arange(start, end, step, options(dtype, device)); });
}

ctorch_status ctorch_randn(ctorch_tensor *out, const ctorch_int *shape, ctorch_int rank,
                           ctorch_dtype dtype, ctorch_device device) {
    return returning(out, [&] { return at::randn(sizes(shape, rank), options(dtype, device)); });
}

ctorch_status ctorch_rand(ctorch_tensor *out, const ctorch_int *shape, ctorch_int rank,
                          ctorch_dtype dtype, ctorch_device device) {
    return returning(out, [&] { return at::rand(sizes(shape, rank), options(dtype, device)); });
}

ctorch_status ctorch_randn_seeded(ctorch_tensor *out, const ctorch_int *shape, ctorch_int rank,
                                  ctorch_dtype dtype, uint64_t seed) {
    return returning(
        out, [&] { return at::randn(sizes(shape, rank), seeded(seed), options(dtype, cpu)); });
}

ctorch_status ctorch_rand_seeded(ctorch_tensor *out, const ctorch_int *shape, ctorch_int rank,
                                 ctorch_dtype dtype, uint64_t seed) {
    return returning(
        out, [&] { return at::rand(sizes(shape, rank), seeded(seed), options(dtype, cpu)); });
}

ctorch_int ctorch_rank(ctorch_tensor tensor) {
    return unwrap(tensor).dim();
}

void ctorch_shape(ctorch_tensor tensor, ctorch_int *sizes) {
    const auto shape = unwrap(tensor).sizes();
    for (size_t i = 0; i < shape.size(); i++) sizes[i] = shape[i];
}

ctorch_int ctorch_count(ctorch_tensor tensor) {
    return unwrap(tensor).numel();
}

ctorch_dtype ctorch_dtype_of(ctorch_tensor tensor) {
    switch (unwrap(tensor).scalar_type()) {
        case at::kFloat:
            return CTORCH_FLOAT32;
        case at::kDouble:
            return CTORCH_FLOAT64;
        case at::kBFloat16:
            return CTORCH_BFLOAT16;
        case at::kLong:
            return CTORCH_INT64;
        case at::kBool:
            return CTORCH_BOOL;
        case at::kByte:
            return CTORCH_UINT8;
        default:
            return CTORCH_UNKNOWN_DTYPE;
    }
}

ctorch_device ctorch_device_of(ctorch_tensor tensor) {
    const auto device = unwrap(tensor).device();
    if (device.is_cuda()) return {CTORCH_CUDA, device.index()};
    return cpu;
}

bool ctorch_is_contiguous(ctorch_tensor tensor, ctorch_layout layout) {
    return unwrap(tensor).is_contiguous(memory_format(layout));
}

ctorch_status ctorch_to(ctorch_tensor *out, ctorch_tensor tensor, ctorch_dtype dtype,
                        ctorch_device device) {
    return returning(
        out, [&] { return unwrap(tensor).to(shim::device(device), shim::scalar_type(dtype)); });
}

ctorch_status ctorch_contiguous(ctorch_tensor *out, ctorch_tensor tensor, ctorch_layout layout) {
    return returning(out, [&] { return unwrap(tensor).contiguous(memory_format(layout)); });
}

ctorch_status ctorch_clone(ctorch_tensor *out, ctorch_tensor tensor) {
    return returning(out, [&] { return unwrap(tensor).clone(); });
}

ctorch_status ctorch_assign(ctorch_tensor tensor, ctorch_tensor source) {
    return guarded([&] {
        c10::NoGradGuard unrecorded;
        unwrap(tensor).copy_(unwrap(source));
    });
}

ctorch_status ctorch_fill(ctorch_tensor tensor, double value) {
    return guarded([&] {
        c10::NoGradGuard unrecorded;
        unwrap(tensor).fill_(value);
    });
}

ctorch_status ctorch_copy_bytes(ctorch_tensor tensor, void *bytes, ctorch_int byte_count,
                                ctorch_dtype dtype) {
    return guarded([&] {
        c10::NoGradGuard unrecorded;
        const auto rows = unwrap(tensor).to(at::kCPU, shim::scalar_type(dtype)).contiguous();
        if (static_cast<size_t>(byte_count) != rows.nbytes()) {
            throw std::invalid_argument("the elements take " + std::to_string(rows.nbytes()) +
                                        " bytes, not " + std::to_string(byte_count));
        }
        if (byte_count > 0) std::memcpy(bytes, rows.const_data_ptr(), byte_count);
    });
}

ctorch_status ctorch_item(ctorch_tensor tensor, double *value) {
    return guarded([&] { *value = unwrap(tensor).item().toDouble(); });
}

ctorch_status ctorch_item_integer(ctorch_tensor tensor, ctorch_int *value) {
    return guarded([&] { *value = unwrap(tensor).item().toLong(); });
}
