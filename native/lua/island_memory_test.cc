// The allocator of islands and the pool that its chunks come from.
#include <cstdint>
#include <cstring>
#include <map>
#include <thread>
#include <vector>

#include "base/random.h"
#include "lua/island_memory.h"

#undef CHECK  // from here on the test library's
#include <doctest/doctest.h>

namespace sloth {
namespace {

// Random requests on one memory; every block keeps what was written to it.
class Requests {
 public:
  Requests(IslandMemory* memory, uint64_t seed) : memory_(memory), random_(seed) {}

  void Adopt(char* block, size_t size) { Write(blocks_.emplace_back(Block{block, size, 0})); }
  void Play(int count) {
    for (int i = 0; i < count; i++) {
      if (blocks_.empty() || random_.Below(3) == 0) {
        Resize(blocks_.emplace_back(), Size());
      } else {
        size_t at = random_.Below(static_cast<uint32_t>(blocks_.size()));
        Resize(blocks_[at], random_.Below(3) == 0 ? 0 : Size());
        if (blocks_[at].size == 0) {
          blocks_[at] = blocks_.back();
          blocks_.pop_back();
        }
      }
    }
  }
  size_t bytes() const {
    size_t bytes = 0;
    for (const Block& block : blocks_) bytes += block.size;
    return bytes;
  }

 private:
  struct Block {
    char* memory = nullptr;
    size_t size = 0;
    char mark = 0;
  };
  size_t Size() { return 1 + random_.Below(random_.Below(8) == 0 ? 20000 : random_.Below(4) == 0 ? 1500 : 120); }
  void Write(Block& block) {
    block.mark = static_cast<char>(random_.Next());
    std::memset(block.memory, block.mark, block.size);
  }
  void Resize(Block& block, size_t size) {
    auto* result = static_cast<char*>(memory_->Reallocate(block.memory, block.size, size, 0));
    REQUIRE((result != nullptr) == (size > 0));
    for (size_t i = 0; i < std::min(block.size, size); i++) REQUIRE(result[i] == block.mark);
    REQUIRE(reinterpret_cast<uintptr_t>(result) % 16 == 0);
    if (size > 0) REQUIRE(memory_->Owns(result, size));
    block.memory = result;
    block.size = size;
    if (size > 0) Write(block);
  }

  IslandMemory* const memory_;
  Random random_;
  std::vector<Block> blocks_;
};

}  // namespace

TEST_CASE("blocks keep their content through any requests") {
  ChunkPool pool;
  for (uint64_t seed = 0; seed < 20; seed++) {
    IslandMemory memory(&pool);
    Requests requests(&memory, seed);
    requests.Play(2000);
    CHECK(memory.used() == requests.bytes());
    memory.Clear();
    CHECK(memory.used() == 0);
  }
}

TEST_CASE("blocks of an image are resized and freed like any other") {
  ChunkPool pool;
  for (uint64_t seed = 0; seed < 20; seed++) {
    IslandMemory memory(&pool);
    char* image = memory.TryAdoptImage(8192, 8000, 0);
    REQUIRE(image);
    CHECK(memory.used() == 8000);
    Requests requests(&memory, seed);
    for (int i = 0; i < 4; i++) requests.Adopt(image + i * 1600, 1000 + i);
    requests.Adopt(image + 6400, 1600);
    requests.Adopt(image + 8000, 20);
    requests.Play(1000);
  }
}

TEST_CASE("a request beyond the limit is refused, and shrinking never is") {
  ChunkPool pool;
  IslandMemory memory(&pool);
  void* block = memory.Reallocate(nullptr, 0, 900, 1000);
  REQUIRE(block);
  CHECK(memory.Reallocate(nullptr, 0, 101, 1000) == nullptr);
  CHECK(memory.Reallocate(block, 900, 1001, 1000) == nullptr);
  CHECK(memory.used() == 900);
  block = memory.Reallocate(block, 900, 10, 1);
  CHECK(block != nullptr);
  CHECK(memory.used() == 10);
}

TEST_CASE("an absurd size is refused") {
  ChunkPool pool;
  IslandMemory memory(&pool);
  CHECK(memory.Reallocate(nullptr, 0, SIZE_MAX, 0) == nullptr);
  CHECK(memory.Reallocate(nullptr, 0, SIZE_MAX - 64, 0) == nullptr);
}

TEST_CASE("no two owners have one chunk, whatever their threads do") {
  ChunkPool pool;
  std::vector<std::thread> threads;
  std::atomic<bool> wrong{false};
  for (int number = 0; number < 4; number++) {
    threads.emplace_back([&, number] {
      Random random(static_cast<uint64_t>(number));
      std::vector<std::pair<char*, size_t>> chunks;
      for (int i = 0; i < 20000; i++) {
        if (chunks.size() < 50 && random.Below(2) == 0) {
          size_t pages = 1 + random.Below(random.Below(10) == 0 ? ChunkPool::kMostPages : 4);
          auto* chunk = static_cast<char*>(pool.TryTake(pages));
          for (size_t page = 0; page < pages; page++) std::memcpy(chunk + page * ChunkPool::kPage + 64, &number, sizeof number);
          chunks.push_back({chunk, pages});
        } else if (!chunks.empty()) {
          auto [chunk, pages] = chunks.back();
          chunks.pop_back();
          for (size_t page = 0; page < pages; page++) {
            if (std::memcmp(chunk + page * ChunkPool::kPage + 64, &number, sizeof number) != 0) wrong = true;
          }
          pool.GiveBack(chunk, pages);
        }
      }
      for (auto [chunk, pages] : chunks) pool.GiveBack(chunk, pages);
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK_FALSE(wrong);
}

}  // namespace sloth
