#include <ATen/autocast_mode.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/stack.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <limits>
#include <memory>

#include "ctorch_autograd.h"
#include "shim.h"

using shim::guarded;
using shim::returning;
using shim::unwrap;

struct ctorch_scope_s {
    virtual ~ctorch_scope_s() = default;
};

namespace {

struct GradientScope final : ctorch_scope_s {
    explicit GradientScope(bool enabled) : mode(enabled) {}
    c10::AutoGradMode mode;
};

struct InferenceScope final : ctorch_scope_s {
    c10::InferenceMode mode;
};

// What Python's torch.autocast does on entry and exit.
struct AutocastScope final : ctorch_scope_s {
    AutocastScope(at::DeviceType device, at::ScalarType dtype)
        : device(device),
          was_enabled(at::autocast::is_autocast_enabled(device)),
          old_dtype(at::autocast::get_autocast_dtype(device)) {
        at::autocast::set_autocast_enabled(device, true);
        at::autocast::set_autocast_dtype(device, dtype);
        at::autocast::increment_nesting();
    }

    ~AutocastScope() override {
        if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
        at::autocast::set_autocast_enabled(device, was_enabled);
        at::autocast::set_autocast_dtype(device, old_dtype);
    }

    at::DeviceType device;
    bool was_enabled;
    at::ScalarType old_dtype;
};

std::vector<at::Tensor> defined_gradients(const ctorch_tensor *tensors, ctorch_int count) {
    std::vector<at::Tensor> gradients;
    gradients.reserve(count);
    for (ctorch_int i = 0; i < count; i++) {
        const auto &gradient = unwrap(tensors[i]).grad();
        if (gradient.defined()) gradients.push_back(gradient);
    }
    return gradients;
}

}  // namespace

bool ctorch_requires_gradient(ctorch_tensor tensor) {
    return unwrap(tensor).requires_grad();
}

ctorch_status ctorch_set_requires_gradient(ctorch_tensor tensor, bool required) {
    return guarded([&] { unwrap(tensor).set_requires_grad(required); });
}

ctorch_status ctorch_gradient(ctorch_tensor *out, ctorch_tensor tensor) {
    return guarded([&] {
        at::Tensor gradient = unwrap(tensor).grad();
        *out = gradient.defined() ? shim::wrap(std::move(gradient)) : nullptr;
    });
}

ctorch_status ctorch_set_gradient(ctorch_tensor tensor, ctorch_tensor gradient) {
    return guarded(
        [&] { unwrap(tensor).mutable_grad() = gradient ? unwrap(gradient) : at::Tensor(); });
}

ctorch_status ctorch_drop_gradients(const ctorch_tensor *tensors, ctorch_int count) {
    return guarded([&] {
        for (ctorch_int i = 0; i < count; i++) unwrap(tensors[i]).mutable_grad().reset();
    });
}

ctorch_status ctorch_detach(ctorch_tensor *out, ctorch_tensor tensor) {
    return returning(out, [&] { return unwrap(tensor).detach(); });
}

ctorch_status ctorch_backward(ctorch_tensor tensor, ctorch_tensor gradient, bool keep_graph) {
    return guarded([&] {
        torch::autograd::backward(
            {unwrap(tensor)},
            gradient ? std::vector<at::Tensor>{unwrap(gradient)} : std::vector<at::Tensor>{},
            keep_graph);
    });
}

ctorch_status ctorch_gradients_of(ctorch_tensor output, const ctorch_tensor *inputs,
                                  ctorch_int count, ctorch_tensor *gradients) {
    return guarded([&] {
        auto found = torch::autograd::grad({unwrap(output)}, shim::unwrap_all(inputs, count), {},
                                           /*retain_graph=*/true, /*create_graph=*/false,
                                           /*allow_unused=*/true);
        for (ctorch_int i = 0; i < count; i++) {
            gradients[i] = found[i].defined() ? shim::wrap(std::move(found[i])) : nullptr;
        }
    });
}

ctorch_status ctorch_gradients_are_finite(const ctorch_tensor *tensors, ctorch_int count,
                                          bool *finite) {
    return guarded([&] {
        c10::NoGradGuard unrecorded;
        const auto gradients = defined_gradients(tensors, count);
        *finite = true;
        if (gradients.empty()) return;
        // The largest magnitude: infinite or NaN exactly where an element is, and no overflow.
        const auto norms = at::_foreach_norm(gradients, std::numeric_limits<double>::infinity());
        *finite = at::stack(norms).isfinite().all().item<bool>();
    });
}

ctorch_status ctorch_begin_gradients(ctorch_scope *scope, bool enabled) {
    return guarded([&] { *scope = new GradientScope(enabled); });
}

ctorch_status ctorch_begin_inference(ctorch_scope *scope) {
    return guarded([&] { *scope = new InferenceScope(); });
}

ctorch_status ctorch_begin_autocast(ctorch_scope *scope, ctorch_device_kind kind,
                                    ctorch_dtype dtype) {
    return guarded([&] {
        *scope =
            new AutocastScope(kind == CTORCH_CUDA ? at::kCUDA : at::kCPU, shim::scalar_type(dtype));
    });
}

void ctorch_end(ctorch_scope scope) {
    delete scope;
}
