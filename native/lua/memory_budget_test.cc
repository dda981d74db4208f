// What heaps may hold together, and how memory of islands is counted there.
#include <atomic>
#include <thread>
#include <vector>

#include "lua/island_memory.h"
#include "lua/memory_budget.h"

#undef CHECK  // from here on the test library's
#include <doctest/doctest.h>

namespace sloth {
namespace {

TEST_CASE("a budget gives no more than its limit, and takes back") {
  MemoryBudget budget;
  REQUIRE(budget.TryTake(1000));
  budget.SetLimit(1500);
  CHECK(!budget.TryTake(501));
  CHECK(budget.used() == 1000);
  REQUIRE(budget.TryTake(500));
  budget.GiveBack(1500);
  CHECK(budget.used() == 0);
}

TEST_CASE("what a part takes, the whole counts and may refuse") {
  MemoryBudget whole;
  MemoryBudget part(&whole);
  whole.SetLimit(100);
  part.SetLimit(80);
  CHECK(!part.TryTake(81));
  REQUIRE(part.TryTake(60));
  CHECK(whole.used() == 60);
  REQUIRE(whole.TryTake(30));
  CHECK(!part.TryTake(20));
  CHECK(part.used() == 60);
  CHECK(whole.used() == 90);
  part.GiveBack(60);
  CHECK(whole.used() == 30);
}

TEST_CASE("threads together never have more than the limit") {
  MemoryBudget budget;
  constexpr size_t kLimit = 10'000;
  budget.SetLimit(kLimit);
  std::atomic<int64_t> had{0};
  std::atomic<bool> too_much{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; t++) {
    threads.emplace_back([&] {
      for (size_t i = 0; i < 20'000; i++) {
        size_t bytes = 1 + i * 7919 % 5000;
        if (!budget.TryTake(bytes)) continue;
        if (had.fetch_add(static_cast<int64_t>(bytes)) + bytes > kLimit) too_much = true;
        had.fetch_sub(static_cast<int64_t>(bytes));
        budget.GiveBack(bytes);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(!too_much);
  CHECK(budget.used() == 0);
}

TEST_CASE("memory of an island counts in its budget until it is freed") {
  ChunkPool pool;
  MemoryBudget budget;
  {
    IslandMemory memory(&pool, &budget);
    void* large = memory.Reallocate(nullptr, 0, 1'000'000, 0);
    REQUIRE(large);
    CHECK(budget.used() >= 1'000'000);
    CHECK(budget.used() < 1'500'000);
    memory.Reallocate(large, 1'000'000, 0, 0);
    CHECK(budget.used() < 200'000);
    std::vector<void*> blocks;
    for (int i = 0; i < 10'000; i++) blocks.push_back(memory.Reallocate(nullptr, 0, 100, 0));
    CHECK(budget.used() >= 1'000'000);
    for (void* block : blocks) memory.Reallocate(block, 100, 0, 0);
    CHECK(budget.used() < 200'000);
  }
  CHECK(budget.used() == 0);
}

TEST_CASE("an island gets nothing its budget does not have, and what others free") {
  ChunkPool pool;
  MemoryBudget budget;
  budget.SetLimit(1'000'000);
  IslandMemory one(&pool, &budget);
  IslandMemory other(&pool, &budget);
  void* block = one.Reallocate(nullptr, 0, 700'000, 0);
  REQUIRE(block);
  CHECK(!other.Reallocate(nullptr, 0, 400'000, 0));
  // To the last byte, where there is no room for more at a time.
  void* rest = other.Reallocate(nullptr, 0, 1'000'000 - budget.used(), 0);
  CHECK(rest);
  CHECK(!one.Reallocate(block, 700'000, 900'000, 0));
  CHECK(one.Reallocate(block, 700'000, 300'000, 0));
  CHECK(other.Reallocate(nullptr, 0, 300'000, 0));
  other.Clear();
  one.Clear();
  CHECK(budget.used() == 0);
  CHECK(!one.TryAdoptImage(1024 * 16, 2'000'000, 0));
  CHECK(budget.used() == 0);
}

}  // namespace
}  // namespace sloth
