// Inside the shim only: handles to tensors and back, and the one place where exceptions stop.
#ifndef CTORCH_SHIM_H
#define CTORCH_SHIM_H

#include <ATen/core/Tensor.h>

#include <atomic>
#include <optional>
#include <vector>

#include "ctorch_base.h"

namespace shim {

static_assert(sizeof(ctorch_int) == sizeof(int64_t), "sizes are passed on without a copy");

extern std::atomic<ctorch_int> live_tensors;

inline at::Tensor &unwrap(ctorch_tensor tensor) {
    return *reinterpret_cast<at::Tensor *>(tensor);
}

inline std::optional<at::Tensor> unwrap_optional(ctorch_tensor tensor) {
    return tensor ? std::optional(unwrap(tensor)) : std::nullopt;
}

inline std::vector<at::Tensor> unwrap_all(const ctorch_tensor *tensors, ctorch_int count) {
    std::vector<at::Tensor> result;
    result.reserve(count);
    for (ctorch_int i = 0; i < count; i++) result.push_back(unwrap(tensors[i]));
    return result;
}

inline ctorch_tensor wrap(at::Tensor &&tensor) {
    auto *handle = new at::Tensor(std::move(tensor));
    live_tensors.fetch_add(1, std::memory_order_relaxed);
    return reinterpret_cast<ctorch_tensor>(handle);
}

// ctorch_int and int64_t are both the platform's long, if under different names.
inline at::IntArrayRef sizes(const ctorch_int *values, ctorch_int count) {
    return {reinterpret_cast<const int64_t *>(values), static_cast<size_t>(count)};
}

at::ScalarType scalar_type(ctorch_dtype dtype);
at::Device device(ctorch_device device);
at::TensorOptions options(ctorch_dtype dtype, ctorch_device device);

// Records the exception being handled as the thread's last error. Only from a catch block.
ctorch_status record_exception() noexcept;

// Runs `body`; an exception becomes a status.
template <class Body>
ctorch_status guarded(Body &&body) noexcept {
    try {
        body();
        return CTORCH_OK;
    } catch (...) {
        return record_exception();
    }
}

// Runs `body` and hands its tensor out.
template <class Body>
ctorch_status returning(ctorch_tensor *out, Body &&body) noexcept {
    return guarded([&] { *out = wrap(body()); });
}

}  // namespace shim

#endif  // CTORCH_SHIM_H
