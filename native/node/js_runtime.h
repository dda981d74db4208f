// The runtime as JavaScript holds it (NativeRuntime in lib/native/binding.ts).
//
// Lives on the JavaScript thread. Closing and dumps run on threads of their own, so that JavaScript never waits for Lua; only
// the environment's cleanup hook waits, shortly.
#pragma once

#include <napi.h>
#include <pthread.h>

#include <memory>

#include "node/mailbox.h"
#include "node/script_sink.h"
#include "runtime/runtime.h"

namespace sloth {

class JsRuntime final : public Napi::ObjectWrap<JsRuntime> {
 public:
  static Napi::Function Define(Napi::Env env);
  explicit JsRuntime(const Napi::CallbackInfo& info);
  ~JsRuntime() override;

  // For engines on it (js_engine.h); null once it is gone.
  Runtime* runtime() const { return runtime_.get(); }
  const sloth::Ref<HostReleases>& releases() const { return mailbox_->releases(); }

 private:
  void JsStart(const Napi::CallbackInfo& info);
  void JsCall(const Napi::CallbackInfo& info);
  void JsCancel(const Napi::CallbackInfo& info);
  void JsLimit(const Napi::CallbackInfo& info);
  void JsSettle(const Napi::CallbackInfo& info);
  void JsSetModuleResolver(const Napi::CallbackInfo& info);
  void JsDefineModule(const Napi::CallbackInfo& info);
  void JsAddModule(const Napi::CallbackInfo& info);
  void JsReleaseHandle(const Napi::CallbackInfo& info);
  Napi::Value JsMakeStream(const Napi::CallbackInfo& info);
  void JsFeed(const Napi::CallbackInfo& info);
  void JsDropStream(const Napi::CallbackInfo& info);
  void JsAdvance(const Napi::CallbackInfo& info);
  void JsWatch(const Napi::CallbackInfo& info);
  void JsHoldOutput(const Napi::CallbackInfo& info);
  void JsDivertOutput(const Napi::CallbackInfo& info);
  void JsResume(const Napi::CallbackInfo& info);
  void JsClose(const Napi::CallbackInfo& info);
  void JsRef(const Napi::CallbackInfo& info);
  void JsUnref(const Napi::CallbackInfo& info);
  Napi::Value JsStats(const Napi::CallbackInfo& info);
  void JsDump(const Napi::CallbackInfo& info);
  Napi::Value JsTraceSummary(const Napi::CallbackInfo& info);

  static void* CloserMain(void* runtime);
  static void* DumperMain(void* runtime);
  static void CleanUp(void* runtime);
  void Shut(int64_t deadline_ns);
  void JoinCloser();
  void JoinDumper();

  RealClock clock_;
  std::unique_ptr<VirtualClock> virtual_clock_;  // what programs see, if asked for
  std::unique_ptr<Mailbox> mailbox_;
  std::unique_ptr<ScriptSink> out_;
  std::unique_ptr<ScriptSink> err_;
  sloth::Ref<Runtime> runtime_;
  Napi::Env env_;
  pthread_t closer_{};
  bool closer_started_ = false;
  bool closer_joined_ = false;
  pthread_t dumper_{};
  bool dumper_started_ = false;  // and not joined
  int64_t close_deadline_ = 0;
  int left_behind_ = 0;
};

}  // namespace sloth
