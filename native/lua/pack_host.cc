#include "lua/pack_host.h"

#include "data/host_format.h"
#include "lua/handles.h"
#include "lua/host_kinds.h"
#include "lua/internals.h"
#include "lua/pack_library.h"
#include "lua/pack_map.h"
#include "lua/pack_path.h"
#include "sched/host_end.h"

namespace sloth {
namespace {

// Calls `visit` with key and value of each entry until it answers false; whether it never did.
template <typename Visit>
bool EachEntry(lua_State* L, const Table* table, Visit visit) {
  TValue key;
  unsigned int size = luaH_realasize(table);
  for (unsigned int i = 0; i < size; i++) {
    if (isempty(&table->array[i])) continue;
    setivalue(&key, static_cast<lua_Integer>(i) + 1);
    if (!visit(&key, &table->array[i])) return false;
  }
  for (int i = 0; !isdummy(table) && i < sizenode(table); i++) {
    const Node* node = gnode(table, i);
    if (isempty(gval(node))) continue;
    getnodekey(L, &key, node);
    if (!visit(&key, gval(node))) return false;
  }
  return true;
}

// What a table's mark asks for.
HostTag MarkOf(lua_State* L, const Table* table) {
  if (!table->metatable) return HostTag::kNil;
  const TValue* name = RawField(L, table->metatable, "__js", 4);
  return ttisstring(name) ? HostKindNamed(getstr(tsvalue(name)), tsslen(tsvalue(name))) : HostTag::kNil;
}

// What a table becomes: its kind, and how many entries that kind has.
struct Shape {
  HostTag tag;
  uint32_t count;
};

class ShapeFinder {
 public:
  ShapeFinder(lua_State* L, const Table* table) : L_(L), table_(table) {
    EachEntry(L, table, [this](const TValue* key, const TValue* value) {
      Note(key, value);
      return true;
    });
  }

  Shape Find() const {
    HostTag wanted = MarkOf(L_, table_);
    switch (wanted) {
      case HostTag::kNil: break;
      case HostTag::kMap: return {HostTag::kMap, entries_};
      case HostTag::kSet: return {HostTag::kSet, entries_ - false_};
      case HostTag::kDate:
        if (ttisnumber(Milliseconds(L_, table_))) return {HostTag::kDate, 0};
        break;
      case HostTag::kList:
        if (IsListOrEmpty()) return {HostTag::kList, entries_};
        if (int64_t length = LengthWithHoles()) return {HostTag::kHoles, static_cast<uint32_t>(length)};
        break;
      default:
        if (IsListOrEmpty() && numbers_ == entries_) return {wanted, entries_};
        break;
    }
    if (entries_ == 0 || texts_ == entries_) return {HostTag::kRecord, entries_};
    if (IsListOrEmpty()) return {HostTag::kList, entries_};
    return {HostTag::kMap, entries_};
  }

  // Whether a copy would lose what it can do: it has a metatable that is no mark, or functions in it though it is no list.
  bool StaysInLua(Shape shape) const {
    if (table_->metatable) return MarkOf(L_, table_) == HostTag::kNil;
    return has_behaviour_ && shape.tag != HostTag::kList;
  }

  static const TValue* Milliseconds(lua_State* L, const Table* table) { return RawField(L, table, "ms", 2); }

 private:
  void Note(const TValue* key, const TValue* value) {
    entries_++;
    if (ttisinteger(key)) {
      if (ivalue(key) >= 1) positions_++;
      if (ivalue(key) > largest_) largest_ = ivalue(key);
    } else if (ttisstring(key) && IsText(getstr(tsvalue(key)), tsslen(tsvalue(key)))) {
      texts_++;
    }
    if (ttisfalse(value)) false_++;
    if (ttisnumber(value)) numbers_++;
    if (IsBehaviour(value)) has_behaviour_ = true;
  }
  // Functions of Lua, and what else has an identity that a copy would lose.
  static bool IsBehaviour(const TValue* value) {
    switch (ttypetag(value)) {
      case LUA_VLCL:
      case LUA_VLCF:
      case LUA_VTHREAD: return true;
      case LUA_VCCL: return HandleOf(value, nullptr) == nullptr;
      case LUA_VUSERDATA: return HandleInBlock(getudatamem(uvalue(value)), uvalue(value)->len, nullptr) == nullptr;
      default: return false;
    }
  }
  bool IsListOrEmpty() const { return positions_ == entries_ && largest_ == static_cast<lua_Integer>(entries_); }
  // The `n` of a list that has nothing else but positions up to it; 0 for any other.
  int64_t LengthWithHoles() const {
    const TValue* length = RawField(L_, table_, "n", 1);
    if (!ttisinteger(length) || positions_ + 1 != entries_) return 0;
    lua_Integer n = ivalue(length);
    return n >= largest_ && n > 0 && n - static_cast<lua_Integer>(positions_) <= kHostHoles ? n : 0;
  }

