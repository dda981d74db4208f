// The allocator under which a pristine heap is built several times over (snapshot.h), always by the same requests. The first
// build tells which blocks are left at the end. In the later ones those lie one behind the other in the image, and what comes
// and goes lies elsewhere: so an image has no gaps.
//
// Every block is zeroed when it is handed out, so that what is left undefined in it is the same in each build.
#pragma once

#include <cstddef>
#include <unordered_map>
#include <vector>

namespace sloth {

class PristineMemory {
 public:
  // For the first build.
  PristineMemory() = default;
  // For a later one: `image` has room for what `first` says, and is zeroed.
  PristineMemory(const PristineMemory& first, char* image);
  ~PristineMemory();
  PristineMemory(PristineMemory&&) = delete;

  // As lua_Alloc; `context` is the PristineMemory.
  static void* Allocate(void* context, void* block, size_t old_size, size_t new_size);

  // Bytes of the blocks there are.
  size_t used() const { return used_; }
  // After the first build: the size of the image, a multiple of 16.
  size_t image_size() const;
  // After a later one: whether it was like the first, and nothing is left outside the image.
  bool fits() const;

 private:
  struct Request {
    size_t size;
    bool stays;
  };
  static size_t Rounded(size_t size) { return (size + 15) & ~size_t{15}; }
  void* New(size_t size);
  void Free(void* block);

  std::vector<Request> requests_;                // of the first build, in order
  std::unordered_map<void*, size_t> elsewhere_;  // blocks outside the image, by the number of their request
  char* const image_ = nullptr;                  // null: this is the first build
  char* end_ = nullptr;                          // of what is used of it
  size_t next_ = 0;                              // request of a later build
  size_t used_ = 0;
  bool deviated_ = false;
};

}  // namespace sloth
