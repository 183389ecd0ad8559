#include <ATen/ops/abs.h>
#include <ATen/ops/add.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/div.h>
#include <ATen/ops/eq.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/log.h>
#include <ATen/ops/lt.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/minimum.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/neg.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/reciprocal.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/rsub.h>
#include <ATen/ops/sqrt.h>
#include <ATen/ops/square.h>
#include <ATen/ops/sub.h>
#include <ATen/ops/where.h>

#include "ctorch_operations.h"
#include "shim.h"

using shim::returning;
using shim::unwrap;

ctorch_status ctorch_add(ctorch_tensor *out, ctorch_tensor a, ctorch_tensor b) {
    return returning(out, [&] { return at::add(unwrap(a), unwrap(b)); });
}

ctorch_status ctorch_subtract(ctorch_tensor *out, ctorch_tensor a, ctorch_tensor b) {
    return returning(out, [&] { return at::sub(unwrap(a), unwrap(b)); });
}

ctorch_status ctorch_multiply(ctorch_tensor *out, ctorch_tensor a, ctorch_tensor b) {
    return returning(out, [&] { return at::mul(unwrap(a), unwrap(b)); });
}

ctorch_status ctorch_divide(ctorch_tensor *out, ctorch_tensor a, ctorch_tensor b) {
    return returning(out, [&] { return at::div(unwrap(a), unwrap(b)); });
}

ctorch_status ctorch_add_number(ctorch_tensor *out, ctorch_tensor a, double b) {
    return returning(out, [&] { return at::add(unwrap(a), b); });
}

ctorch_status ctorch_multiply_number(ctorch_tensor *out, ctorch_tensor a, double b) {
    return returning(out, [&] { return at::mul(unwrap(a), b); });
}

ctorch_status ctorch_divide_number(ctorch_tensor *out, ctorch_tensor a, double b) {
    return returning(out, [&] { return at::div(unwrap(a), b); });
}

ctorch_status ctorch_subtract_from(ctorch_tensor *out, ctorch_tensor a, double b) {
    return returning(out, [&] { return at::rsub(unwrap(a), b); });
}

ctorch_status ctorch_divide_into(ctorch_tensor *out, ctorch_tensor a, double b) {
    return returning(out, [&] { return at::mul(at::reciprocal(unwrap(a)), b); });
}

ctorch_status ctorch_add_scaled(ctorch_tensor *out, ctorch_tensor a, ctorch_tensor b,
                                double factor) {
    return returning(out, [&] { return at::add(unwrap(a), unwrap(b), factor); });
}

ctorch_status ctorch_maximum(ctorch_tensor *out, ctorch_tensor a, ctorch_tensor b) {
    return returning(out, [&] { return at::maximum(unwrap(a), unwrap(b)); });
}

ctorch_status ctorch_minimum(ctorch_tensor *out, ctorch_tensor a, ctorch_tensor b) {
    return returning(out, [&] { return at::minimum(unwrap(a), unwrap(b)); });
}

ctorch_status ctorch_negate(ctorch_tensor *out, ctorch_tensor a) {
    return returning(out, [&] { return at::neg(unwrap(a)); });
}

ctorch_status ctorch_abs(ctorch_tensor *out, ctorch_tensor a) {
    return returning(out, [&] { return at::abs(unwrap(a)); });
}

ctorch_status ctorch_sqrt(ctorch_tensor *out, ctorch_tensor a) {
    return returning(out, [&] { return at::sqrt(unwrap(a)); });
}

ctorch_status ctorch_square(ctorch_tensor *out, ctorch_tensor a) {
    return returning(out, [&] { return at::square(unwrap(a)); });
}

ctorch_status ctorch_pow(ctorch_tensor *out, ctorch_tensor a, double exponent) {
    return returning(out, [&] { return at::pow(unwrap(a), exponent); });
}

ctorch_status ctorch_exp(ctorch_tensor *out, ctorch_tensor a) {
    return returning(out, [&] { return at::exp(unwrap(a)); });
}

ctorch_status ctorch_log(ctorch_tensor *out, ctorch_tensor a) {
    return returning(out, [&] { return at::log(unwrap(a)); });
}

ctorch_status ctorch_clamp(ctorch_tensor *out, ctorch_tensor a, double low, double high) {
    return returning(out, [&] { return at::clamp(unwrap(a), at::Scalar(low), at::Scalar(high)); });
}

ctorch_status ctorch_relu(ctorch_tensor *out, ctorch_tensor a) {
    return returning(out, [&] { return at::relu(unwrap(a)); });
}

ctorch_status ctorch_leaky_relu(ctorch_tensor *out, ctorch_tensor a, double slope) {
    return returning(out, [&] { return at::leaky_relu(unwrap(a), slope); });
}

ctorch_status ctorch_relu_in_place(ctorch_tensor *out, ctorch_tensor a) {
    return returning(out, [&] { return at::Tensor(at::relu_(unwrap(a))); });
}

ctorch_status ctorch_leaky_relu_in_place(ctorch_tensor *out, ctorch_tensor a, double slope) {
    return returning(out, [&] { return at::Tensor(at::leaky_relu_(unwrap(a), slope)); });
}

ctorch_status ctorch_equal(ctorch_tensor *out, ctorch_tensor a, ctorch_tensor b) {
    return returning(out, [&] { return at::eq(unwrap(a), unwrap(b)); });
}

ctorch_status ctorch_less(ctorch_tensor *out, ctorch_tensor a, ctorch_tensor b) {
    return returning(out, [&] { return at::lt(unwrap(a), unwrap(b)); });
}

ctorch_status ctorch_is_finite(ctorch_tensor *out, ctorch_tensor a) {
    return returning(out, [&] { return at::isfinite(unwrap(a)); });
}

ctorch_status ctorch_where(ctorch_tensor *out, ctorch_tensor condition, ctorch_tensor a,
                           ctorch_tensor b) {
    return returning(out, [&] { return at::where(unwrap(condition), unwrap(a), unwrap(b)); });
}

ctorch_status ctorch_matmul(ctorch_tensor *out, ctorch_tensor a, ctorch_tensor b) {
    return returning(out, [&] { return at::matmul(unwrap(a), unwrap(b)); });
}
