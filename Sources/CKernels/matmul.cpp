#include "include/vsr_matmul.h"
#include "kernel_table.h"

void vsr_multiply_floats(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t depth, const float *a,
                         ptrdiff_t a_row, ptrdiff_t a_column, const float *b, ptrdiff_t b_row,
                         float *c, ptrdiff_t c_row, int32_t upper, vsr_isa_set permitted) {
    vsr::kernels(permitted).multiply_floats(
        {rows, columns, depth, a, a_row, a_column, b, b_row, c, c_row, upper != 0});
}

void vsr_multiply_doubles(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t depth, const double *a,
                          ptrdiff_t a_row, ptrdiff_t a_column, const double *b, ptrdiff_t b_row,
                          double *c, ptrdiff_t c_row, int32_t upper, vsr_isa_set permitted) {
    vsr::kernels(permitted).multiply_doubles(
        {rows, columns, depth, a, a_row, a_column, b, b_row, c, c_row, upper != 0});
}
