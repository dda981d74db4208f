#include "lua/module.h"

namespace sloth {

Module::Module(std::string name, std::string source, Value constants, std::set<std::string, std::less<>> constant_names)
    : Handle(HandleKind::kModule),
      name_(std::move(name)),
      source_(std::move(source)),
      constants_(std::move(constants)),
      constant_names_(std::move(constant_names)) {}

Module::~Module() { delete code_.load(std::memory_order_acquire); }

ModuleFunction* Module::Add(std::string name) {
  ModuleFunction& function = functions_.emplace_back();
  function.module = this;
  function.name = std::move(name);
  return &function;
}

void Module::Complete() {
  for (size_t i = 0; i < functions_.size(); i++) {
    ModuleFunction& function = functions_[i];
    by_name_.emplace(function.name, i);
    function.entry.module = name_.c_str();
    function.entry.name = function.name.c_str();
    function.entry.may_switch = MaySwitch::kYes;
    function.entry.of_module = true;
    for (const char** text : {&function.entry.arguments, &function.entry.results, &function.entry.units,
                              &function.entry.errors, &function.entry.since, &function.entry.summary}) {
      *text = "";
    }
  }
}

const ModuleFunction* Module::At(int64_t index) const {
  return index >= 0 && index < static_cast<int64_t>(functions_.size()) ? &functions_[static_cast<size_t>(index)] : nullptr;
}

const ModuleFunction* Module::Find(std::string_view name) const {
  auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &functions_[found->second];
}

int64_t Module::IndexOf(const ModuleFunction* function) const {
  return static_cast<int64_t>(by_name_.find(function->name)->second);
}

const Ref<Code>& Module::Publish(const Code* code) const {
  auto* mine = new Ref<Code>(const_cast<Code*>(code));
  const Ref<Code>* first = nullptr;
  if (code_.compare_exchange_strong(first, mine, std::memory_order_acq_rel)) return *mine;
  delete mine;
  return *first;
}

const char* Module::ClassName(const char* name) const {
  MutexLock lock(mutex_);
  return classes_.insert(name_ + "." + name).first->c_str();
}

void ModuleCatalogue::Add(Ref<Module> module) {
  by_name_.emplace(module->name(), modules_.size());
  modules_.push_back(std::move(module));
}

const Module* ModuleCatalogue::Find(std::string_view name) const {
  auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : modules_[found->second].get();
}

ModuleCatalogue::Bits ModuleCatalogue::BitsOf(std::string_view text) const {
  auto found = by_name_.find(text);
  bool is_error = text == kErrorModule;
  // `error` is named everywhere: what it was given is asked for by name.
  if (found == by_name_.end() || is_error) {
    const Module* extension = Find(kErrorModule);
    if (!extension || is_error || !extension->Find(text)) return 0;
    found = by_name_.find(std::string_view(kErrorModule));
  }
  return found->second < kSingle ? Bits{1} << found->second : kOthers;
}

}  // namespace sloth