  lua_State* const L_;
  const Table* const table_;
  uint32_t entries_ = 0;
  uint32_t positions_ = 0;  // integer keys from 1 up
  uint32_t texts_ = 0;
  uint32_t numbers_ = 0;    // values that are numbers
  uint32_t false_ = 0;      // values that are false
  bool has_behaviour_ = false;
  lua_Integer largest_ = 0;
};

class HostPacker {
 public:
  HostPacker(lua_State* L, Parcel* parcel) : L_(L), goroutine_(CurrentGoroutine(L)), parcel_(parcel), writer_(parcel) {}

  bool Pack(int first, int count) {
    if (!Wrote(writer_.TryHeader(static_cast<uint32_t>(count)) && KnowHeldFunctions())) return false;
    for (int i = 0; i < count; i++) {
      auto root = static_cast<uint32_t>(i) | kRoot;
      if (!Put(s2v(L_->ci->func.p + first + i), root)) return At(root);
    }
    uint32_t depth = 1;
    size_t level_end = queue_.size();
    for (uint32_t i = 0; i < queue_.size(); i++) {
      if (i == level_end) {
        level_end = queue_.size();
        if (++depth > kHostDepth) return Refuse("it is nested more than 10000 deep") || At(i);
      }
      if (!PutRecord(i)) return At(i);
    }
    writer_.PatchObjects(static_cast<uint32_t>(queue_.size()));
    return true;
  }
  bool needs_functions() const { return needs_functions_; }

  PackFailure failure;

 private:
  // Where a table was met first: in the one at this place of the queue, or as the value of this number and kRoot.
  static constexpr uint32_t kRoot = 1u << 31;
  static constexpr size_t kMostSteps = 16;
  struct Queued {
    const Table* table;
    Shape shape;
    uint32_t origin;
  };

  bool Wrote(bool written) {
    if (!written) {
      failure.out_of_memory = true;
      failure.reason = "not enough memory";
    }
    return written;
  }
  bool Refuse(const char* reason) {
    failure.reason = reason;
    return false;
  }

