// Threads, seeds, CUDA.
#ifndef CTORCH_DEVICE_H
#define CTORCH_DEVICE_H

#include "ctorch_base.h"

#ifdef __cplusplus
extern "C" {
#endif

/// For the calling thread and those that start later.
ctorch_status ctorch_set_thread_count(ctorch_int count);
ctorch_int ctorch_thread_count(void);

/// Sets the process's malloc to keep freed memory for the next step. A training step frees and
/// takes the same large blocks again; left to itself, glibc returns them to the kernel, and the
/// page faults cost up to a quarter of the step. For threads that start later.
void ctorch_keep_freed_memory(void);

/// Whether the processor has instructions for bfloat16. Without them LibTorch's convolutions in
/// bfloat16 take about twenty times as long as those in single precision.
bool ctorch_cpu_has_bfloat16(void);

/// Seeds the CPU's generator, and those of all GPUs once CUDA is loaded.
ctorch_status ctorch_seed(uint64_t seed);
/// The state of a device's generator as bytes (a CPU tensor), and back.
ctorch_status ctorch_generator_state(ctorch_tensor *out, ctorch_device device);
ctorch_status ctorch_set_generator_state(ctorch_tensor state, ctorch_device device);

/// Opens libtorch_cuda.so, once; later calls are free. Must come before any work on tensors,
/// since LibTorch looks for CUDA only once.
ctorch_status ctorch_load_cuda(void);
/// Number of GPUs; 0 before ctorch_load_cuda.
ctorch_int ctorch_cuda_device_count(void);
/// Waits until all work queued on the device is done.
ctorch_status ctorch_synchronize(ctorch_device device);

#ifdef __cplusplus
}
#endif
#endif  // CTORCH_DEVICE_H
