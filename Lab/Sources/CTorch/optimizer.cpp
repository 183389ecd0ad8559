#include <ATen/TensorOperators.h>
#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_lerp.h>
#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/lerp.h>
#include <ATen/ops/mm.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>

#include "ctorch_optimizer.h"
#include "shim.h"

using shim::guarded;
using shim::unwrap;

namespace {

// A matrix whose singular vectors are the given one's and whose singular values are all near 1
// (0.68 to 1.21 for those above a 500th of the norm), on its device and in its type.
//
// Newton-Schulz with the coefficients of K. Jordan's Muon: x <- a x + b (x x') x + c (x x')^2 x.
at::Tensor orthogonalized(const at::Tensor &matrix) {
    constexpr double a = 3.4445, b = -4.7750, c = 2.0315;
    constexpr int steps = 5;
    const bool is_tall = matrix.size(0) > matrix.size(1);
    at::Tensor x = is_tall ? matrix.t() : matrix;
    x = x / x.norm().clamp_min(1e-7);
    for (int step = 0; step < steps; step++) {
        const at::Tensor products = at::mm(x, x.t());
        x = at::addmm(x, at::addmm(products, products, products, b, c), x, a);
    }
    return is_tall ? x.t() : x;
}

}  // namespace

ctorch_status ctorch_adam_step(const ctorch_tensor *parameters, const ctorch_tensor *moments1,
                               const ctorch_tensor *moments2, const ctorch_tensor *steps,
                               ctorch_int count, ctorch_adam_options options) {
    return guarded([&] {
        c10::NoGradGuard unrecorded;
        std::vector<at::Tensor> values, gradients, first, second, updates;
        for (auto *list : {&values, &gradients, &first, &second, &updates}) list->reserve(count);
        for (ctorch_int i = 0; i < count; i++) {
            const auto &gradient = unwrap(parameters[i]).grad();
            if (!gradient.defined()) continue;
            values.push_back(unwrap(parameters[i]));
            gradients.push_back(gradient);
            first.push_back(unwrap(moments1[i]));
            second.push_back(unwrap(moments2[i]));
            updates.push_back(unwrap(steps[i]));
        }
        if (values.empty()) return;
        at::_foreach_add_(updates, 1);
        at::_fused_adam_(values, gradients, first, second, {}, updates, options.rate, options.beta1,
                         options.beta2, options.weight_decay, options.epsilon, /*amsgrad=*/false,
                         /*maximize=*/false);
    });
}

ctorch_status ctorch_muon_step(const ctorch_tensor *parameters, const ctorch_tensor *momenta,
                               ctorch_int count, ctorch_muon_options options) {
    return guarded([&] {
        c10::NoGradGuard unrecorded;
        for (ctorch_int i = 0; i < count; i++) {
            at::Tensor &value = unwrap(parameters[i]);
            const at::Tensor &gradient = value.grad();
            if (!gradient.defined()) continue;
            at::Tensor &momentum = unwrap(momenta[i]);
            momentum.lerp_(gradient, 1 - options.momentum);
            // Nesterov's: the momentum as it would be after the same gradient again.
            const at::Tensor ahead = at::lerp(gradient, momentum, options.momentum);
            const at::Tensor update = orthogonalized(ahead.flatten(1));
            const double scale =
                0.2 * std::sqrt(static_cast<double>(std::max(update.size(0), update.size(1))));
            value.mul_(1 - options.rate * options.weight_decay)
                .sub_(update.reshape(value.sizes()), options.rate * scale);
        }
    });
}

ctorch_status ctorch_ema_step(const ctorch_tensor *shadows, const ctorch_tensor *parameters,
                              ctorch_int count, double decay) {
    return guarded([&] {
        if (count == 0) return;
        c10::NoGradGuard unrecorded;
        auto averages = shim::unwrap_all(shadows, count);
        at::_foreach_lerp_(averages, shim::unwrap_all(parameters, count), 1 - decay);
    });
}