  bool Put(const TValue* value, uint32_t origin) {
    switch (ttypetag(value)) {
      case LUA_VNIL:
      case LUA_VEMPTY:
      case LUA_VABSTKEY: return Wrote(writer_.TryTag(HostTag::kNil));
      case LUA_VFALSE: return Wrote(writer_.TryTag(HostTag::kFalse));
      case LUA_VTRUE: return Wrote(writer_.TryTag(HostTag::kTrue));
      case LUA_VNUMINT: return Wrote(writer_.TryInteger(ivalue(value)));
      case LUA_VNUMFLT: return Wrote(writer_.TryFloat(HostTag::kFloat, fltvalue(value)));
      case LUA_VSHRSTR:
      case LUA_VLNGSTR: return PutString(tsvalue(value));
      case LUA_VTABLE: return PutTable(hvalue(value), origin);
      case LUA_VLCL: return PutFunction(clvalue(value), false);
      case LUA_VLCF: return PutLightFunction(fvalue(value));
      case LUA_VCCL: return PutCClosure(value);
      case LUA_VUSERDATA: return PutHandle(value, "a userdata cannot reach the host");
      case LUA_VTHREAD:
        if (rule_ != TableRule::kCopy) return PutFunction(thvalue(value), false);
        [[fallthrough]];
      default: return Refuse(ttypetag(value) == LUA_VTHREAD ? "a coroutine cannot reach the host" : "a light userdata cannot reach the host");
    }
  }
  bool PutString(const TString* text) {
    if (tsslen(text) > UINT32_MAX) return Refuse("a string of more than 4 GiB cannot reach the host");
    return Wrote(writer_.TryString(getstr(text), tsslen(text)));
  }
  bool PutTable(const Table* table, uint32_t origin) {
    if (rule_ == TableRule::kReference) return PutFunction(table, false);
    ShapeFinder finder(L_, table);
    Shape shape = finder.Find();
    if (rule_ == TableRule::kObjects && finder.StaysInLua(shape)) return PutFunction(table, false);
    uint32_t number = 0;
    bool added = false;
    if (!Wrote(numbers_.TryFindOrAdd(table, static_cast<uint32_t>(queue_.size()), &number, &added))) return false;
    if (!added) return Wrote(writer_.TryCount(HostTag::kSame, number));
    if (!Wrote(queue_.TryAppend({table, shape, origin}))) return false;
    if (shape.tag == HostTag::kDate) {
      const TValue* milliseconds = ShapeFinder::Milliseconds(L_, table);
      return Wrote(writer_.TryFloat(HostTag::kDate, nvalue(milliseconds)));
    }
    // Only the record says that there are holes.
    return Wrote(writer_.TryCount(shape.tag == HostTag::kHoles ? HostTag::kList : shape.tag, shape.count));
  }
  bool PutCClosure(const TValue* value) {
    const CClosure* closure = clCvalue(value);
    HandleView view = HandleView::kFull;
    if (Handle* handle = HandleOf(value, &view)) return PutReference(handle, view);
    return PutFunction(closure, false);
  }
  bool PutLightFunction(lua_CFunction function) { return PutFunction(reinterpret_cast<const void*>(function), true); }
  // Functions that wait in the goroutine are known by their place there.
  bool KnowHeldFunctions() {
    if (!goroutine_) return true;
    uint32_t found = 0;
    bool added = false;
    for (uint32_t i = 0; i < std::as_const(goroutine_->seldom)->held_functions.size(); i++) {
      if (!functions_.TryFindOrAdd(goroutine_->seldom->held_functions[i].function, i, &found, &added)) return false;
    }
    return true;
  }
  bool PutFunction(const void* function, bool light) {
    std::vector<HeldFunction>& held = goroutine_->seldom->held_functions;
    uint32_t place = 0;
    bool added = false;
    if (!Wrote(functions_.TryFindOrAdd(function, static_cast<uint32_t>(held.size()), &place, &added))) return false;
    if (added) held.push_back({function, light, nullptr});
    if (held[place].handle) return PutReference(held[place].handle.get(), HandleView::kFull);
    needs_functions_ = true;
    return true;
  }
  bool PutHandle(const TValue* value, const char* otherwise) {
    HandleView view = HandleView::kFull;
    Udata* userdata = uvalue(value);
    Handle* handle = HandleInBlock(getudatamem(userdata), userdata->len, &view);
    if (handle) return PutReference(handle, view);
    return rule_ != TableRule::kCopy ? PutFunction(userdata, false) : Refuse(otherwise);
  }
  // One handle of the parcel for each handle and view.
  bool PutReference(Handle* handle, HandleView view) {
    const char* key = reinterpret_cast<const char*>(handle) + static_cast<size_t>(view);
    auto next = static_cast<uint32_t>(parcel_->handles.size());
    uint32_t number = 0;
    bool added = false;
    if (!Wrote(numbers_.TryFindOrAdd(key, next, &number, &added))) return false;
    if (added && !Wrote(parcel_->handles.TryAppend({Ref<Handle>(handle), view}))) return false;
    return Wrote(writer_.TryCount(HostTag::kHandle, number));
  }

  bool PutRecord(uint32_t index) {
    const Table* table = queue_[index].table;
    Shape shape = queue_[index].shape;
    if (!Wrote(writer_.TryCount(shape.tag, shape.count))) return false;
    switch (shape.tag) {
      case HostTag::kDate: return true;
      case HostTag::kRecord:
      case HostTag::kMap:
        return EachEntry(L_, table, [&](const TValue* key, const TValue* value) {
          return PutKey(key, index) && (Put(value, index) || Step(KeyText(key)));
        });
      case HostTag::kSet:
        return EachEntry(L_, table, [&](const TValue* key, const TValue* value) { return ttisfalse(value) || PutKey(key, index); });
      default: return PutPositions(table, shape.count, index);
    }
  }
  bool PutKey(const TValue* key, uint32_t index) { return Put(key, index) || Step("<key>"); }
  bool PutPositions(const Table* table, uint32_t count, uint32_t index) {
    for (uint32_t i = 1; i <= count; i++) {
      if (!Put(luaH_getint(const_cast<Table*>(table), i), index)) return Step("[" + std::to_string(i) + "]");
    }
    return true;
  }

  // -- where it failed: steps from the part outwards --

