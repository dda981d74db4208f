#include "node/module_values.h"

#include <cstdlib>

#include "node/host_values.h"
#include "node/js_read.h"

namespace sloth {
namespace {

constexpr uint32_t kColumns = 4;

Ref<Module> Refuse(Napi::Env env, const char* reason) {
  if (!env.IsExceptionPending()) Napi::TypeError::New(env, reason).ThrowAsJavaScriptException();
  return nullptr;
}

// One line; false for what is none.
bool TryReadRule(const std::string& line, ArgumentRule* rule) {
  char* end = nullptr;
  unsigned long types = std::strtoul(line.c_str(), &end, 10);
  if (end == line.c_str() || *end == '\0' || types >= 1u << 17) return false;
  rule->types = static_cast<uint32_t>(types);
  rule->optional = *end == '?';
  rule->rest = *end == '*';
  if (end[1] != ' ') return false;
  rule->expected = end + 2;
  return true;
}

bool TryReadRules(const std::string& text, std::vector<ArgumentRule>* rules) {
  for (size_t begin = 0; begin < text.size();) {
    size_t end = text.find('\n', begin);
    if (end == std::string::npos) end = text.size();
    if (!TryReadRule(text.substr(begin, end - begin), &rules->emplace_back())) return false;
    begin = end + 1;
  }
  return true;
}

void ReadFlags(const std::string& flags, ModuleFunction* function) {
  auto has = [&](char letter) { return flags.find(letter) != std::string::npos; };
  function->internal = has('i');
  function->calls_module = has('c');
  function->checked = !has('-');
  function->entry.calls_arguments = has('f');
  function->entry.stores = has('s') ? StoresInto::kComputedKeys : StoresInto::kNothing;
  function->entry.passes_on = has('p');
  function->entry.pure = has('u');
}

}  // namespace

Ref<Module> TryReadModule(Napi::Env env, Napi::Value value, const Ref<HostReleases>& releases) {
  if (!value.IsObject()) return Refuse(env, "a module is an object");
  auto object = value.As<Napi::Object>();
  Value constants;
  Napi::Value given = PropertyOf(object, "constants");
  if (given.IsArray() && !TryTakeMessage(env, given, releases, &constants)) return nullptr;
  std::set<std::string, std::less<>> names;
  for (std::string& name : TextsOf(PropertyOf(object, "constantNames"))) names.insert(std::move(name));
  std::string name = TextOf(PropertyOf(object, "name"));
  if (name.empty()) return Refuse(env, "a module needs a name");
  auto module = MakeRef<Module>(name, BytesOf(PropertyOf(object, "source")), std::move(constants), std::move(names));
  Napi::Value listed = PropertyOf(object, "functions");
  if (!listed.IsArray()) return Refuse(env, "the functions of a module are an array");
  auto list = listed.As<Napi::Array>();
  uint32_t count = list.Length();
  if (count % kColumns != 0) return Refuse(env, "four values describe each function of a module");
  for (uint32_t i = 0; i < count; i += kColumns) {
    Napi::HandleScope scope(env);
    ModuleFunction* function = module->Add(TextOf(ElementOf(list, i)));
    auto host = static_cast<uint32_t>(IntegerOf(ElementOf(list, i + 1)));
    if (host != 0) function->host = MakeRef<HostFunction>(host, name + "." + function->name, releases);
    ReadFlags(TextOf(ElementOf(list, i + 2)), function);
    if (!TryReadRules(TextOf(ElementOf(list, i + 3)), &function->rules)) return Refuse(env, "an argument of a module's function is not described");
  }
  module->Complete();
  return module;
}

}  // namespace sloth
