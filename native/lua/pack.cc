#include "lua/pack.h"

#include "lua/code_heap.h"
#include "lua/library.h"
#include "lua/pack_library.h"
#include "lua/pack_walk.h"

namespace sloth {

namespace {

bool OutOfMemory(PackFailure* failure) {
  *failure = PackFailure{};
  failure->out_of_memory = true;
  return false;
}

Ref<Parcel> TryMakeParcel() noexcept { return Ref<Parcel>::Adopt(new (std::nothrow) Parcel); }

// Packs what needs no parcel. False: it needs one.
bool TryPackInline(const TValue* value, Value* out) {
  switch (ttypetag(value)) {
    case LUA_VNIL: *out = Value(); return true;
    case LUA_VFALSE: *out = Value::Boolean(false); return true;
    case LUA_VTRUE: *out = Value::Boolean(true); return true;
    case LUA_VNUMINT: *out = Value::Integer(ivalue(value)); return true;
    case LUA_VNUMFLT: *out = Value::Float(fltvalue(value)); return true;
    case LUA_VSHRSTR: {
      const TString* string = tsvalue(value);
      if (string->shrlen > Value::kMaxShortString) return false;
      *out = Value::ShortString(getstr(string), string->shrlen);
      return true;
    }
    case LUA_VCCL:
    case LUA_VUSERDATA: {
      HandleView view;
      Handle* handle = HandleOf(value, &view);
      if (handle) *out = Value::OfHandle(Ref<Handle>(handle), view);
      return handle != nullptr;
    }
    default: return false;
  }
}

bool PackList(lua_State* L, int first, int count, RootKind kind, const SpawnCapture* capture, Value* out,
              PackFailure* failure) noexcept {
  Ref<Parcel> parcel = TryMakeParcel();
  if (!parcel) return OutOfMemory(failure);
  Packer packer(L, parcel, 0);
  if (capture) packer.ReferTo(&capture->written);
  bool packed = packer.Begin();
  for (int i = 0; packed && i < count; i++) {
    packed = packer.PackRoot(StackValue(L, first + i), kind, static_cast<uint32_t>(i));
  }
  packed = packed && packer.Finish({.values = static_cast<uint32_t>(count)});
  if (!packed) {
    packer.Describe(nullptr, failure);
    return false;
  }
  *out = Value::OfParcel(std::move(parcel));
  return true;
}

// The value of a captured field at the spawn; nil when the library is not there.
const TValue* FieldValue(lua_State* L, const CapturedField& field) {
  static const TValue nil = {{}, LUA_VNIL};
  Table* library = FindLibraryTable(L, field.library.c_str());
  return library ? RawField(L, library, field.field.data(), field.field.size()) : &nil;
}

bool PackCapture(lua_State* L, const SpawnCapture& capture, Packer* packer) {
  for (size_t i = 0; i < capture.globals.size(); i++) {
    const std::string& name = capture.globals[i].name;
    const TValue* value = RawField(L, GlobalsOf(L), name.data(), name.size());
    if (!packer->PackName(name)) return false;
    if (!packer->PackRoot(value, RootKind::kGlobal, static_cast<uint32_t>(i))) return false;
  }
  for (size_t i = 0; i < capture.fields.size(); i++) {
    const CapturedField& field = capture.fields[i];
    if (!packer->PackName(field.library) || !packer->PackName(field.field)) return false;
    if (!packer->PackRoot(FieldValue(L, field), RootKind::kField, static_cast<uint32_t>(i))) return false;
  }
  return true;
}

}  // namespace

bool TryPackValue(lua_State* L, int index, Value* out, PackFailure* failure) noexcept {
  index = lua_absindex(L, index);
  if (TryPackInline(StackValue(L, index), out)) return true;
  return PackList(L, index, 1, RootKind::kOnly, nullptr, out, failure);
}

bool TryPackValues(lua_State* L, int first, int count, Value* out, PackFailure* failure) noexcept {
  first = lua_absindex(L, first);
  // A nil alone would read as no value at all.
  if (count == 1 && !ttisnil(StackValue(L, first)) && TryPackInline(StackValue(L, first), out)) return true;
  return PackList(L, first, count, RootKind::kListed, nullptr, out, failure);
}

bool TryPackWatched(lua_State* L, int first, int count, const SpawnCapture& capture, Value* out, PackFailure* failure) noexcept {
  return PackList(L, lua_absindex(L, first), count, RootKind::kListed, &capture, out, failure);
}

bool TryPackSpawn(lua_State* L, int index, int argument_count, const SpawnCapture& capture, size_t byte_limit,
                  Value* out, PackFailure* failure) noexcept {
  index = lua_absindex(L, index);
  Ref<Parcel> parcel = TryMakeParcel();
  if (!parcel) return OutOfMemory(failure);
  Packer packer(L, parcel, byte_limit);
  packer.ReferTo(&capture.written);
  bool packed = packer.Begin() && packer.PackRoot(StackValue(L, index), RootKind::kFunction, 0);
  for (int i = 0; packed && i < argument_count; i++) {
    packed = packer.PackRoot(StackValue(L, index + 1 + i), RootKind::kArgument, static_cast<uint32_t>(i));
  }
  PackHeader header{.values = static_cast<uint32_t>(argument_count) + 1,
                    .globals = static_cast<uint32_t>(capture.globals.size()),
                    .fields = static_cast<uint32_t>(capture.fields.size())};
  packed = packed && PackCapture(L, capture, &packer) && packer.Finish(header);
  if (!packed) {
    packer.Describe(&capture, failure);
    return false;
  }
  *out = Value::OfParcel(std::move(parcel));
  return true;
}

}  // namespace sloth
