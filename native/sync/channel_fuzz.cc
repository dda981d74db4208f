// Random operations of a few goroutines on two channels: each value that was accepted arrives exactly once, those of one
// sender in their order, nobody waits who could go on, and nothing is left.
#include <atomic>
#include <vector>

#include "base/choices.h"
#include "sync/fake_calls.h"

namespace sloth::testing {
namespace {

constexpr int kMostActors = 5;
constexpr int kMostSteps = 10;
constexpr int kValues = kMostActors * kMostSteps * 4;
constexpr int64_t kShort = kMillisecond / 10;

enum class Deed : uint32_t { kSend, kReceive, kSendInTime, kReceiveInTime, kTrySend, kTryReceive, kClose, kSelect, kYield, kPause, kCancel, kCount };

struct Step {
  Deed deed;
  uint32_t what;  // a channel, or for a select its clauses, two bits each; for a cancellation the goroutine
};

struct Actor {
  bool at_home = false;
  bool in_place = false;
  std::vector<Step> steps;
};

struct Scene {
  int workers;
  size_t capacities[2];
  std::vector<Actor> actors;
};

Scene ReadScene(Choices choices) {
  Scene scene;
  scene.workers = 1 + static_cast<int>(choices.Below(3));
  for (size_t& capacity : scene.capacities) capacity = choices.Below(4);
  scene.actors.resize(2 + choices.Below(kMostActors - 1));
  for (Actor& actor : scene.actors) {
    uint32_t manner = choices.Below(8);
    actor.at_home = (manner & 3) == 1;
    actor.in_place = manner == 4;
  }
  // Steps are dealt round, so that cutting the input short shortens every goroutine.
  for (size_t i = 0; !choices.used_up() && i < scene.actors.size() * kMostSteps; i++) {
    auto deed = static_cast<Deed>(choices.Below(static_cast<uint32_t>(Deed::kCount)));
    scene.actors[i % scene.actors.size()].steps.push_back({deed, choices.Below(256)});
  }
  return scene;
}

// Plays one scene.
class Play {
 public:
  explicit Play(const Scene& scene) : scene_(scene), world_(scene.workers) {
    for (int i = 0; i < 2; i++) channels_[i] = Channel::Make(scene.capacities[i]);
  }

  void Run() {
    auto home = world_.NewIsland();
    for (size_t i = 0; i < scene_.actors.size(); i++) {
      auto island = scene_.actors[i].at_home ? home : world_.NewIsland();
      actors_.push_back(world_.GoOn(island, [this, i](FakeGoroutine& go) { return Act(go, i); }));
    }
    home = nullptr;
    world_.Run();
    CheckEndings();
    Drain();
    for (int i = 0; i < kValues; i++) CHECK(accepted_[i].load() == arrived_[i].load());
    actors_.clear();
  }

 private:
  // Values of one goroutine rise; no two steps share one.
  static int64_t ValueOf(size_t actor, size_t step, size_t clause) {
    return static_cast<int64_t>((actor * kMostSteps + step) * 4 + clause);
  }

  Body Act(FakeGoroutine& go, size_t self) {
    Random random(self);
    int64_t last[2][kMostActors];
    for (auto& row : last) std::fill(row, row + kMostActors, -1);
    go.blocks_in_place = scene_.actors[self].in_place;
    const std::vector<Step>& steps = scene_.actors[self].steps;
    for (size_t i = 0; i < steps.size(); i++) {
      auto [deed, what] = steps[i];
      uint32_t on = what & 1;
      const Ref<Channel>& channel = channels_[on];
      int64_t value = ValueOf(self, i, 0);
      switch (deed) {
        case Deed::kSend: Sent(go, value, co_await Send(go, channel, value), on); break;
        case Deed::kSendInTime: Sent(go, value, co_await Send(go, channel, value, kShort), on, true); break;
        case Deed::kReceive: {
          int64_t number = 0;
          Progress progress = co_await Receive(go, channel, &number);
          Received(go, number, progress, on, last[on]);
          break;
        }
        case Deed::kReceiveInTime: {
          int64_t number = 0;
          Progress progress = co_await Receive(go, channel, &number, kShort);
          Received(go, number, progress, on, last[on], true);
          break;
        }
        case Deed::kTrySend: {
          Progress progress = channel->TrySend(Value::Integer(value));
          if (progress != Progress::kWouldBlock) Sent(go, value, progress, on);
          break;
        }
        case Deed::kTryReceive: {
          Value taken;
          Progress progress = channel->TryReceive(&taken);
          if (progress != Progress::kWouldBlock) Received(go, taken.integer(), progress, on, last[on]);
          break;
        }
        case Deed::kClose:
          closing_[on].store(true);
          channel->Close();
          break;
        case Deed::kSelect: {
          auto select = Clauses(what, self, i);
          Progress progress = co_await Selecting(go, select, &random, what & 128 ? kShort : kForever);
          Selected(go, select, progress, what, self, i, last);
          break;
        }
        case Deed::kYield: co_await go.Yield(); break;
        case Deed::kPause: {
          Waited waited = co_await go.Pause(kShort);
          if (waited == Waited::kCancelled) CHECK(go.cancelled());
          break;
        }
        case Deed::kCancel:
          if (what < actors_.size()) actors_[what]->Cancel(CancelKind::kCancelled, "");
          break;
        case Deed::kCount: break;
      }
    }
  }

