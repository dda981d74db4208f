#include "lua/analysis/captured_reach.h"

#include <cctype>
#include <cstring>

#include "lua/analysis/heap_read.h"
#include "lua/analysis/known_functions.h"
#include "lua/code.h"
#include "lua/library.h"
#include "lua/pack_library.h"
#include "lua/write_back.h"

namespace sloth {

namespace {

constexpr uint32_t kNowhere = UINT32_MAX;
constexpr const char* kMetatableStep = "(metatable)";

bool IsIdentifier(const char* name) {
  if (!std::isalpha(static_cast<unsigned char>(*name)) && *name != '_') return false;
  while (std::isalnum(static_cast<unsigned char>(*name)) || *name == '_') name++;
  return *name == '\0';
}

}  // namespace

void CapturedReach::AddAllOf(const CapturedReach& other, const ArenaArray<const Table*>& without) {
  for (const Table* table : without) IsNew(table);
  for (const Root& root : other.roots_) Add(&root.value, root.name);
}

void CapturedReach::Add(const TValue* value, const char* name) {
  roots_.Add(arena_, {*value, name});
  Visit(value, kNowhere, name);
  Drain();
}

void CapturedReach::AddFunction(const TValue* function) { Add(function, nullptr); }

std::string CapturedReach::PathTo(uint32_t at) const {
  std::string path;
  for (; at != kNowhere; at = places_[at].from) {
    const char* name = places_[at].name;
    if (!name) {
      GCObject* object = places_[at].object;
      if (object && places_[at].from != kNowhere && object->tt != LUA_VLCL) path = "[...]" + path;
      continue;
    }
    // What a function knows as an upvalue needs no path to that function.
    bool is_root = places_[at].from == kNowhere || places_[places_[at].from].object->tt == LUA_VLCL;
    if (is_root) return name + path;
    if (std::strcmp(name, kMetatableStep) == 0) continue;
    path = IsIdentifier(name) ? std::string(".").append(name) + path : "[\"" + std::string(name) + "\"]" + path;
  }
  return path;
}

bool CapturedReach::IsNew(const void* object) {
  uint32_t number;
  bool added;
  CHECK(seen_.TryFindOrAdd(object, 0, &number, &added));
  return added;
}

// At least so many bytes of the parcel (pack_writer.h).
void CapturedReach::Count(size_t bytes) {
  bytes_ += bytes;
  if (byte_limit_ && bytes_ > byte_limit_) too_large_ = true;
}

void CapturedReach::Found(ReachFinding::Kind kind, const char* what, uint32_t from, const char* name) {
  places_.Add(arena_, {nullptr, from, name});
  findings.Add(arena_, {kind, static_cast<uint32_t>(places_.size() - 1), what});
}

void CapturedReach::Visit(const TValue* value, uint32_t from, const char* name) {
  switch (ttypetag(value)) {
    case LUA_VSHRSTR: return Count(2);
    case LUA_VNUMFLT: return Count(9);
    case LUA_VNUMINT: return Count(ivalue(value) == static_cast<int8_t>(ivalue(value)) ? 2 : 9);
    case LUA_VLNGSTR:
      if (!IsNew(tsvalue(value))) return;
      Count(tsslen(tsvalue(value)));
      if (too_large_) Found(ReachFinding::Kind::kSize, "", from, name);
      return;
    case LUA_VTABLE: {
      Table* table = hvalue(value);
      if (!IsNew(table) || table == GlobalsOf(L_) || LibraryNameOf(L_, table)) return;
      if (WriteBackBehind(L_, table)) return Count(1);  // a reference
      tables.Add(arena_, table);
      return places_.Add(arena_, {obj2gco(table), from, name});
    }
    case LUA_VLCL:
      if (!IsNew(clLvalue(value))) return;
      functions.Add(arena_, *value);
      return places_.Add(arena_, {obj2gco(clLvalue(value)), from, name});
    case LUA_VLCF:
    case LUA_VCCL: return VisitCFunction(value, from, name);
    case LUA_VUSERDATA: return VisitUserdata(value, from, name);
    case LUA_VLIGHTUSERDATA: return Found(ReachFinding::Kind::kUncopyable, "light userdata", from, name);
    case LUA_VTHREAD:
      if (IsNew(thvalue(value))) Found(ReachFinding::Kind::kUncopyable, "coroutine", from, name);
      return;
    default: return Count(1);
  }
}

void CapturedReach::VisitCFunction(const TValue* value, uint32_t from, const char* name) {
  const void* identity = ttislcf(value) ? reinterpret_cast<const void*>(fvalue(value)) : clCvalue(value);
  if (!IsNew(identity)) return;
  functions.Add(arena_, *value);
  Count(2);
  if (EntryOf(value)) return;
  if (ttislcf(value)) {
    if (IsInLibraryTable(L_, fvalue(value))) return;
    return Found(ReachFinding::Kind::kUncopyable, "C function that is not a library function", from, name);
  }
  const CClosure* closure = clCvalue(value);
  if (closure->nupvalues == 1 && ttisfulluserdata(&closure->upvalue[0])) {
    Handle* handle = HandleOf(&closure->upvalue[0]);
    if (handle && handle->handle_kind() == HandleKind::kHostFunction) return;
    if (handle && handle->handle_kind() == HandleKind::kLuaFunction) return;
    if (handle && handle->handle_kind() == HandleKind::kCancelFunction) return;
  }
  LibraryFunction found;
  if (!FindLibraryFunction(L_, closure, &found)) {
    Found(ReachFinding::Kind::kUncopyable, "C function with upvalues", from, name);
  }
}

void CapturedReach::VisitUserdata(const TValue* value, uint32_t from, const char* name) {
  if (!IsNew(uvalue(value))) return;
  Count(4);
  Handle* handle = HandleOf(value);
  if (handle && !IsLock(handle->handle_kind())) return;
  const char* type = nullptr;
  if (const Table* metatable = uvalue(value)->metatable) {
    const TValue* known_as = RawField(L_, metatable, "__name", 6);
    if (ttisstring(known_as)) type = getstr(tsvalue(known_as));
  }
  if (handle) return Found(ReachFinding::Kind::kLock, type ? type : "mutex", from, name);
  bool is_file = type && std::strcmp(type, LUA_FILEHANDLE) == 0;
  Found(ReachFinding::Kind::kUncopyable, is_file ? "file" : "userdata", from, name);
}

void CapturedReach::Drain() {
  uint32_t at = kNowhere;
  while (scanned_ < places_.size() && !too_large_) {
    at = static_cast<uint32_t>(scanned_++);
    if (places_[at].object) Scan(at);
  }
  if (!too_large_) return;
  too_large_ = false;
  bytes_ = 0;
  scanned_ = places_.size();
  bool told = findings.size() > 0 && findings[findings.size() - 1].kind == ReachFinding::Kind::kSize;
  if (!told) findings.Add(arena_, {ReachFinding::Kind::kSize, at, ""});
}

void CapturedReach::Scan(uint32_t at) {
  GCObject* object = places_[at].object;
  if (object->tt == LUA_VTABLE) {
    ScanTable(gco2t(object), at);
  } else {
    ScanFunction(gco2lcl(object), at);
  }
}

void CapturedReach::ScanFunction(LClosure* closure, uint32_t at) {
  Count(4);
  uint32_t function;
  const Code* code = CodeOf(closure->p, &function);
  if (!code) return Found(ReachFinding::Kind::kUncopyable, "function the runtime did not load", at, nullptr);
  for (int i = 0; i < closure->nupvalues; i++) {
    if (!closure->upvals[i]) continue;
    const std::vector<CodeUpvalue>& upvalues = code->functions[function].upvalues;
    const char* name = static_cast<size_t>(i) < upvalues.size() ? upvalues[i].name.c_str() : nullptr;
    Visit(closure->upvals[i]->v.p, at, name);
  }
}

void CapturedReach::NoteMethod(const TValue* value) {
  if (ttisLclosure(value) && IsNew(reinterpret_cast<const char*>(clLvalue(value)) + 1)) {
    methods.Add(arena_, clLvalue(value));
  }
}

void CapturedReach::ScanTable(const Table* table, uint32_t at) {
  Count(4);
  if (table->metatable) ScanMetatable(table->metatable, at);
  unsigned int array_size = luaH_realasize(table);
  for (unsigned int i = 0; i < array_size && !too_large_; i++) {
    NoteMethod(&table->array[i]);
    Visit(&table->array[i], at, nullptr);
  }
  if (isdummy(table)) return;
  for (int i = 0; i < sizenode(table) && !too_large_; i++) {
    const Node* node = gnode(table, i);
    if (isempty(gval(node))) continue;
    const char* name = keyisshrstr(node) ? getstr(keystrval(node)) : nullptr;
    if (!name) {
      TValue key;
      getnodekey(L_, &key, node);
      Visit(&key, at, nullptr);
    }
    NoteMethod(gval(node));
    Visit(gval(node), at, name);
  }
}

void CapturedReach::ScanMetatable(Table* metatable, uint32_t at) {
  TValue value;
  sethvalue(L_, &value, metatable);
  Visit(&value, at, kMetatableStep);
  // Once as a metatable, beside its visit as a table.
  if (isdummy(metatable) || !IsNew(reinterpret_cast<const char*>(metatable) + 1)) return;
  for (int i = 0; i < sizenode(metatable); i++) {
    const Node* node = gnode(metatable, i);
    if (!keyisshrstr(node) || isempty(gval(node))) continue;
    int event = EventNamed(TextOf(keystrval(node)));
    if (event < 0) continue;
    if (event == TM_GC) Found(ReachFinding::Kind::kUncopyable, "table with a finalizer", at, nullptr);
    if (event == TM_MODE) Found(ReachFinding::Kind::kUncopyable, "weak table", at, nullptr);
    if (ttisfunction(gval(node))) events |= 1u << event;
  }
}

}  // namespace sloth
