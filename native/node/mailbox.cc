#include "node/mailbox.h"

#include "base/clock.h"
#include "base/cruelty.h"
#include "node/host_values.h"
#include "node/js_read.h"
#include "sched/goroutine.h"
#include "sched/run.h"
#include "sched/scheduler.h"
#include "sched/worker.h"

namespace sloth {
namespace {

constexpr size_t kMostText = 1 << 20;      // bytes of output on their way, beyond which its writers wait
constexpr size_t kTextOverhead = 256;      // what each piece counts besides its text
constexpr int kMostMessages = 1000;
constexpr int64_t kLongestTurn = 2 * kMillisecond;
constexpr int64_t kLookAgain = 10 * kMillisecond;  // how late a writer that waits learns that it is cancelled

Goroutine* GoroutineHere() {
  Worker* worker = Scheduler::CurrentWorker();
  return worker ? worker->current() : nullptr;
}

// Whether the goroutine that runs on this thread is being cancelled: it may not wait then.
bool IsCancelledHere() {
  Goroutine* goroutine = GoroutineHere();
  return goroutine && goroutine->cancelled();
}

// The run that writes on this thread; 0 when it is none of a worker's.
uint64_t RunHere() {
  Goroutine* goroutine = GoroutineHere();
  return goroutine ? goroutine->run()->id() : 0;
}

}  // namespace

Mailbox::Mailbox(Napi::Env env, Napi::Function listener) : env_(env), listener_(Napi::Persistent(listener)) {
  napi_value name = Napi::String::New(env, "sloth-runner");
  napi_status status = napi_create_threadsafe_function(env, listener, nullptr, name, 0, 1, nullptr, nullptr, this, CallJs, &function_);
  CHECK(status == napi_ok);
  napi_unref_threadsafe_function(env, function_);
}

Mailbox::~Mailbox() { CHECK(function_ == nullptr); }

bool Mailbox::Push(Message message) {
  MutexLock lock(mutex_);
  if (closed_) return false;
  messages_.push_back(std::move(message));
  if (!signalled_) {
    signalled_ = true;
    // Queues a wake of the event loop; runs nothing. Under the mutex because Close takes it before the function goes.
    napi_call_threadsafe_function(function_, nullptr, napi_tsfn_nonblocking);
  }
  return true;
}

void Mailbox::RunEnded(uint64_t id, RunReport report) {
  // Most runs have nothing to report but their values.
  bool done = report.succeeded() && report.message.empty() && report.uncaught == 0;
  Message message{done ? Message::Kind::kDone : Message::Kind::kRun, id};
  if (done) {
    message.values = std::move(report.values);
  } else {
    *message.report = std::move(report);
  }
  (void)Push(std::move(message));
}

void Mailbox::DeliverText(Message::Kind kind, const char* text, size_t length) {
  std::vector<Message> texts;
  {
    MutexLock lock(mutex_);
    if (closed_) return;
    for (Message& message : messages_) {
      if (message.kind != Message::Kind::kOut && message.kind != Message::Kind::kErr) continue;
      text_bytes_ -= message.text.size() + kTextOverhead;
      texts.push_back(std::move(message));
      message.text.clear();
      message.kind = Message::Kind::kNothing;
    }
  }
  if (!texts.empty()) room_.NotifyAll();
  Message last{kind};
  last.text.assign(text, length);
  texts.push_back(std::move(last));
  for (Message& message : texts) {
    Napi::HandleScope scope(env_);
    if (!listener_.IsEmpty()) Deliver(env_, listener_.Value(), message);
  }
}

void Mailbox::PostText(Message::Kind kind, const char* text, size_t length) {
  if (pthread_equal(pthread_self(), thread_)) return DeliverText(kind, text, length);
  {
    MutexLock lock(mutex_);
    const bool& held = held_[kind == Message::Kind::kErr];
    while (!closed_ && (text_bytes_ > kMostText || (held && !lets_go_)) && !IsCancelledHere()) room_.WaitFor(mutex_, kLookAgain);
    if (closed_) return;
    text_bytes_ += length + kTextOverhead;
  }
  Message message{kind, RunHere()};
  message.text.assign(text, length);
  (void)Push(std::move(message));
}

void Mailbox::PostBroken(const char* stream) {
  Message message{Message::Kind::kBroken};
  message.text = stream;
  (void)Push(std::move(message));
}

void Mailbox::PostDump(std::string text) {
  Message message{Message::Kind::kDump};
  message.text = std::move(text);
  (void)Push(std::move(message));
}

void Mailbox::EngineIdle() { (void)Push(Message{Message::Kind::kIdle}); }

void Mailbox::PostClosed() { (void)Push(Message{Message::Kind::kClosed}); }

bool Mailbox::Post(sloth::Ref<HostCall> call) {
  Message message{Message::Kind::kCall, call->id};
  message.call = std::move(call);
  return Push(std::move(message));
}

void Mailbox::UncaughtError(uint64_t run, UncaughtReport report) {
  Message message{Message::Kind::kUncaught, run};
  *message.uncaught = std::move(report);
  (void)Push(std::move(message));
}

void Mailbox::OnClockRests() { (void)Push(Message{Message::Kind::kClock}); }

void Mailbox::WakeHost() {
  MutexLock lock(mutex_);
  if (closed_ || signalled_) return;
  signalled_ = true;
  napi_call_threadsafe_function(function_, nullptr, napi_tsfn_nonblocking);
}

bool Mailbox::Pull(uint64_t stream) { return Push(Message{Message::Kind::kPull, stream}); }

sloth::Ref<Channel> Mailbox::MakeStream(uint64_t id, Turns* turns) {
  auto stream = MakeRef<HostStream>(id, this, releases_, turns);
  streams_[id] = stream;
  return stream->MakeChannel();
}

HostStream* Mailbox::StreamOf(uint64_t id) {
  auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : found->second.get();
}

void Mailbox::OnGoroutine(const GoroutineEvent& event) {
  if (events_.Add(event)) (void)Push(Message{Message::Kind::kEvents});
}

void Mailbox::Abandon(HostCall* call) { (void)Push(Message{Message::Kind::kAbandoned, call->id}); }

void Mailbox::Settle(uint64_t id, bool ok, Value results, std::string message) {
  auto found = calls_.find(id);
  if (found == calls_.end()) return;  // abandoned, or answered twice
  sloth::Ref<HostCall> call = std::move(found->second);
  calls_.erase(found);
  call->Settle(ok, std::move(results), std::move(message));
}

void Mailbox::Ref(Napi::Env env) {
  if (function_) napi_ref_threadsafe_function(env, function_);
}

void Mailbox::Unref(Napi::Env env) {
  if (function_) napi_unref_threadsafe_function(env, function_);
}

void Mailbox::HoldText(Message::Kind kind, bool held) {
  {
    MutexLock lock(mutex_);
    held_[kind == Message::Kind::kErr] = held;
  }
  if (!held) room_.NotifyAll();
}

void Mailbox::LetGoOfText() {
  {
    MutexLock lock(mutex_);
    lets_go_ = true;
  }
  room_.NotifyAll();
}

void Mailbox::Resume() {
  MutexLock lock(mutex_);
  if (function_) napi_call_threadsafe_function(function_, nullptr, napi_tsfn_nonblocking);
}

size_t Mailbox::queued() {
  MutexLock lock(mutex_);
  return messages_.size();
}

void Mailbox::Close(bool silent) {
  releases_->Detach();
  std::deque<Message> dropped;
  {
    MutexLock lock(mutex_);
    closed_ = true;
    if (silent) dropped.swap(messages_);
  }
  room_.NotifyAll();
  for (Message& message : dropped) {
    if (message.call) message.call->Settle(false, Value(), "the runtime is closed");
  }
  for (auto& [id, call] : calls_) call->Settle(false, Value(), "the runtime is closed");
  calls_.clear();
  streams_.clear();
  listener_.Reset();
  if (function_) {
    napi_release_threadsafe_function(function_, napi_tsfn_abort);
    function_ = nullptr;
  }
}

void Mailbox::CallJs(napi_env env, napi_value listener, void* context, void*) {
  if (!env || !listener) return;  // the environment is going
  static_cast<Mailbox*>(context)->Drain(env, Napi::Function(env, listener));
}

void Mailbox::Drain(Napi::Env env, Napi::Function listener) {
  RealClock clock;
  const int64_t began = clock.Now();
  int64_t now = began;
  counters_.turns++;
  DeliverReleases(env, listener);
  const int most = IsCruel(Cruelty::kDrain) ? 1 : kMostMessages;
  for (int count = 0; count < most; count++) {
    Message message(Message::Kind::kNothing);
    {
      MutexLock lock(mutex_);
      if (messages_.empty()) {
        signalled_ = false;
        return;
      }
      message = std::move(messages_.front());
      messages_.pop_front();
      if (message.kind == Message::Kind::kOut || message.kind == Message::Kind::kErr) {
        text_bytes_ -= message.text.size() + kTextOverhead;
      }
    }
    if (!message.text.empty()) room_.NotifyAll();
    counters_.messages++;
    counters_.most_in_turn = std::max<int64_t>(counters_.most_in_turn, count + 1);
    counters_.latest_delivery = std::max(counters_.latest_delivery, now - began);
    Napi::HandleScope scope(env);
    Deliver(env, listener, message);
    now = clock.Now();
    if (now - began >= kLongestTurn) break;
  }
  {
    MutexLock lock(mutex_);
    if (messages_.empty() || !function_) {
      signalled_ = false;
      return;
    }
  }
  Napi::HandleScope scope(env);
  Listen(env, listener, Message::Kind::kMore, 0, env.Undefined(), env.Undefined());
}

void Mailbox::Listen(Napi::Env env, Napi::Function listener, Message::Kind kind, uint64_t id, napi_value a, napi_value b,
                     napi_value c) {
  if (!c) c = env.Undefined();
  napi_value arguments[] = {Napi::Number::New(env, static_cast<uint32_t>(kind)), Napi::Number::New(env, static_cast<double>(id)), a, b, c};
  for (napi_value& argument : arguments) argument = Given(env, Napi::Value(env, argument));
  napi_value ignored;
  // Raw: whatever the listener throws, a thrown null included, becomes an uncaught exception of the program.
  if (napi_call_function(env, env.Global(), listener, 5, arguments, &ignored) == napi_pending_exception) {
    napi_value thrown;
    if (napi_get_and_clear_last_exception(env, &thrown) == napi_ok) napi_fatal_exception(env, thrown);
  }
}

template <typename Id>
void Mailbox::DeliverList(Napi::Env env, Napi::Function listener, Message::Kind kind, const std::vector<Id>& ids) {
  if (ids.empty()) return;
  Napi::HandleScope scope(env);
  Napi::Array list = Napi::Array::New(env, ids.size());
  for (size_t i = 0; i < ids.size(); i++) {
    list.Set(static_cast<uint32_t>(i), Napi::Number::New(env, static_cast<double>(ids[i])));
  }
  Listen(env, listener, kind, 0, list, env.Undefined());
}

void Mailbox::DeliverReleases(Napi::Env env, Napi::Function listener) {
  DeliverList(env, listener, Message::Kind::kReleased, releases_->TakeAll());
  DeliverList(env, listener, Message::Kind::kGone, releases_->TakeStreams());
}

namespace {

Napi::Value ReportObject(Napi::Env env, const RunReport& report) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("kind", Napi::String::New(env, report.kind));
  object.Set("values", GiveMessage(env, report.values));
  if (!report.error.is_nil()) object.Set("error", GiveMessage(env, report.error));
  object.Set("message", Napi::String::New(env, report.message));
  object.Set("traceback", Napi::String::New(env, report.traceback));
  object.Set("exitCode", Napi::Number::New(env, report.exit_code));
  object.Set("uncaught", Napi::Number::New(env, report.uncaught));
  return object;
}

Napi::Value UncaughtObject(Napi::Env env, const UncaughtReport& report) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("goroutine", Napi::Number::New(env, static_cast<double>(report.goroutine)));
  object.Set("message", Napi::String::New(env, report.message));
  object.Set("traceback", Napi::String::New(env, report.traceback));
  object.Set("spawnSite", Napi::String::New(env, report.spawn_site));
  return object;
}

}  // namespace

