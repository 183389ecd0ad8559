#include "kernel_table.h"
const vsr::KernelTable *vsr::avx512_bf16_kernels() {
    return nullptr;
}