  Ref<Select> Clauses(uint32_t what, size_t self, size_t step) {
    auto select = Select::TryMake(3);
    for (size_t clause = 0; clause < 3; clause++) {
      uint32_t bits = what >> (2 * clause) & 3;
      const Ref<Channel>& channel = channels_[bits & 1];
      if (bits & 2) select->AddSend(channel, Value::Integer(ValueOf(self, step, clause)));
      else select->AddReceive(channel);
    }
    return select;
  }

  void Selected(FakeGoroutine& go, const Ref<Select>& select, Progress progress, uint32_t what, size_t self, size_t step,
                int64_t (*last)[kMostActors]) {
    if (progress == Progress::kTimedOut) CHECK((what & 128) != 0);
    if (progress == Progress::kCancelled) CHECK(go.cancelled());
    if (progress != Progress::kDone && progress != Progress::kClosed) return;
    size_t clause = select->chosen();
    uint32_t on = what >> (2 * clause) & 1;
    if (select->direction(clause) == Select::Direction::kSend) return Sent(go, ValueOf(self, step, clause), progress, on);
    CHECK(progress == Progress::kDone);
    Value value = select->TakeReceived();
    Received(go, value.integer(), select->received_ok() ? Progress::kDone : Progress::kClosed, on, last[on]);
  }

  void Sent(FakeGoroutine& go, int64_t value, Progress progress, uint32_t on, bool limited = false) {
    if (progress == Progress::kDone) accepted_[value].fetch_add(1);
    Expected(go, progress, on, limited);
  }

  void Received(FakeGoroutine& go, int64_t value, Progress progress, uint32_t on, int64_t* last, bool limited = false) {
    if (progress == Progress::kDone) {
      arrived_[value].fetch_add(1);
      int64_t& before = last[value / (kMostSteps * 4)];
      CHECK(before < value);
      before = value;
    }
    Expected(go, progress, on, limited);
  }

  void Expected(FakeGoroutine& go, Progress progress, uint32_t on, bool limited) {
    CHECK(progress != Progress::kWouldBlock);
    CHECK(progress != Progress::kNoMemory);
    if (progress == Progress::kClosed) CHECK(closing_[on].load());
    if (progress == Progress::kTimedOut) CHECK(limited);
    if (progress == Progress::kCancelled) CHECK(go.cancelled());
  }

  void CheckEndings() {
    bool stuck = false;
    for (const auto& actor : actors_) {
      bool cancelled = actor->outcome().kind == OutcomeKind::kCancelled;
      CHECK((cancelled || actor->outcome().kind == OutcomeKind::kDone));
      if (cancelled) CHECK(actor->cancelled());
      stuck = stuck || actor->cancel_kind() == CancelKind::kDeadlock;
    }
    CHECK(stuck == world_.run()->deadlocked());
  }

  void Drain() {
    for (int on = 0; on < 2; on++) {
      Value value;
      while (channels_[on]->TryReceive(&value) == Progress::kDone) arrived_[value.integer()].fetch_add(1);
      CHECK(channels_[on]->length() == 0);
    }
  }

  const Scene& scene_;
  World world_;
  Ref<Channel> channels_[2];
  std::atomic<bool> closing_[2] = {};
  std::vector<Ref<FakeGoroutine>> actors_;
  std::atomic<int> accepted_[kValues] = {};
  std::atomic<int> arrived_[kValues] = {};
};

}  // namespace
}  // namespace sloth::testing

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  sloth::testing::Scene scene = sloth::testing::ReadScene(sloth::testing::Choices(data, size));
  sloth::testing::Play(scene).Run();
  return 0;
}
