// Compiles the headers as C, which is how Swift reads them: whatever only C++ knows fails here.
#include "vsr_kernels.h"
#include "vsr_reference.h"
