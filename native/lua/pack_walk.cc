#include "lua/pack_walk.h"

#include <algorithm>
#include <iterator>

#include "lua/heap.h"
#include "lua/library.h"
#include "lua/pack_library.h"
#include "lua/registry.h"
#include "lua/write_back.h"

namespace sloth {

namespace {

// Objects are numbered with 32 bits; a heap that needs more is refused like one that memory cannot hold.
constexpr uint32_t kMaxObjects = UINT32_MAX - 1;

// Room for a function and a few captures, or a small table, without growing.
constexpr size_t kTypicalBytes = 128;

bool IsFile(lua_State* L, const Udata* userdata) {
  const TValue* files = RawField(L, hvalue(&G(L)->l_registry), LUA_FILEHANDLE, std::strlen(LUA_FILEHANDLE));
  return userdata->metatable && ttistable(files) && hvalue(files) == userdata->metatable;
}

}  // namespace

Packer::Packer(lua_State* L, Ref<Parcel> parcel, size_t byte_limit)
    : L_(L),
      parcel_(std::move(parcel)),
      writer_(parcel_.get()),
      byte_limit_(byte_limit ? byte_limit : SIZE_MAX),
      globals_(GlobalsOf(L)) {}

bool Packer::Begin() {
  size_t place;
  return (writer_.Reserve(kTypicalBytes) && writer_.Skip(sizeof(PackHeader), &place)) || NoMemory();
}

bool Packer::PackRoot(const TValue* value, RootKind kind, uint32_t number) {
  PackOrigin origin{number, kind};
  if (TooLarge()) return RefuseSize();
  return PackValue(value, origin) || FailedAt(origin, {});
}

bool Packer::PackName(const std::string& name) {
  object_count_++;
  return (writer_.Tag(PackTag::kString) && writer_.Text(name.data(), name.size())) || NoMemory();
}

bool Packer::Finish(PackHeader header) {
  for (uint32_t i = 0; i < queue_.size(); i++) {
    if (!WriteRecord(i)) return false;
  }
  if (TooLarge()) return RefuseSize();
  header.objects = object_count_;
  header.records = static_cast<uint32_t>(queue_.size());
  header.libraries = libraries_;
  header.function_count = function_count_;
  std::copy_n(functions_, function_count_, header.functions);
  for (size_t i = 0; i < parcel_->handles.size(); i++) {
    header.kinds |= 1u << static_cast<uint32_t>(parcel_->handles[i].handle->handle_kind());
  }
  writer_.PatchHeader(header);
  return true;
}

Packer::Mention Packer::Mentioned(const void* object) {
  uint32_t number;
  bool added;
  if (object_count_ >= kMaxObjects || !numbers_.TryFindOrAdd(object, object_count_, &number, &added)) {
    NoMemory();
    return Mention::kFailed;
  }
  if (added) {
    object_count_++;
    return Mention::kFirst;
  }
  if (writer_.Number(PackTag::kObject, number)) return Mention::kAgain;
  NoMemory();
  return Mention::kFailed;
}

bool Packer::Enqueue(GCObject* object, const PackOrigin& origin) {
  return queue_.TryAppend(Queued{object, origin}) || NoMemory();
}

bool Packer::PackValue(const TValue* value, const PackOrigin& origin) {
  switch (ttypetag(value)) {
    case LUA_VFALSE: return writer_.Tag(PackTag::kFalse) || NoMemory();
    case LUA_VTRUE: return writer_.Tag(PackTag::kTrue) || NoMemory();
    case LUA_VNUMINT: return writer_.Integer(ivalue(value)) || NoMemory();
    case LUA_VNUMFLT: return writer_.Float(fltvalue(value)) || NoMemory();
    case LUA_VSHRSTR:
    case LUA_VLNGSTR: return PackString(tsvalue(value));
    case LUA_VTABLE: return PackTable(hvalue(value), origin);
    case LUA_VLCL: return PackFunction(clLvalue(value), origin);
    case LUA_VLCF: return PackCFunction(fvalue(value));
    case LUA_VCCL:
    case LUA_VUSERDATA: return PackHandle(value);
    case LUA_VLIGHTUSERDATA: return Refuse("a light userdata cannot leave its island");
    case LUA_VTHREAD: return Refuse("a coroutine cannot leave its island");
    default: return writer_.Tag(PackTag::kNil) || NoMemory();
  }
}

bool Packer::PackString(const TString* string) {
  Mention mention = Mentioned(string);
  if (mention != Mention::kFirst) return mention == Mention::kAgain;
  size_t length = tsslen(string);
  if (length > byte_limit_) return RefuseSize();  // before it is copied
  return (writer_.Tag(PackTag::kString) && writer_.Text(getstr(string), length)) || NoMemory();
}

bool Packer::PackTable(Table* table, const PackOrigin& origin) {
  Mention mention = Mentioned(table);
  if (mention != Mention::kFirst) return mention == Mention::kAgain;
  const char* library = table == globals_ ? LUA_GNAME : LibraryNameOf(L_, table);
  if (library) {
    if (int index = LibraryIndex(library); index >= 0) libraries_ |= 1u << index;
    return (writer_.Tag(PackTag::kLibraryTable) && writer_.Text(library, std::strlen(library))) || NoMemory();
  }
  if (Handle* name = NameOf(table)) {
    if (!written_) return Refuse("a table whose stores go to another island cannot leave this one");
    return PackWritten(name);
  }
  return (writer_.Tag(PackTag::kTable) || NoMemory()) && Enqueue(obj2gco(table), origin);
}

Handle* Packer::NameOf(const Table* table) const {
  for (size_t i = 0; written_ && i < written_->size(); i++) {
    if ((*written_)[i].table == table) return (*written_)[i].name.get();
  }
  return WriteBackBehind(L_, table);
}

bool Packer::PackWritten(Handle* name) {
  size_t number = parcel_->handles.size();
  bool kept = parcel_->handles.TryAppend({Ref<Handle>(name), HandleView::kFull});
  return (kept && writer_.Number(PackTag::kWrittenTable, number)) || NoMemory();
}

void Packer::NoteFunction(uint32_t code_number, uint32_t function_index) {
  uint32_t* end = functions_ + function_count_;
  bool known = std::find(functions_, end, function_index) != end;
  if (code_number == 0 && !known && function_count_ < std::size(functions_)) functions_[function_count_++] = function_index;
}

bool Packer::PackFunction(LClosure* closure, const PackOrigin& origin) {
  Mention mention = Mentioned(closure);
  if (mention != Mention::kFirst) return mention == Mention::kAgain;
  uint32_t function_index;
  const Code* code = CodeOf(closure->p, &function_index);
  if (!code) return Refuse("a function that was not loaded by the runtime cannot leave its island");
  libraries_ |= code->functions[function_index].libraries;
  auto code_number = static_cast<uint32_t>(parcel_->codes.size());
  bool added;
  if (!numbers_.TryFindOrAdd(code, code_number, &code_number, &added)) return NoMemory();
  if (added && !parcel_->codes.TryAppend(Ref<RefCounted>(const_cast<Code*>(code)))) return NoMemory();
  NoteFunction(code_number, function_index);
  return (writer_.Numbers(PackTag::kFunction, code_number, function_index) || NoMemory()) &&
         Enqueue(obj2gco(closure), origin);
}

bool Packer::PackCFunction(lua_CFunction function) {
  if (!FindFunction(function) && !IsInLibraryTable(L_, function)) {
    return Refuse("a C function that is not a library function cannot leave its island");
  }
  return writer_.Address(PackTag::kCFunction, reinterpret_cast<const void*>(function)) || NoMemory();
}

// A handle, or what may look like one.
bool Packer::PackHandle(const TValue* value) {
  Mention mention = Mentioned(gcvalue(value));
  if (mention != Mention::kFirst) return mention == Mention::kAgain;
  HandleView view;
  if (Handle* handle = HandleOf(value, &view)) {
    size_t number = parcel_->handles.size();
    bool kept = parcel_->handles.TryAppend({Ref<Handle>(handle), view});
    return (kept && writer_.Number(PackTag::kHandle, number)) || NoMemory();
  }
  if (ttisCclosure(value)) return PackCClosure(clCvalue(value));
  if (IsFile(L_, uvalue(value))) return Refuse("a file cannot leave its island");
  return Refuse("a userdata cannot leave its island");
}

bool Packer::PackCClosure(const CClosure* closure) {
  LibraryFunction found;
  if (!FindLibraryFunction(L_, closure, &found)) {
    return Refuse("a C function with upvalues cannot leave its island");
  }
  return (writer_.Tag(PackTag::kLibraryFunction) && writer_.Text(found.library, std::strlen(found.library)) &&
          writer_.Text(found.field, std::strlen(found.field))) ||
         NoMemory();
}

bool Packer::NoMemory() {
  out_of_memory_ = true;
  return false;
}

bool Packer::Refuse(const char* reason) {
  reason_ = reason;
  return false;
}

bool Packer::RefuseSize() {
  too_large_ = true;
  return false;
}

bool Packer::FailedAt(const PackOrigin& here, const PackStep& step) {
  place_ = here;
  step_ = step;
  return false;
}

}  // namespace sloth
