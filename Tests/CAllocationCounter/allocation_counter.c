// An allocator that counts, in place of the C library's own, which it calls: symbols of a program
// come before those of the libraries that it uses.
#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE  // syscall
#endif

#include "allocation_counter.h"

#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAS_SANITIZER
#endif
#endif

#if defined(__GLIBC__) && !defined(HAS_SANITIZER)

static _Thread_local int64_t count;

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

void *malloc(size_t size) {
    count++;
    return __libc_malloc(size);
}
void *calloc(size_t items, size_t size) {
    count++;
    return __libc_calloc(items, size);
}
void *realloc(void *memory, size_t size) {
    count++;
    return __libc_realloc(memory, size);
}
void *aligned_alloc(size_t alignment, size_t size) {
    count++;
    return __libc_memalign(alignment, size);
}
int posix_memalign(void **memory, size_t alignment, size_t size) {
    count++;
    *memory = __libc_memalign(alignment, size);
    return *memory ? 0 : 12;  // ENOMEM
}

// What the C library maps for itself does not come by here.
void *mmap(void *address, size_t size, int protection, int flags, int file, off_t offset) {
    count++;
    return (void *)syscall(SYS_mmap, address, size, protection, flags, file, offset);
}

bool allocation_counter_works(void) {
    return true;
}
int64_t allocation_count(void) {
    return count;
}

#else

bool allocation_counter_works(void) {
    return false;
}
int64_t allocation_count(void) {
    return 0;
}

#endif
