#include "lua/pristine_memory.h"

#include <cstdlib>
#include <cstring>

#include "lua/code_arrays.h"

namespace sloth {

PristineMemory::PristineMemory(const PristineMemory& first, char* image) : requests_(first.requests_), image_(image), end_(image) {}

PristineMemory::~PristineMemory() {
  for (auto& [block, request] : elsewhere_) std::free(block);
}

size_t PristineMemory::image_size() const {
  size_t size = 0;
  for (const Request& request : requests_) {
    if (request.stays) size += Rounded(request.size);
  }
  return size;
}

bool PristineMemory::fits() const { return !deviated_ && next_ == requests_.size() && elsewhere_.empty(); }

void* PristineMemory::New(size_t size) {
  size_t number = image_ ? next_++ : requests_.size();
  if (!image_) requests_.push_back({size, true});
  if (number >= requests_.size() || requests_[number].size != size) {
    deviated_ = true;
    return nullptr;
  }
  if (image_ && requests_[number].stays) {
    char* block = end_;
    end_ += Rounded(size);
    return block;
  }
  void* block = std::calloc(1, Rounded(size));
  if (block) elsewhere_.emplace(block, number);
  return block;
}

void PristineMemory::Free(void* block) {
  auto found = elsewhere_.find(block);
  if (found == elsewhere_.end()) {
    deviated_ = true;  // it was to stay
    return;
  }
  if (!image_) requests_[found->second].stays = false;
  elsewhere_.erase(found);
  std::free(block);
}

void* PristineMemory::Allocate(void* context, void* block, size_t old_size, size_t new_size) {
  auto* memory = static_cast<PristineMemory*>(context);
  if (!block) old_size = 0;
  if (new_size == 0) {
    if (!block || IsSharedArray(block)) return nullptr;
    memory->used_ -= old_size;
    memory->Free(block);
    return nullptr;
  }
  memory->used_ += new_size - old_size;
  if (block && Rounded(old_size) == Rounded(new_size)) {
    if (new_size < old_size) std::memset(static_cast<char*>(block) + new_size, 0, old_size - new_size);
    return block;
  }
  void* fresh = memory->New(new_size);
  if (fresh && block) {
    std::memcpy(fresh, block, old_size < new_size ? old_size : new_size);
    memory->Free(block);
  }
  return fresh;
}

}  // namespace sloth