  bool Step(const std::string& step) {
    failure.path = step;
    return false;
  }
  bool At(uint32_t origin) {
    for (size_t steps = 1; !(origin & kRoot); steps++) {
      const Queued& queued = queue_[origin];
      origin = queued.origin;
      if (origin & kRoot) break;
      if (steps == kMostSteps) failure.path = "..." + failure.path;
      if (steps < kMostSteps) failure.path = StepTo(queue_[origin].table, queued.table) + failure.path;
    }
    std::string root = "value " + std::to_string((origin & ~kRoot) + 1);
    std::string& path = failure.path;
    if (!path.empty() && path[0] == '.' && path.substr(0, 3) != "...") path.erase(0, 1);
    path = path.empty() ? root : "field '" + path + "' of " + root;
    return false;
  }
  std::string StepTo(const Table* parent, const Table* child) {
    std::string step = "<key>";
    (void)EachEntry(L_, parent, [&](const TValue* key, const TValue* value) {
      if (!ttistable(value) || hvalue(value) != child) return true;
      step = KeyText(key);
      return false;
    });
    return step;
  }

  lua_State* const L_;
  LuaGoroutine* const goroutine_;
  const TableRule rule_ = goroutine_ ? goroutine_->table_rule : TableRule::kCopy;
  Parcel* const parcel_;
  HostWriter writer_;
  PointerMap numbers_;    // of tables in the queue, of handles in the parcel: their addresses never meet
  PointerMap functions_;  // of functions among those the goroutine holds
  GrowArray<Queued> queue_;
  bool needs_functions_ = false;
};

// Lower room: keeps a handle for a function of which the registry holds `reference`.
void KeepFunction(LuaGoroutine* goroutine, size_t index, int reference, HandleKind kind) noexcept {
  goroutine->seldom->held_functions[index].handle =
      MakeRef<LuaFunction>(Ref<LuaIsland>(goroutine->lua_island()), reference, Ref<DeadlockDomain>(goroutine->run()->domain()), kind);
}

}  // namespace

bool StaysInLua(lua_State* L, int index) noexcept {
  TableRule rule = CurrentGoroutine(L)->table_rule;
  const Table* table = hvalue(s2v(index < 0 ? L->top.p + index : L->ci->func.p + index));
  return rule == TableRule::kReference || (rule == TableRule::kObjects && table->metatable && MarkOf(L, table) == HostTag::kNil);
}

HostPack TryPackForHost(lua_State* L, int first, int count, Value* out, PackFailure* failure) noexcept {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  auto parcel = MakeRef<Parcel>();
  HostPacker packer(L, parcel.get());
  bool packed = packer.Pack(first, count);
  if (packed && packer.needs_functions()) return HostPack::kNeedsFunctions;
  if (goroutine && goroutine->seldom) goroutine->seldom->held_functions.clear();
  if (!packed) {
    *failure = std::move(packer.failure);
    return HostPack::kRefused;
  }
  // The host may wake who waits for these from now on.
  for (size_t i = 0; i < parcel->handles.size(); i++) {
    Handle* handle = parcel->handles[i].handle.get();
    if (!HostEnd::Counts(handle)) continue;
    HostEnd::Of(handle)->Hold();
    HostEnd::Of(handle)->Attach(goroutine->run()->domain());
  }
  *out = Value::OfParcel(std::move(parcel));
  return HostPack::kPacked;
}

void HoldFunctionsForHost(lua_State* L) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  int top = lua_gettop(L);
  size_t count = std::as_const(goroutine->seldom)->held_functions.size();
  if (count > LUAI_MAXSTACK) luaL_error(L, "too many functions for the host");
  luaL_checkstack(L, static_cast<int>(count) + 4, "too many functions for the host");
  // All of them stand on the stack before anything is allocated: a finalizer could drop them from where they were met.
  for (const HeldFunction& held : goroutine->seldom->held_functions) {
    if (held.handle) {
      lua_pushnil(L);
    } else if (held.light) {
      lua_pushcfunction(L, reinterpret_cast<lua_CFunction>(const_cast<void*>(held.function)));
    } else {
      setgcovalue(L, s2v(L->top.p), static_cast<GCObject*>(const_cast<void*>(held.function)));
      L->top.p++;
    }
  }
  for (size_t i = count; i > 0; i--) {
    if (lua_isnil(L, -1)) {
      lua_pop(L, 1);
    } else {
      HandleKind kind = lua_isfunction(L, -1) ? HandleKind::kLuaFunction : HandleKind::kLuaObject;
      KeepFunction(goroutine, i - 1, luaL_ref(L, LUA_REGISTRYINDEX), kind);
    }
  }
  lua_settop(L, top);
}

}  // namespace sloth
