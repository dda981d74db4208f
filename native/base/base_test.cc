// The ground floor: list, ring, references, random numbers, durations, condition variables.
#include <deque>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/block_cache.h"
#include "base/clock.h"
#include "base/list.h"
#include "base/mutex.h"
#include "base/random.h"
#include "base/rare.h"
#include "base/ref.h"
#include "base/ring.h"

#undef CHECK  // from here on the test library's
#include <doctest/doctest.h>

namespace sloth::testing {
namespace {

struct Item {
  int number = 0;
  ListNode link;
};
using Items = List<Item, &Item::link>;

TEST_CASE("a list gives its elements in order and lets any of them go") {
  Items list;
  Item items[5];
  for (int i = 0; i < 5; i++) {
    items[i].number = i;
    list.PushBack(&items[i]);
  }
  Items::Remove(&items[2]);
  CHECK(!items[2].link.linked());
  list.PushFront(&items[2]);
  std::vector<int> seen;
  for (Item* item = list.front(); item; item = list.Next(item)) seen.push_back(item->number);
  CHECK(seen == std::vector<int>{2, 0, 1, 3, 4});
  while (list.PopFront()) continue;
  CHECK(list.empty());
  for (Item& item : items) CHECK(!item.link.linked());
}

TEST_CASE("a ring behaves as a queue through growth and wrapping") {
  Random random(1);
  Ring<int> ring;
  std::deque<int> model;
  for (int i = 0; i < 20000; i++) {
    if (model.empty() || random.Below(100) < (i % 4000 < 2000 ? 60u : 40u)) {
      CHECK(ring.TryPush(int(i)));
      model.push_back(i);
    } else {
      CHECK(ring.front() == model.front());
      CHECK(ring.Pop() == model.front());
      model.pop_front();
    }
    CHECK(ring.size() == model.size());
  }
}

class Counted : public RefCounted {
 public:
  explicit Counted(int* live) : live_(live) { ++*live_; }
  ~Counted() override { --*live_; }
  Ref<Counted> next;

 private:
  int* const live_;
};

TEST_CASE("a ring lets go of what was taken out of it") {
  int live = 0;
  Ring<Ref<Counted>> ring;
  for (int i = 0; i < 3; i++) CHECK(ring.TryPush(MakeRef<Counted>(&live)));
  ring.Pop();
  CHECK(live == 2);
  ring.Pop();
  ring.Pop();
  CHECK(live == 0);
}

TEST_CASE("the last reference destroys") {
  int live = 0;
  Ref<Counted> first = MakeRef<Counted>(&live);
  Ref<RefCounted> second = first;
  first = nullptr;
  CHECK(live == 1);
  second = std::move(first);
  CHECK(live == 0);
}

TEST_CASE("a reference may be assigned to itself") {
  int live = 0;
  Ref<Counted> ref = MakeRef<Counted>(&live);
  Ref<Counted>& same = ref;
  ref = same;
  CHECK(live == 1);
}

class Registered final : public RefCounted {
 public:
  explicit Registered(bool* revived) : revived_(revived) {}
  ~Registered() override { *revived_ = TryAddRef(); }

 private:
  bool* const revived_;
};

TEST_CASE("an object that is being destroyed cannot be referenced again") {
  bool revived = true;
  MakeRef<Registered>(&revived);
  CHECK(!revived);
}

class Link final : public RefCounted {
 public:
  explicit Link(Link* next) : next_(next) {}
  ~Link() override {
    if (next_) next_->ReleaseChained();
  }

 private:
  Link* const next_;
};

TEST_CASE("a chain of many objects is destroyed without a deep stack") {
  Link* first = nullptr;
  for (int i = 0; i < 400000; i++) first = new Link(first);
  first->ReleaseChained();
}

TEST_CASE("random numbers are below their bound, and all of them come") {
  Random random(7);
  int seen[5] = {};
  for (int i = 0; i < 5000; i++) seen[random.Below(5)]++;
  for (int count : seen) CHECK(count > 800);
}

TEST_CASE("a deadline too far away is none") {
  CHECK(DeadlineAfter(1000, kForever) == kForever);
  CHECK(DeadlineAfter(1000, kForever - 999) == kForever);
  CHECK(DeadlineAfter(1000, kForever - 1001) == kForever - 1);
  CHECK(DeadlineAfter(1000, 0) == 1000);
}

TEST_CASE("waiting for centuries waits until it is notified") {
  for (int64_t duration : {kForever, kForever - 1, kForever / 2}) {
    Mutex mutex;
    Condition condition;
    bool ready = false;
    std::thread other([&] {
      MutexLock lock(mutex);
      ready = true;
      condition.NotifyOne();
    });
    int rounds = 0;
    {
      MutexLock lock(mutex);
      while (!ready) {
        condition.WaitFor(mutex, duration);
        rounds++;
      }
    }
    CHECK(rounds < 3);
    other.join();
  }
}

TEST_CASE("a short wait ends by itself") {
  Mutex mutex;
  Condition condition;
  MutexLock lock(mutex);
  RealClock clock;
  int64_t begin = clock.Now();
  CHECK(!condition.WaitFor(mutex, 2 * kMillisecond));
  CHECK(clock.Now() - begin >= 2 * kMillisecond);
}

TEST_CASE("blocks that were given back are taken again, the last one first") {
  BlockDepot depot;
  BlockCache cache(&depot);
  CHECK(cache.TryTake() == nullptr);
  std::vector<void*> blocks;
  for (int i = 0; i < 100; i++) blocks.push_back(::operator new(64));
  for (void* block : blocks) cache.Put(block);
  CHECK(cache.TryTake() == blocks[99]);
  std::set<void*> taken{blocks[99]};
  while (void* block = cache.TryTake()) taken.insert(block);
  CHECK(taken.size() == 100);
  for (void* block : taken) ::operator delete(block);
}

TEST_CASE("what one thread gives back another one takes, by the batch") {
  BlockDepot depot;
  BlockCache takes(&depot);
  std::thread other([&] {
    BlockCache gives(&depot);
    for (size_t i = 0; i < 3 * BlockBatch::kFull + 1; i++) gives.Put(::operator new(64));
  });
  other.join();
  size_t taken = 0;
  while (void* block = takes.TryTake()) {
    ::operator delete(block);
    taken++;
  }
  CHECK(taken == 2 * BlockBatch::kFull);  // the thread kept a full one and the rest, which went with it
}

TEST_CASE("a depot keeps so many batches and no more") {
  BlockDepot depot;
  BlockCache cache(&depot);
  for (int i = 0; i < 10000; i++) cache.Put(::operator new(64));
  size_t kept = 0;
  while (void* block = cache.TryTake()) {
    ::operator delete(block);
    kept++;
  }
  CHECK(kept >= 2048);
  CHECK(kept <= 2048 + 2 * BlockBatch::kFull);
}

TEST_CASE("a rare part takes memory when it is written, and is copied with its whole") {
  Rare<std::string> part;
  CHECK(!part);
  CHECK(std::as_const(part)->empty());
  CHECK(!part);
  *part = "text";
  Rare<std::string> copy = part;
  part.Drop();
  CHECK(!part);
  CHECK(*std::as_const(copy) == "text");
}

}  // namespace
}  // namespace sloth::testing
