// A synchronous engine as JavaScript holds it (NativeEngine in lib/native/binding.ts).
//
// Lives on the JavaScript thread; so do all functions and tables it handed out, which may outlive it. What is no plain value
// crosses as a message that TypeScript packs or reads.
#pragma once

#include <napi.h>

#include <memory>
#include <unordered_map>
#include <vector>

#include "node/handle_values.h"
#include "node/js_runtime.h"
#include "node/sync_values.h"

namespace sloth {

class JsEngine;

// What the functions and tables of an engine know of it; it is gone when `engine` is null.
struct EngineLink final : RefCounted {
  JsEngine* engine = nullptr;
};

// What a function or table of Lua carries in JavaScript.
struct EngineObject : HandleHolder {
  sloth::Ref<EngineLink> link;
  const void* address = nullptr;  // in Lua's heap
  napi_ref weak = nullptr;        // of its JavaScript object
  int lua_reference = 0;
  SelfRule self = SelfRule::kNever;
};

class JsEngine final : public Napi::ObjectWrap<JsEngine>, private SyncHost {
 public:
  static Napi::Function Define(Napi::Env env);
  explicit JsEngine(const Napi::CallbackInfo& info);
  ~JsEngine() override;

 private:
  // What TypeScript does for it, by index (lib/native/native-engine.ts, NativeEngineCallbacks).
  enum Callback { kPack, kUnpack, kLookUp, kAnswer, kThrown, kFailure, kWorking, kIndex, kNewIndex, kLength, kEntries, kNothing, kClosed, kCallbacks };
  // An entry, for as long as this lives.
  class Turn;

  Napi::Value JsRun(const Napi::CallbackInfo& info);
  Napi::Value JsCall(const Napi::CallbackInfo& info);
  Napi::Value JsOperate(const Napi::CallbackInfo& info);
  Napi::Value JsMakeFunction(const Napi::CallbackInfo& info);
  Napi::Value JsAdopt(const Napi::CallbackInfo& info);
  Napi::Value JsKnown(const Napi::CallbackInfo& info);
  void JsClose(const Napi::CallbackInfo& info);
  Napi::Value JsStats(const Napi::CallbackInfo& info);
  static napi_value CallFunction(napi_env env, napi_callback_info info);
  static void Forget(napi_env env, void* object, void* hint);
  static void CleanUp(void* engine);

  HostAnswer Call(lua_State* L, const HostTarget& target, int first, int count, HostReply* reply) noexcept override;
  bool StillWants() noexcept override;
  void NoteGoroutines() noexcept override;
  HostAnswer Answer(napi_value result, const HostTarget& target, HostReply* reply);
  HostAnswer Threw(HostReply* reply);

  // Calls `call` with these arguments within `turn`; false with an exception pending.
  bool Run(Turn* turn, SyncCall* call, const napi_value* arguments, size_t count);
  bool RunPlain(Turn* turn, SyncCall* call);
  void ThrowFailure(Turn* turn);
  bool TryPackArguments(const napi_value* arguments, size_t count, sloth::Value* out);
  // The result of that number; null with an exception pending.
  napi_value ResultOf(SyncTurn* state, int number);
  napi_value AllResults(SyncTurn* state);
  // Values of a frame as a JavaScript array; null with an exception pending.
  napi_value Unpack(lua_State* L, int first, int count, const char* action);
  napi_value Write(const SyncValue& value);
  napi_value HostThing(uint32_t id);
  // The JavaScript object of what stands at that address in Lua's heap, or null.
  napi_value KnownObject(const void* address);
  EngineObject* Carry(Napi::Value handle);
  Napi::Value Wrap(napi_value object, EngineObject* carried);
  bool IsSelf(const EngineObject* function, napi_value self);
  napi_value CallBack(Callback which, std::initializer_list<napi_value> arguments);
  void ThrowReason(const std::string& reason);
  void ThrowClosed();
  void Close();
  void LetGo();

  napi_env env_;
  std::unique_ptr<SyncEngine> engine_;  // null when it could not be made
  sloth::Ref<Runtime> runtime_;         // outlives it
  sloth::Ref<HostReleases> releases_;
  sloth::Ref<EngineLink> link_;
  PlainRules rules_;
  TableRule table_rule_ = TableRule::kCopy;
  int64_t timeout_ns_ = kForever;
  Napi::FunctionReference callbacks_[kCallbacks];
  Napi::ObjectReference host_this_;
  std::unordered_map<const void*, EngineObject*> known_;    // by address
  std::unordered_map<uint32_t, napi_ref> host_things_;      // weak, by id
  size_t most_host_things_ = 256;
  TextRoom reply_room_;
};

}  // namespace sloth
