#include "vsr_kernels.h"
