#ifndef VSR_MATMUL_H
#define VSR_MATMUL_H

#include <stddef.h>
#include <stdint.h>

#include "vsr_isa.h"

#ifdef __cplusplus
extern "C" {
#endif

/// C[i, j] += Σ A[i, k] · B[k, j] for i < rows, j < columns, k < depth; sums in the type's own
/// precision, in an order that depends on the instruction set.
///
/// A[i, k] lies at a[i · a_row + k · a_column], so that A may be given transposed; rows of B and C
/// are contiguous. C overlaps neither. With `upper` only elements with j ≥ i are sure to be
/// computed, which is enough where the product is symmetric.
void vsr_multiply_floats(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t depth, const float *a,
                         ptrdiff_t a_row, ptrdiff_t a_column, const float *b, ptrdiff_t b_row,
                         float *c, ptrdiff_t c_row, int32_t upper, vsr_isa_set permitted);

/// The same in double precision.
void vsr_multiply_doubles(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t depth, const double *a,
                          ptrdiff_t a_row, ptrdiff_t a_column, const double *b, ptrdiff_t b_row,
                          double *c, ptrdiff_t c_row, int32_t upper, vsr_isa_set permitted);

#ifdef __cplusplus
}
#endif
#endif
