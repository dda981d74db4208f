// The addon's door: what lib/native/binding.ts calls NativeBinding. No statics: it is loaded once per environment.
#include <napi.h>

#include "node/function_list.h"
#include "node/handle_values.h"
#include "node/host_values.h"
#include "node/js_engine.h"
#include "node/js_runtime.h"

extern "C" const char lua_ident[];  // "$LuaVersion: Lua 5.4.7 ..."

namespace {

// createRuntime(options, onMessage)
Napi::Value JsCreateRuntime(const Napi::CallbackInfo& info) {
  auto* data = info.Env().GetInstanceData<sloth::AddonData>();
  return data->runtime_class.New({info[0], info[1]});
}

// createEngine(runtime, options, callbacks)
Napi::Value JsCreateEngine(const Napi::CallbackInfo& info) {
  auto* data = info.Env().GetInstanceData<sloth::AddonData>();
  return data->engine_class.New({info[0], info[1], info[2]});
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  auto* data = new sloth::AddonData;
  data->runtime_class = Napi::Persistent(sloth::JsRuntime::Define(env));
  data->engine_class = Napi::Persistent(sloth::JsEngine::Define(env));
  env.SetInstanceData(data);
  exports.Set("luaVersion", Napi::String::New(env, lua_ident));
  exports.Set("createRuntime", Napi::Function::New(env, JsCreateRuntime));
  exports.Set("createEngine", Napi::Function::New(env, JsCreateEngine));
  exports.Set("luaFunctions", Napi::Function::New(env, sloth::JsListFunctions));
  exports.Set("makeHandle", Napi::Function::New(env, sloth::JsMakeHandle));
  exports.Set("channelState", Napi::Function::New(env, sloth::JsChannelState));
  exports.Set("closeChannel", Napi::Function::New(env, sloth::JsCloseChannel));
  exports.Set("addToWaitGroup", Napi::Function::New(env, sloth::JsAddToWaitGroup));
  return exports;
}

}  // namespace

NODE_API_MODULE(sloth_runner, Init)
