// Modules that the host brings: tables of described functions, each a function of the host or written in Lua.
//
// A module is made by the host before the first island, is the same on every island, and never changes. An island makes its
// table when code that names it is installed, or when it is required: until then it costs nothing. A function in it is a C
// closure over the module's handle and the function's number, so that it crosses by name and is known to the capture analysis by
// its entry, as a library function is.
//
// The Lua part follows the rules of prelude.h. It is a chunk that is run once per island, when one of its functions is first
// called, with three functions: `library(name)`, as in the prelude; `host(name)`, a function of the host that belongs to the
// module; `class(name)`, a table that crosses by name and therefore may be the metatable of what the module gives to programs. It
// returns the table of its functions.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "data/handle.h"
#include "data/value.h"
#include "lua/code.h"
#include "lua/registry.h"
#include "sync/host_port.h"

namespace sloth {

// What may stand at one place of a call.
struct ArgumentRule {
  static constexpr uint32_t kInteger = 1u << 16;  // a number must be whole
  uint32_t types = 0;                             // 1 << LUA_T...
  bool optional = false;
  bool rest = false;  // for this place and all behind it
  std::string expected;
};

class Module;

// One function of a module.
struct ModuleFunction {
  const Module* module = nullptr;
  std::string name;
  Ref<HostFunction> host;  // null: written in Lua
  bool internal = false;   // for the Lua part only
  bool calls_module = false;  // what a call of the module's table does
  bool checked = false;    // `rules` say what it may be given
  std::vector<ArgumentRule> rules;
  FunctionEntry entry{};
};

class Module final : public Handle {
 public:
  // `constants`: name, value, name, value, ... in host format; nil for none.
  Module(std::string name, std::string source, Value constants, std::set<std::string, std::less<>> constant_names);
  ~Module() override;

  // While it is made.
  ModuleFunction* Add(std::string name);
  // All functions are in it.
  void Complete();

  const std::string& name() const { return name_; }
  const std::string& source() const { return source_; }
  const Value& constants() const { return constants_; }
  bool HasConstant(std::string_view name) const { return constant_names_.count(name) != 0; }
  const std::deque<ModuleFunction>& functions() const { return functions_; }
  const ModuleFunction* At(int64_t index) const;
  const ModuleFunction* Find(std::string_view name) const;
  int64_t IndexOf(const ModuleFunction* function) const;

  // The code of the Lua part, once an island compiled it; null before. The first one stays.
  const Ref<Code>* code() const { return code_.load(std::memory_order_acquire); }
  const Ref<Code>& Publish(const Code* code) const;
  // "exec.result", lasting as long as the module.
  const char* ClassName(const char* name) const EXCLUDES(mutex_);

 private:
  const std::string name_;
  const std::string source_;
  const Value constants_;
  const std::set<std::string, std::less<>> constant_names_;
  std::deque<ModuleFunction> functions_;
  std::unordered_map<std::string_view, size_t> by_name_;
  mutable std::atomic<const Ref<Code>*> code_{nullptr};
  mutable Mutex mutex_;
  mutable std::set<std::string> classes_ GUARDED_BY(mutex_);
};

// All modules of a runtime. Filled before the first island, constant afterwards.
class ModuleCatalogue {
 public:
  static constexpr int kSingle = 62;  // as many have a bit of their own in ModuleBits
  // Which modules code mentions: bit 62 is any other one, bit 63 all of them.
  using Bits = uint64_t;
  static constexpr Bits kOthers = Bits{1} << kSingle;
  static constexpr Bits kEvery = Bits{1} << 63;

  void Add(Ref<Module> module);
  const Module* Find(std::string_view name) const;
  const std::vector<Ref<Module>>& all() const { return modules_; }
  // The modules that a constant of that text may mean.
  Bits BitsOf(std::string_view text) const;

 private:
  std::vector<Ref<Module>> modules_;
  std::unordered_map<std::string_view, size_t> by_name_;
};

// The name of the module that gives `error` fields (error.try); it is no global of its own.
inline constexpr const char kErrorModule[] = "error";

}  // namespace sloth
