// What fake_island.h declares: linked into the test program once.
#include "sched/fake_island.h"

#include <cstdlib>
#include <ctime>

namespace sloth::testing {

FakeGoroutine::FakeGoroutine(World* world, Ref<sloth::Run> run, Ref<Island> island, Goroutine* parent, BodyFunction body)
    : Goroutine(world->scheduler(), std::move(run), std::move(island), parent, MakeRef<SpawnSite>("test")),
      world_(world),
      function_(std::move(body)) {}

bool FakeGoroutine::MustMakeWay() {
  if (!struck.exchange(false)) return false;
  return Scheduler::CurrentWorker()->slice_over() && world_->scheduler()->HasWaitingWork();
}

Ref<FakeGoroutine> FakeGoroutine::Spawn(BodyFunction body) {
  auto child = world_->Make(world_->NewIsland(), std::move(body), this, static_cast<FakeRun*>(run()));
  world_->scheduler()->Start(child.get(), this);
  return child;
}

Ref<FakeGoroutine> FakeGoroutine::SpawnHome(BodyFunction body) {
  auto child = world_->Make(Ref<FakeIsland>(fake_island()), std::move(body), this, static_cast<FakeRun*>(run()));
  world_->scheduler()->Start(child.get(), this);
  return child;
}

FakeIsland::FakeIsland(World* world, Ref<IslandGroup> group)
    : Island(world->scheduler(), group.get()), world_(world), group_(std::move(group)) {
  world_->scheduler()->counters().islands.fetch_add(1);
}

FakeIsland::~FakeIsland() {
  CHECK(!held_.load());
  world_->scheduler()->counters().islands.fetch_sub(1);
}

RunResult FakeIsland::Resume(Goroutine* base) noexcept {
  auto* go = static_cast<FakeGoroutine*>(base);
  CHECK(!buried_.load());
  CHECK(running() == go);
  CHECK(Scheduler::CurrentWorker()->current() == go);
  Enter();
  go->resumed.fetch_add(1, std::memory_order_relaxed);
  bool never_started = !go->body_.frame;
  if (never_started && go->refusal) {
    go->Fail(*go->refusal);
  } else if (never_started && (!go->cancelled() || go->starts_cancelled)) {
    go->body_ = go->function_(*go);
    never_started = false;
  }
  if (!never_started) {
    go->body_.frame.resume();
    if (!go->body_.frame.done()) {
      RunResult why = go->why_;
      Leave();
      return why;
    }
    go->body_.frame.destroy();
  }
  go->body_.frame = nullptr;
  if (go->ending.kind == OutcomeKind::kPending) {
    go->ending.kind = go->cancelled() ? OutcomeKind::kCancelled : OutcomeKind::kDone;
  }
  go->Settle();
  Leave();
  return RunResult::kDone;
}

void FakeIsland::Bury() noexcept {
  Enter();
  CHECK((!pinned() || doomed));
  CHECK(!buried_.exchange(true));
  if (at_burial) at_burial();
  Leave();
}

void FakeIsland::Errand(std::function<void()> errand) {
  {
    MutexLock lock(mutex_);
    todo_.push_back(std::move(errand));
  }
  RequestErrands();
}

void FakeIsland::RunErrands() noexcept {
  Enter();
  CHECK(!buried_.load());
  std::vector<std::function<void()>> todo;
  {
    MutexLock lock(mutex_);
    todo.swap(todo_);
  }
  for (auto& errand : todo) errand();
  Leave();
}

void FakeIsland::Strike(Goroutine* goroutine) noexcept {
  auto& word = goroutine ? static_cast<FakeGoroutine*>(goroutine)->struck : burial_struck;
  word.store(true, std::memory_order_relaxed);
}

void FakeRun::OnUncaught(Goroutine* goroutine) {
  MutexLock lock(mutex_);
  errors_.push_back(goroutine->outcome().failure->message);
}

void FakeRun::OnEnd() {
  MutexLock lock(mutex_);
  ends_++;
  changed_.NotifyAll();
}

bool FakeRun::ended() {
  MutexLock lock(mutex_);
  CHECK(ends_ <= 1);
  return ends_ > 0;
}

std::vector<std::string> FakeRun::errors() {
  MutexLock lock(mutex_);
  return errors_;
}

void FakeRun::WaitForEnd() {
  RealClock clock;
  int64_t deadline = clock.Now() + 60 * kSecond;
  MutexLock lock(mutex_);
  while (ends_ == 0 && clock.Now() < deadline) changed_.WaitFor(mutex_, kSecond);
  if (ends_ > 0) return;
  std::fprintf(stderr, "a run does not end\n");
  std::abort();  // for the debugger, with every thread where it is
}

namespace {
RealClock real_clock;
}

World::World(const WorldOptions& options)
    : clock_(options.clock ? options.clock : &real_clock), domain_(MakeRef<DeadlockDomain>()) {
  SchedulerOptions scheduler;
  scheduler.workers = options.workers;
  scheduler.spare_workers = options.spare_workers;
  scheduler.grace_ns = options.grace_ns;
  scheduler.slice_ns = options.slice_ns;
  scheduler.seed = options.seed;
  scheduler.trace = options.trace;
  scheduler_ = std::make_unique<Scheduler>(scheduler, clock_);
  run_ = NewRun(options.run);
}

World::~World() {
  if (stopped_) return;
  Launch();
  if (run_->live() > 0) run_->WaitForEnd();
  Stop(20 * kSecond);
}

int World::Stop(int64_t patience) {
  if (run_->live() == 0) CHECK(Eventually([&] { return scheduler_->active_workers() == 0; }));
  int left = scheduler_->Stop(scheduler_->machine_clock()->Now() + patience);
  if (left == 0) {
    Stopped();
    return 0;
  }
  // Whoever leaves threads behind must keep what they come back to.
  static auto* left_behind = new std::vector<std::pair<Scheduler*, Ref<FakeRun>>>;
  left_behind->emplace_back(scheduler_.release(), std::move(run_));
  stopped_ = true;
  return left;
}

void World::Stopped() {
  stopped_ = true;
  run_ = nullptr;
  SchedulerCounters& counters = scheduler_->counters();
  CHECK(scheduler_->active_workers() == 0);
  CHECK(counters.live.load() == 0);
  CHECK(counters.records.load() == 0);
  CHECK(counters.islands.load() == 0);
}

Ref<FakeRun> World::NewRun(RunOptions options, Ref<DeadlockDomain> domain) {
  return MakeRef<FakeRun>(scheduler_->NextId(), domain ? domain : domain_, options);
}

Ref<FakeGoroutine> World::Make(Ref<FakeIsland> island, BodyFunction body, Goroutine* parent, FakeRun* run) {
  return MakeRef<FakeGoroutine>(this, Ref<sloth::Run>(run ? run : run_.get()), std::move(island), parent, std::move(body));
}

Ref<FakeGoroutine> World::GoOn(Ref<FakeIsland> island, BodyFunction body) {
  return Enroll(Make(std::move(island), std::move(body)));
}

Ref<FakeGoroutine> World::GoDaemon(BodyFunction body) {
  auto goroutine = Make(NewIsland(), std::move(body));
  goroutine->daemon = true;
  return Enroll(std::move(goroutine));
}

Ref<FakeGoroutine> World::Enroll(Ref<FakeGoroutine> goroutine) {
  if (!hold_) hold_ = std::make_unique<DeadlockDomain::Hold>(domain_.get());
  scheduler_->Enroll(goroutine.get(), nullptr);
  pending_.push_back(goroutine);
  return goroutine;
}

void World::Launch() {
  auto hold = std::move(hold_);
  auto pending = std::move(pending_);
  pending_.clear();
  for (auto& goroutine : pending) scheduler_->Launch(goroutine.get());
}

void World::Run() {
  Launch();
  run_->WaitForEnd();
}

bool Eventually(const std::function<bool()>& condition) {
  RealClock clock;
  int64_t deadline = clock.Now() + 20 * kSecond;
  while (!condition()) {
    if (clock.Now() > deadline) return false;
    timespec pause{0, 200 * 1000};
    nanosleep(&pause, nullptr);
  }
  return true;
}

Waited Gate::Passing::Start() {
  {
    MutexLock lock(gate_->mutex_);
    if (gate_->open_) return Waited::kDone;
    go_.waiter.clause = 0;
    go_.BeginWait("gate", timeout_ != kForever);
    gate_->waiters_.PushBack(&go_.waiter);
    gate_->waiting_++;
  }
  go_.StartTimeout(timeout_);
  go_.CommitWait();
  return Waited::kWaiting;
}

Waited Gate::Passing::Finish() {
  {
    MutexLock lock(gate_->mutex_);
    if (go_.waiter.link.linked()) WaiterList::Remove(&go_.waiter);
    gate_->waiting_--;
  }
  return WaitedFor(go_.EndWait());
}

void Gate::Open() {
  WakeList woken;
  MutexLock lock(mutex_);
  open_ = true;
  while (Waiter* waiter = ClaimFirst(waiters_)) woken.Add(waiter->wait);
}

bool Gate::LetOneThrough() {
  WakeList woken;
  MutexLock lock(mutex_);
  Waiter* waiter = ClaimFirst(waiters_);
  if (waiter) woken.Add(waiter->wait);
  return waiter != nullptr;
}

size_t Gate::waiting() {
  MutexLock lock(mutex_);
  return waiting_;
}

}  // namespace sloth::testing
