// What the kernels need from outside: included before any instruction set is chosen, so that no
// function shared with other files is compiled for processors that may not be there.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>

#include "../kernel_table.h"
#include "../packed_conv.h"
#include "../winograd_points.h"
