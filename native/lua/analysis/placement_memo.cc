#include "lua/analysis/placement_memo.h"

#include <cstring>
#include <memory>

#include "lua/analysis/goroutine_rehearsal.h"
#include "lua/analysis/heap_read.h"
#include "lua/analysis/island_view.h"
#include "lua/library.h"
#include "lua/pack_library.h"

namespace sloth {

namespace {

MemoClass ClassOf(lua_State* L, const TValue* value) {
  switch (ttypetag(value)) {
    case LUA_VNIL:
    case LUA_VFALSE:
    case LUA_VTRUE:
    case LUA_VNUMINT:
    case LUA_VNUMFLT:
    case LUA_VSHRSTR: return MemoClass::kPlain;
    case LUA_VTABLE: return hvalue(value) == GlobalsOf(L) ? MemoClass::kGlobals : MemoClass::kOther;
    case LUA_VUSERDATA: {
      const Handle* handle = HandleOf(value);
      return handle && !IsLock(handle->handle_kind()) ? MemoClass::kHandle : MemoClass::kOther;
    }
    default: return MemoClass::kOther;
  }
}

bool IsLibraryTable(lua_State* L, const TValue* value, const std::string& name) {
  if (!ttistable(value)) return false;
  const char* library = LibraryNameOf(L, hvalue(value));
  return library && name == library;
}

lua_CFunction FunctionIn(const TValue* value) {
  if (ttislcf(value)) return fvalue(value);
  return ttisCclosure(value) ? clCvalue(value)->f : nullptr;
}

// The table through which a function names a library; null when it is not the library itself. `string` is named by the
// methods of strings, too.
const Table* NamedLibrary(lua_State* L, const std::string& library) {
  if (library == LUA_GNAME) return GlobalsOf(L);
  if (library == "package.loaded") return LoadedModules(L);
  const TValue* value = RawField(L, GlobalsOf(L), library.data(), library.size());
  if (!IsLibraryTable(L, value, library)) return nullptr;
  if (library != LUA_STRLIBNAME) return hvalue(value);
  const Table* metatable = G(L)->mt[LUA_TSTRING];
  const TValue* index = metatable ? RawField(L, metatable, "__index", 7) : nullptr;
  return index && ttistable(index) && hvalue(index) == hvalue(value) ? hvalue(value) : nullptr;
}

bool StillNames(lua_State* L, const PlacementMemo::LibraryName& known) {
  const Table* table = NamedLibrary(L, known.library);
  if (!table) return false;
  const TValue* value = RawField(L, table, known.name.data(), known.name.size());
  return known.function ? FunctionIn(value) == known.function : IsLibraryTable(L, value, known.name);
}

bool AddName(lua_State* L, const char* library, const TString* name, PlacementMemo* memo) {
  PlacementMemo::LibraryName known{library, std::string(TextOf(name)), nullptr};
  const Table* table = NamedLibrary(L, known.library);
  if (!table) return false;
  known.function = FunctionIn(FieldOf(table, name));
  memo->names.push_back(std::move(known));
  return StillNames(L, memo->names.back());
}

}  // namespace

bool Holds(const PlacementMemo& memo, lua_State* L, const LClosure* closure, const TValue* arguments, int count) {
  if (memo.upvalues.size() != closure->nupvalues || memo.arguments.size() != static_cast<size_t>(count)) return false;
  for (size_t i = 0; i < memo.upvalues.size(); i++) {
    if (ClassOf(L, closure->upvals[i]->v.p) != memo.upvalues[i]) return false;
  }
  for (int i = 0; i < count; i++) {
    if (ClassOf(L, &arguments[i]) != memo.arguments[i]) return false;
  }
  if (VersionOfIslandCodes(L) != memo.codes || IslandHasForeignCode(L)) return false;
  for (const PlacementMemo::LibraryName& name : memo.names) {
    if (!StillNames(L, name)) return false;
  }
  return true;
}

const PlacementMemo* TryMakeMemo(lua_State* L, const LClosure* closure, const TValue* arguments, int count,
                                 const GoroutineRehearsal& rehearsal) {
  if (rehearsal.tables.size() + rehearsal.variables.size() + rehearsal.modules.size() + rehearsal.written.size() > 0 || rehearsal.uses_io) {
    return nullptr;
  }
  auto memo = std::make_unique<PlacementMemo>();
  memo->codes = VersionOfIslandCodes(L);
  for (int i = 0; i < closure->nupvalues; i++) memo->upvalues.push_back(ClassOf(L, closure->upvals[i]->v.p));
  for (int i = 0; i < count; i++) memo->arguments.push_back(ClassOf(L, &arguments[i]));
  for (MemoClass value : memo->upvalues) {
    if (value == MemoClass::kOther) return nullptr;
  }
  for (MemoClass value : memo->arguments) {
    if (value == MemoClass::kOther || value == MemoClass::kGlobals) return nullptr;
  }
  for (const GlobalUse& use : rehearsal.globals) {
    if (!use.is_library || use.assigned || !AddName(L, LUA_GNAME, use.name, memo.get())) return nullptr;
  }
  for (const LibraryUse& use : rehearsal.libraries) {
    if (use.changed || !use.name || !AddName(L, use.library, use.name, memo.get())) return nullptr;
  }
  return memo.release();
}

}  // namespace sloth
