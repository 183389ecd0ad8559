#include "allocate.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace vsr {

// The address sanitizer guards what comes from malloc alone, and that to the byte.
#if defined(__SANITIZE_ADDRESS__)
#define VSR_GUARDED_HEAP 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define VSR_GUARDED_HEAP 1
#endif
#endif

#if defined(VSR_GUARDED_HEAP)

void *allocate_unset(size_t bytes) {
    if (bytes > SIZE_MAX - kAlignment) return nullptr;
    const size_t rounded = (bytes + kAlignment - 1) / kAlignment * kAlignment;
    return std::aligned_alloc(kAlignment, std::max(rounded, kAlignment));
}

void *allocate(size_t bytes) {
    void *block = allocate_unset(bytes);
    if (block) std::memset(block, 0, bytes);
    return block;
}

void release(void *block) {
    std::free(block);
}

#else

// Before every block: how it goes back.
struct alignas(kAlignment) BlockHeader {
    void *base;
    size_t mapped;  // Bytes of the mapping at `base`, 0 for memory of malloc.
};

// Large blocks are mappings of their own: malloc would hand out memory again whose pages are small
// already, and huge pages are given only to fresh ones.
constexpr size_t kHugePage = size_t{2} << 20;

void *allocate_unset(size_t bytes) {
    if (bytes > SIZE_MAX - 2 * kHugePage) return nullptr;
    const bool mapped = bytes >= kHugePage;
    const size_t alignment = mapped ? kHugePage : kAlignment;
    const size_t rounded = (bytes + alignment - 1) / alignment * alignment;
    const size_t total = rounded + alignment;
    void *base = nullptr;
    if (mapped) {
        base = mmap(nullptr, total, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (base == MAP_FAILED) return nullptr;
    } else {
        base = std::aligned_alloc(alignment, total);
        if (!base) return nullptr;
    }
    // The next multiple of the alignment that leaves room for the header.
    const uintptr_t above = reinterpret_cast<uintptr_t>(base) + sizeof(BlockHeader);
    std::byte *block =
        reinterpret_cast<std::byte *>((above + alignment - 1) / alignment * alignment);
#if defined(MADV_HUGEPAGE)
    if (mapped) {
        madvise(block, rounded, MADV_HUGEPAGE);
        // The header alone is no reason for a huge page where the system gives them unasked.
        madvise(base, static_cast<size_t>(block - static_cast<std::byte *>(base)), MADV_NOHUGEPAGE);
    }
#endif
    reinterpret_cast<BlockHeader *>(block)[-1] = {base, mapped ? total : 0};
    return block;
}

void *allocate(size_t bytes) {
    void *block = allocate_unset(bytes);
    if (block && !static_cast<BlockHeader *>(block)[-1].mapped) std::memset(block, 0, bytes);
    return block;
}

void release(void *block) {
    if (!block) return;
    const BlockHeader header = static_cast<BlockHeader *>(block)[-1];
    if (header.mapped) {
        munmap(header.base, header.mapped);
    } else {
        std::free(header.base);
    }
}

#endif

}  // namespace vsr
