// Volumes are tens of megabytes: their memory is asked for in pages of 2 MB where the kernel has them, since clearing
// and mapping 4 kB pages took a fifth of a feature extraction.
#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__)
#include <malloc.h>
#include <sys/mman.h>

#include <cstdlib>
#include <new>

namespace {
constexpr std::size_t kHugePage = std::size_t{2} << 20, kLarge = std::size_t{8} << 20;

/// Freed volumes stay with the process for the next ones, instead of going back to the kernel to be cleared again.
[[maybe_unused]] const bool kKept = mallopt(M_MMAP_THRESHOLD, 1 << 30) + mallopt(M_TRIM_THRESHOLD, 1 << 30) == 2;
}  // namespace

void* operator new(std::size_t size) {
  void* memory = nullptr;
  if (size < kLarge) {
    memory = std::malloc(size > 0 ? size : 1);
  } else if (size <= ~std::size_t{0} - kHugePage) {
    const std::size_t whole = (size + kHugePage - 1) / kHugePage * kHugePage;
    memory = std::aligned_alloc(kHugePage, whole);
    if (memory != nullptr)
      (void)madvise(memory, whole, MADV_HUGEPAGE);  // a wish: nothing is lost where it is not granted
  }
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
#endif