void Mailbox::Deliver(Napi::Env env, Napi::Function listener, Message& message) {
  napi_value a = env.Undefined();
  napi_value b = a;
  napi_value c = a;
  switch (message.kind) {
    case Message::Kind::kRun: a = ReportObject(env, *message.report); break;
    case Message::Kind::kDone: a = GiveMessage(env, message.values); break;
    case Message::Kind::kCall:
      a = Napi::Number::New(env, message.call->function);
      b = GiveMessage(env, message.call->arguments);
      c = Napi::Number::New(env, static_cast<double>(message.call->run));
      calls_[message.id] = std::move(message.call);
      break;
    case Message::Kind::kAbandoned: calls_.erase(message.id); break;
    case Message::Kind::kOut:
    case Message::Kind::kErr: a = Napi::Buffer<char>::Copy(env, message.text.data(), message.text.size()); break;
    case Message::Kind::kUncaught: a = UncaughtObject(env, *message.uncaught); break;
    case Message::Kind::kBroken:
    case Message::Kind::kDump: a = Napi::String::New(env, message.text); break;
    case Message::Kind::kEvents: {
      bool more = false;
      a = events_.Take(env, &more);
      if (more) (void)Push(Message{Message::Kind::kEvents});
      break;
    }
    case Message::Kind::kPull:
    case Message::Kind::kClock:
    case Message::Kind::kIdle:
    case Message::Kind::kReleased:
    case Message::Kind::kGone:
    case Message::Kind::kMore:
    case Message::Kind::kClosed: break;
    case Message::Kind::kNothing: return;
  }
  Listen(env, listener, message.kind, message.id, a, b, c);
}

}  // namespace sloth
