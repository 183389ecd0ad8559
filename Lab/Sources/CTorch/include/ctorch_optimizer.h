// Updates of whole lists of parameters in one call. None is recorded for gradients.
#ifndef CTORCH_OPTIMIZER_H
#define CTORCH_OPTIMIZER_H

#include "ctorch_base.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ctorch_adam_options {
    double rate, beta1, beta2, epsilon, weight_decay;
} ctorch_adam_options;

/// One Adam step for `count` parameters. Those without a gradient are skipped, as PyTorch does.
/// Moments have their parameter's shape, `steps` are float32 scalars counting its updates.
ctorch_status ctorch_adam_step(const ctorch_tensor *parameters, const ctorch_tensor *moments1,
                               const ctorch_tensor *moments2, const ctorch_tensor *steps,
                               ctorch_int count, ctorch_adam_options options);

typedef struct ctorch_muon_options {
    double rate, momentum, weight_decay;
} ctorch_muon_options;

/// One Muon step for `count` convolutions' weights [out, in, height, width], each taken as the
/// matrix [out, in · height · width]. Those without a gradient are skipped. `momenta` have their
/// parameter's shape.
///
/// The momentum's singular values are brought near 1 by five Newton–Schulz steps; the update's root
/// mean square is about 0.2 · rate, which is what Adam's usually is.
ctorch_status ctorch_muon_step(const ctorch_tensor *parameters, const ctorch_tensor *momenta,
                               ctorch_int count, ctorch_muon_options options);

/// shadows += (1 − decay) · (parameters − shadows).
ctorch_status ctorch_ema_step(const ctorch_tensor *shadows, const ctorch_tensor *parameters,
                              ctorch_int count, double decay);

#ifdef __cplusplus
}
#endif
#endif  // CTORCH_OPTIMIZER_H
