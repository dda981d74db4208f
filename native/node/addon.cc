#include <napi.h>

extern "C" const char lua_ident[];  // "$LuaVersion: Lua 5.4.7 ...": proves that Lua is linked in

namespace {

Napi::Value JsLuaVersion(const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), lua_ident); }

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("luaVersion", Napi::Function::New(env, JsLuaVersion));
  return exports;
}

}  // namespace

NODE_API_MODULE(sloth_runner, Init)
