// The way from workers to JavaScript: one guarded queue and one thread-safe function per runtime.
//
// Any thread posts; the JavaScript thread drains up to 1,000 messages or 2 ms a turn of the event loop. Where more are left it
// tells JavaScript `more`, which comes back with Resume in a later turn: a thread-safe function that calls itself is called
// again in the same turn. After Close nothing is queued and nobody waits: host calls are settled as closed on the spot.
#pragma once

#include <napi.h>
#include <pthread.h>

#include <deque>
#include <string>
#include <unordered_map>

#include "base/mutex.h"
#include "node/goroutine_events.h"
#include "runtime/runtime.h"
#include "sync/host_port.h"
#include "sync/host_stream.h"

namespace sloth {

struct Message {
  // JavaScript is told the number (lib/native/binding.ts, messageKinds).
  enum class Kind : uint8_t {
    kRun, kDone, kCall, kAbandoned, kOut, kErr, kBroken, kUncaught, kDump, kEvents, kPull, kClock, kIdle, kNothing, kClosed,
    kReleased, kGone, kMore,  // never queued
  };
  explicit Message(Kind kind, uint64_t id = 0) : kind(kind), id(id) {}

  Kind kind;
  uint64_t id;
  Value values;  // of kDone
  Ref<HostCall> call;
  std::string text;
  Rare<RunReport> report;
  Rare<UncaughtReport> uncaught;
};

// What was drained so far. JavaScript thread.
struct MailboxCounters {
  int64_t messages = 0;
  int64_t turns = 0;             // of the event loop
  int64_t most_in_turn = 0;      // messages
  int64_t latest_delivery = 0;   // ns into its turn at which any message was begun
};

class Mailbox final : public RuntimeListener, public HostPort, public HostWaker {
 public:
  Mailbox(Napi::Env env, Napi::Function listener);
  ~Mailbox() override;

  // -- any thread --
  void RunEnded(uint64_t id, RunReport report) override;
  void UncaughtError(uint64_t run, UncaughtReport report) override;
  void OnGoroutine(const GoroutineEvent& event) override;
  void OnClockRests() override;
  bool Pull(uint64_t stream) override;
  void EngineIdle() override;
  // The message carries the run of the goroutine that writes.
  void PostText(Message::Kind kind, const char* text, size_t length);
  // Nobody reads the stream of that name any more.
  void PostBroken(const char* stream);
  void PostDump(std::string text);
  void PostClosed();

  // -- JavaScript thread --
  // As PostText, which calls it on this thread: at once, behind what other threads have posted.
  void DeliverText(Message::Kind kind, const char* text, size_t length);
  void Settle(uint64_t call, bool ok, Value results, std::string message);
  void Ref(Napi::Env env);
  void Unref(Napi::Env env);
  // No more messages; waiting host calls are settled as closed. With `silent`, JavaScript is not called any more either.
  void Close(bool silent);
  // While text of a kind is held its writers wait, unless their goroutine is cancelled; closing lets go of everything.
  void HoldText(Message::Kind kind, bool held) EXCLUDES(mutex_);
  void LetGoOfText() EXCLUDES(mutex_);
  // After `more`: the next turn of the event loop drains what is left.
  void Resume() EXCLUDES(mutex_);
  size_t queued() EXCLUDES(mutex_);
  const MailboxCounters& counters() const { return counters_; }
  const sloth::Ref<HostReleases>& releases() const { return releases_; }
  // A stream that JavaScript feeds under this number until it drops it.
  sloth::Ref<Channel> MakeStream(uint64_t id, Turns* turns);
  HostStream* StreamOf(uint64_t id);
  void DropStream(uint64_t id) { streams_.erase(id); }

 protected:
  bool Post(sloth::Ref<HostCall> call) override;
  void Abandon(HostCall* call) override;

 private:
  bool Push(Message message);
  void WakeHost() override EXCLUDES(mutex_);
  void Drain(Napi::Env env, Napi::Function listener);
  void Deliver(Napi::Env env, Napi::Function listener, Message& message);
  static void Listen(Napi::Env env, Napi::Function listener, Message::Kind kind, uint64_t id, napi_value a, napi_value b,
                     napi_value c = nullptr);
  // Tells which functions and errors Lua holds no longer, and which streams nobody can read any more.
  void DeliverReleases(Napi::Env env, Napi::Function listener);
  template <typename Id>
  static void DeliverList(Napi::Env env, Napi::Function listener, Message::Kind kind, const std::vector<Id>& ids);
  static void CallJs(napi_env env, napi_value listener, void* context, void* data);

  const sloth::Ref<HostReleases> releases_ = MakeRef<HostReleases>(this);
  const pthread_t thread_ = pthread_self();  // JavaScript's
  const Napi::Env env_;
  Napi::FunctionReference listener_;
  napi_threadsafe_function function_ = nullptr;
  std::unordered_map<uint64_t, sloth::Ref<HostCall>> calls_;  // JavaScript thread
  std::unordered_map<uint64_t, sloth::Ref<HostStream>> streams_;  // JavaScript thread
  Mutex mutex_;
  Condition room_;
  bool closed_ GUARDED_BY(mutex_) = false;
  bool signalled_ GUARDED_BY(mutex_) = false;
  size_t text_bytes_ GUARDED_BY(mutex_) = 0;
  bool held_[2] GUARDED_BY(mutex_) = {false, false};  // out, err
  bool lets_go_ GUARDED_BY(mutex_) = false;
  std::deque<Message> messages_ GUARDED_BY(mutex_);
  GoroutineEvents events_;
  MailboxCounters counters_;
};

}  // namespace sloth
