#include "node/function_list.h"

#include "lua/registry.h"

namespace sloth {
namespace {

const char* NameOf(MaySwitch may_switch) {
  switch (may_switch) {
    case MaySwitch::kNo: return "no";
    case MaySwitch::kYes: return "yes";
    case MaySwitch::kIfItHasToWait: return "if it has to wait";
  }
  return "";
}

Napi::Object Describe(Napi::Env env, const FunctionEntry& entry) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("module", entry.module);
  object.Set("name", entry.name);
  object.Set("arguments", entry.arguments);
  object.Set("results", entry.results);
  object.Set("units", entry.units);
  object.Set("errors", entry.errors);
  object.Set("maySwitch", NameOf(entry.may_switch));
  object.Set("since", entry.since);
  object.Set("summary", entry.summary);
  object.Set("example", ExampleOf(entry));
  return object;
}

}  // namespace

Napi::Value JsListFunctions(const Napi::CallbackInfo& info) {
  size_t count = 0;
  const FunctionEntry* entries = AllFunctions(&count);
  Napi::Array list = Napi::Array::New(info.Env(), count);
  for (size_t i = 0; i < count; i++) list.Set(static_cast<uint32_t>(i), Describe(info.Env(), entries[i]));
  return list;
}

}  // namespace sloth
