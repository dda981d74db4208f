// Where a library table differs from the pristine one.
#include <cstring>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <unordered_map>

#include "lua/internals.h"
#include "lua/library.h"
#include "lua/module_tables.h"
#include "lua/pack_library.h"
#include "lua/registry.h"
#include "lua/registry_tables.h"

namespace sloth {
namespace {

// One pristine field: a C function by its address, a number, or anything else by its type.
struct PristineField {
  int type;
  const void* function;
  lua_Number number;
};

using Pristine = std::unordered_map<std::string, std::unordered_map<std::string, PristineField>>;

const void* FunctionAddress(const TValue* value) {
  if (ttislcf(value)) return reinterpret_cast<const void*>(fvalue(value));
  if (ttisCclosure(value)) return reinterpret_cast<const void*>(clCvalue(value)->f);
  return nullptr;
}

PristineField Describe(const TValue* value) {
  lua_Number number = ttisinteger(value) ? static_cast<lua_Number>(ivalue(value)) : ttisfloat(value) ? fltvalue(value) : 0;
  return {ttype(value), FunctionAddress(value), number};
}

// Never destroyed, see registry.cc. Islands of many threads read it; a library's first making writes it.
Pristine* pristine_libraries = nullptr;
std::shared_mutex pristine_mutex;

}  // namespace

void LearnPristineLibrary(lua_State* L, const char* name, int index) {
  std::unique_lock<std::shared_mutex> lock(pristine_mutex);
  if (!pristine_libraries) pristine_libraries = new Pristine();
  auto& fields = (*pristine_libraries)[name];
  if (!fields.empty()) return;
  const Table* table = static_cast<const Table*>(lua_topointer(L, index));
  for (int i = 0; !isdummy(table) && i < sizenode(table); i++) {
    const Node* node = gnode(table, i);
    TValue key;
    getnodekey(L, &key, node);
    if (isempty(gval(node)) || !ttisstring(&key)) continue;
    fields.emplace(std::string(getstr(tsvalue(&key)), tsslen(tsvalue(&key))), Describe(gval(node)));
  }
}

void VisitLibraryChanges(lua_State* L, const char* name, void (*visit)(void* context, const char* field), void* context) noexcept {
  const Table* table = FindLibraryTable(L, name);
  std::shared_lock<std::shared_mutex> lock(pristine_mutex);
  if (!table || !pristine_libraries) return;
  auto found = pristine_libraries->find(name);
  if (found == pristine_libraries->end()) {
    if (const Module* module = ModulesOf(L).Find(name)) VisitModuleChanges(module, table, visit, context);
    return;
  }
  const auto& fields = found->second;
  const Module* added = ModulesOf(L).Find(name);
  size_t same = 0;
  for (int i = 0; !isdummy(table) && i < sizenode(table); i++) {
    const Node* node = gnode(table, i);
    TValue key;
    getnodekey(L, &key, node);
    if (isempty(gval(node))) continue;
    if (!ttisstring(&key)) continue;
    std::string field(getstr(tsvalue(&key)), tsslen(tsvalue(&key)));
    auto pristine = fields.find(field);
    if (pristine == fields.end() && (IsModuleField(gval(node), name, field.c_str()) || (added && added->HasConstant(field)))) continue;
    PristineField now = Describe(gval(node));
    if (pristine != fields.end()) same++;
    if (pristine == fields.end() || now.type != pristine->second.type || now.function != pristine->second.function ||
        now.number != pristine->second.number) {
      visit(context, field.c_str());
    }
  }
  if (same == fields.size()) return;
  // Something was removed.
  for (const auto& [field, value] : fields) {
    const TValue* now = RawField(L, table, field.data(), field.size());
    if (isempty(now) || ttisnil(now)) visit(context, field.c_str());
  }
}

}  // namespace sloth
