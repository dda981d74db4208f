// The way from workers to JavaScript: one guarded queue and one thread-safe function per runtime.
//
// Any thread posts; the JavaScript thread drains up to 1,000 messages or 2 ms a turn. After Close nothing is queued and
// nobody waits: host calls are settled as closed on the spot.
#pragma once

#include <napi.h>

#include <deque>
#include <string>
#include <unordered_map>

#include "base/mutex.h"
#include "data/output.h"
#include "runtime/runtime.h"
#include "sync/host_port.h"

namespace sloth {

struct Message {
  enum class Kind : uint8_t { kRun, kCall, kAbandoned, kOut, kErr, kBroken, kUncaught, kDump, kClosed } kind;
  uint64_t id = 0;
  RunReport report;
  Ref<HostCall> call;
  std::string text;
  UncaughtReport uncaught = {};
};

class Mailbox final : public RuntimeListener, public HostPort {
 public:
  Mailbox(Napi::Env env, Napi::Function listener);
  ~Mailbox() override;

  // -- any thread --
  void RunEnded(uint64_t id, RunReport report) override;
  void UncaughtError(uint64_t run, UncaughtReport report) override;
  void PostText(Message::Kind kind, const char* text, size_t length);
  // Nobody reads the stream of that name any more.
  void PostBroken(const char* stream);
  void PostDump(std::string text);
  void PostClosed();

  // -- JavaScript thread --
  void Settle(uint64_t call, bool ok, Value results, std::string message);
  void Ref(Napi::Env env);
  void Unref(Napi::Env env);
  // No more messages; waiting host calls are settled as closed. With `silent`, JavaScript is not called any more either.
  void Close(bool silent);
  size_t queued() EXCLUDES(mutex_);
  const sloth::Ref<HostReleases>& releases() const { return releases_; }

 protected:
  bool Post(sloth::Ref<HostCall> call) override;
  void Abandon(HostCall* call) override;

 private:
  bool Push(Message message);
  void Drain(Napi::Env env, Napi::Function listener);
  void Deliver(Napi::Env env, Napi::Function listener, Message& message);
  static void Listen(Napi::Env env, Napi::Function listener, const char* kind, uint64_t id, napi_value a, napi_value b);
  // Tells which functions and errors Lua holds no longer.
  void DeliverReleases(Napi::Env env, Napi::Function listener);
  static void CallJs(napi_env env, napi_value listener, void* context, void* data);

  const sloth::Ref<HostReleases> releases_ = MakeRef<HostReleases>();
  napi_threadsafe_function function_ = nullptr;
  std::unordered_map<uint64_t, sloth::Ref<HostCall>> calls_;  // JavaScript thread
  Mutex mutex_;
  Condition room_;
  bool closed_ GUARDED_BY(mutex_) = false;
  bool signalled_ GUARDED_BY(mutex_) = false;
  size_t text_bytes_ GUARDED_BY(mutex_) = 0;
  std::deque<Message> messages_ GUARDED_BY(mutex_);
};

// Sends a runtime's text to JavaScript; waits while a mebibyte of it is on the way.
class MessageSink final : public OutputSink {
 public:
  MessageSink(Mailbox* mailbox, Message::Kind kind) : mailbox_(mailbox), kind_(kind) {}
  void Write(const char* text, size_t length) override { mailbox_->PostText(kind_, text, length); }

 private:
  Mailbox* const mailbox_;
  const Message::Kind kind_;
};

}  // namespace sloth
