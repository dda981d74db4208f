#include <lua.hpp>
#include <napi.h>

namespace {

Napi::Value JsLuaVersion(const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), LUA_RELEASE); }

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  lua_State* L = luaL_newstate();
  lua_close(L);
  exports.Set("luaVersion", Napi::Function::New(env, JsLuaVersion));
  return exports;
}

}  // namespace

NODE_API_MODULE(sloth_runner, Init)
