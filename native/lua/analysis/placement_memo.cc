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
    case LUA_VLCL: return MemoClass::kFunction;
    case LUA_VUSERDATA: {
      const Handle* handle = HandleOf(value);
      return handle && !IsLock(handle->handle_kind()) ? MemoClass::kHandle : MemoClass::kOther;
    }
    default: return MemoClass::kOther;
  }
}

// Visits what a spawned function captures, functions of its chunk with what they capture in their turn, and its arguments, in
// a fixed order and without allocating. `visit` is given a MemoValue and says whether to go on.
template <typename Visit>
class MemoWalk {
 public:
  MemoWalk(lua_State* L, const LClosure* spawned, Visit visit) : L_(L), code_(CodeOf(spawned->p, nullptr)), visit_(visit) {}

  bool Walk(const LClosure* spawned, const TValue* arguments, int count) {
    if (!code_ || !Enter(spawned, 0)) return false;
    // An argument is looked at closely each time, unless it is plain or a handle.
    for (int i = 0; i < count; i++) {
      MemoClass kind = ClassOf(L_, &arguments[i]);
      bool simple = kind == MemoClass::kPlain || kind == MemoClass::kHandle;
      if (!visit_(MemoValue{simple ? kind : MemoClass::kOther, 0, 0})) return false;
    }
    return true;
  }

 private:
  static constexpr int kMostFunctions = 12;
  static constexpr int kDeepest = 6;

  bool Enter(const LClosure* closure, int depth) {
    if (count_ == kMostFunctions || depth == kDeepest) return false;
    functions_[count_++] = closure;
    for (int i = 0; i < closure->nupvalues; i++) {
      if (!VisitCapture(closure->upvals[i]->v.p, depth)) return false;
    }
    return true;
  }

  bool VisitCapture(const TValue* value, int depth) {
    MemoValue memo{ClassOf(L_, value), 0, 0};
    if (memo.kind != MemoClass::kFunction) return visit_(memo);
    const LClosure* closure = clLvalue(value);
    if (CodeOf(closure->p, &memo.function) != code_) return visit_(MemoValue{});
    while (memo.number < count_ && functions_[memo.number] != closure) memo.number++;
    bool met_before = memo.number < count_;
    return visit_(memo) && (met_before || Enter(closure, depth + 1));
  }

  lua_State* const L_;
  const Code* const code_;
  Visit visit_;
  const LClosure* functions_[kMostFunctions];
  uint32_t count_ = 0;
};

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
  size_t next = 0;
  auto is_expected = [&](const MemoValue& value) { return next < memo.values.size() && memo.values[next++] == value; };
  if (!MemoWalk(L, closure, is_expected).Walk(closure, arguments, count) || next != memo.values.size()) return false;
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
  auto note = [&](const MemoValue& value) {
    if (value.kind == MemoClass::kOther) return false;
    memo->values.push_back(value);
    return true;
  };
  if (!MemoWalk(L, closure, note).Walk(closure, arguments, count)) return nullptr;
  for (const GlobalUse& use : rehearsal.globals) {
    if (!use.is_library || use.assigned || !AddName(L, LUA_GNAME, use.name, memo.get())) return nullptr;
  }
  for (const LibraryUse& use : rehearsal.libraries) {
    if (use.changed || !use.name || !AddName(L, use.library, use.name, memo.get())) return nullptr;
  }
  return memo.release();
}

}  // namespace sloth
