#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_lerp.h>
#include <ATen/ops/_fused_adam.h>
#include <c10/core/GradMode.h>

#include "ctorch_optimizer.h"
#include "shim.h"

using shim::guarded;
using shim::unwrap;

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

ctorch_status ctorch_ema_step(const ctorch_tensor *shadows, const ctorch_tensor *parameters,
                              ctorch_int count, double decay) {
    return guarded([&] {
        if (count == 0) return;
        c10::NoGradGuard unrecorded;
        auto averages = shim::unwrap_all(shadows, count);
        at::_foreach_lerp_(averages, shim::unwrap_all(parameters, count), 1 - decay);
    });
}
