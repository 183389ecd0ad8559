// Blocks of memory for maps, weights and scratch.
#ifndef VSR_ALLOCATE_H
#define VSR_ALLOCATE_H

#include <cstddef>

namespace vsr {

/// Zeroed memory aligned to `kAlignment`; large blocks ask for huge pages. NULL if it cannot be
/// had.
constexpr size_t kAlignment = 64;
void *allocate(size_t bytes);
/// The same, with anything in it.
void *allocate_unset(size_t bytes);
/// Takes what `allocate` and `allocate_unset` gave, NULL too.
void release(void *block);

}  // namespace vsr
#endif
