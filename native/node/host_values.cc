#include "node/host_values.h"

#include <cmath>

#include "node/handle_values.h"

namespace sloth {
namespace {

constexpr double kLargestInteger = 9007199254740992.0;  // 2^53

// {kind: 'function'} objects carry this tag, so that nothing else is taken for one.
constexpr napi_type_tag kFunctionTag = {0x51074b1e5c1e4f0aULL, 0x9d3f2a6b7c8e1d02ULL};

struct FunctionHolder {
  Ref<LuaFunction> function;
};

class JsPacker {
 public:
  JsPacker(Napi::Env env, Parcel* parcel) : env_(env), writer_(parcel) {}

  bool Pack(Napi::Value value, int depth) {
    switch (value.Type()) {
      case napi_undefined:
      case napi_null: return Wrote(writer_.TryTag(HostTag::kNil));
      case napi_boolean: return Wrote(writer_.TryTag(value.As<Napi::Boolean>() ? HostTag::kTrue : HostTag::kFalse));
      case napi_number: return PackNumber(value.As<Napi::Number>().DoubleValue());
      case napi_bigint: return PackBigInt(value.As<Napi::BigInt>());
      case napi_string: return PackString(value);
      case napi_object: return PackObject(value.As<Napi::Object>(), depth);
      default: return Refuse("a value of this type cannot reach Lua");
    }
  }

  bool PackList(Napi::Array array, int depth) {
    uint32_t length = array.Length();
    if (!Wrote(writer_.TryCount(HostTag::kList, length))) return false;
    for (uint32_t i = 0; i < length; i++) {
      Napi::HandleScope scope(env_);
      Napi::Value item = array.Get(i);
      if (env_.IsExceptionPending() || !Pack(item, depth + 1)) return false;
    }
    return true;
  }

  // The properties, after a count that the caller writes.
  bool PackProperties(Napi::Object object, Napi::Array names, int depth) {
    for (uint32_t i = 0; i < names.Length(); i++) {
      Napi::HandleScope scope(env_);
      Napi::Value name = names.Get(i);
      if (env_.IsExceptionPending() || !PackString(name)) return false;
      Napi::Value item = object.Get(name);
      if (env_.IsExceptionPending() || !Pack(item, depth + 1)) return false;
    }
    return true;
  }

  bool Wrote(bool written) {
    if (!written) Napi::Error::New(env_, "not enough memory").ThrowAsJavaScriptException();
    return written;
  }
  HostWriter& writer() { return writer_; }

 private:
  bool Refuse(const char* reason) {
    Napi::TypeError::New(env_, reason).ThrowAsJavaScriptException();
    return false;
  }
  bool PackNumber(double number) {
    bool integer = number == std::floor(number) && std::fabs(number) <= kLargestInteger && !(number == 0 && std::signbit(number));
    return Wrote(integer ? writer_.TryInteger(static_cast<int64_t>(number)) : writer_.TryFloat(number));
  }
  bool PackBigInt(Napi::BigInt value) {
    bool lossless = false;
    int64_t integer = value.Int64Value(&lossless);
    return lossless ? Wrote(writer_.TryInteger(integer)) : Refuse("a bigint of more than 64 bits cannot reach Lua");
  }
  bool PackString(Napi::Value value) {
    std::string text = value.ToString().Utf8Value();
    return Wrote(writer_.TryString(text.data(), text.size()));
  }
  bool PackObject(Napi::Object object, int depth) {
    if (depth >= kHostDepth) return Refuse("an object nested too deep, or one that contains itself, cannot reach Lua");
    if (Ref<LuaFunction> function = UnwrapLuaFunction(object)) {
      return Wrote(writer_.TryHandle(Ref<Handle>(function.get()), HandleView::kFull));
    }
    if (HandleHolder* holder = HandleHolderOf(object)) {
      return Wrote(writer_.TryHandle(Ref<Handle>(holder->reference.handle), holder->reference.view));
    }
    if (object.IsArray()) return PackList(object.As<Napi::Array>(), depth);
    Napi::Value mark = object.Get(Napi::Symbol::For(env_, "sloth.hostFunction"));
    if (env_.IsExceptionPending()) return false;
    if (mark.IsBoolean() && mark.As<Napi::Boolean>()) return PackHostFunction(object);
    Napi::Array names = object.GetPropertyNames();
    if (env_.IsExceptionPending()) return false;
    if (!Wrote(writer_.TryCount(HostTag::kMap, names.Length()))) return false;
    return PackProperties(object, names, depth);
  }
  bool PackHostFunction(Napi::Object mark) {
    Napi::Value id = mark.Get("hostId");
    Napi::Value name = mark.Get("name");
    if (env_.IsExceptionPending()) return false;
    if (!id.IsNumber() || !name.IsString()) return Refuse("a host function mark needs hostId and name");
    auto function = MakeRef<HostFunction>(id.As<Napi::Number>().Uint32Value(), name.As<Napi::String>().Utf8Value());
    return Wrote(writer_.TryHandle(std::move(function), HandleView::kFull));
  }

  Napi::Env env_;
  HostWriter writer_;
};

Napi::Value UnpackOne(Napi::Env env, HostReader* reader);

Napi::Value UnpackInteger(Napi::Env env, int64_t value) {
  if (std::fabs(static_cast<double>(value)) < kLargestInteger) return Napi::Number::New(env, static_cast<double>(value));
  return Napi::BigInt::New(env, value);
}

Napi::Value UnpackText(Napi::Env env, HostReader* reader) {
  uint32_t length = reader->Count();
  return Napi::String::New(env, reader->Text(length), length);
}

Napi::Value UnpackMap(Napi::Env env, HostReader* reader) {
  uint32_t count = reader->Count();
  Napi::Object object = Napi::Object::New(env);
  for (uint32_t i = 0; i < count; i++) {
    Napi::Value key = UnpackOne(env, reader);
    Napi::Value item = UnpackOne(env, reader);
    // Defined, not assigned: a key named __proto__ is a key.
    napi_property_descriptor property = {};
    property.name = key.ToString();
    property.value = item;
    property.attributes = static_cast<napi_property_attributes>(napi_writable | napi_enumerable | napi_configurable);
    napi_define_properties(env, object, 1, &property);
  }
  return object;
}

Napi::Value UnpackHandle(Napi::Env env, const HandleRef& reference) {
  if (reference.handle->handle_kind() == HandleKind::kLuaFunction) {
    return WrapLuaFunction(env, Ref<LuaFunction>(static_cast<LuaFunction*>(reference.handle.get())));
  }
  if (reference.handle->handle_kind() == HandleKind::kHostFunction) {
    auto* function = static_cast<HostFunction*>(reference.handle.get());
    Napi::Object mark = Napi::Object::New(env);
    mark.Set("hostId", Napi::Number::New(env, function->id));
    mark.Set("name", Napi::String::New(env, function->name));
    mark.Set(Napi::Symbol::For(env, "sloth.hostFunction"), Napi::Boolean::New(env, true));
    return mark;
  }
  return WrapHandle(env, reference);
}

Napi::Value UnpackOne(Napi::Env env, HostReader* reader) {
  Napi::EscapableHandleScope scope(env);
  Napi::Value value;
  switch (reader->Tag()) {
    case HostTag::kNil: value = env.Undefined(); break;
    case HostTag::kFalse: value = Napi::Boolean::New(env, false); break;
    case HostTag::kTrue: value = Napi::Boolean::New(env, true); break;
    case HostTag::kInteger: value = UnpackInteger(env, reader->Integer()); break;
    case HostTag::kFloat: value = Napi::Number::New(env, reader->Float()); break;
    case HostTag::kString: value = UnpackText(env, reader); break;
    case HostTag::kList: {
      uint32_t count = reader->Count();
      Napi::Array array = Napi::Array::New(env, count);
      for (uint32_t i = 0; i < count; i++) array.Set(i, UnpackOne(env, reader));
      value = array;
      break;
    }
    case HostTag::kMap: value = UnpackMap(env, reader); break;
    case HostTag::kHandle: value = UnpackHandle(env, reader->HandleAt(reader->Count())); break;
  }
  return scope.Escape(value);
}

}  // namespace

bool TryPackArray(Napi::Env env, Napi::Value array, Value* out) {
  auto parcel = MakeRef<Parcel>();
  if (!array.IsArray()) {
    Napi::TypeError::New(env, "an array of values was expected").ThrowAsJavaScriptException();
    return false;
  }
  JsPacker packer(env, parcel.get());
  if (!packer.PackList(array.As<Napi::Array>(), 0)) return false;
  *out = Value::OfParcel(std::move(parcel));
  return true;
}

bool TryPackPairs(Napi::Env env, Napi::Value value, Value* out) {
  auto parcel = MakeRef<Parcel>();
  JsPacker packer(env, parcel.get());
  if (!value.IsObject()) {
    Napi::TypeError::New(env, "an object of values was expected").ThrowAsJavaScriptException();
    return false;
  }
  auto object = value.As<Napi::Object>();
  Napi::Array names = object.GetPropertyNames();
  if (env.IsExceptionPending()) return false;
  if (!packer.Wrote(packer.writer().TryCount(HostTag::kList, names.Length() * 2))) return false;
  if (!packer.PackProperties(object, names, 0)) return false;
  *out = Value::OfParcel(std::move(parcel));
  return true;
}

Napi::Value UnpackArray(Napi::Env env, const Value& list) {
  if (list.kind() != ValueKind::kParcel) return Napi::Array::New(env);
  HostReader reader(list.parcel());
  return UnpackOne(env, &reader);
}

Napi::Value WrapLuaFunction(Napi::Env env, Ref<LuaFunction> function) {
  Napi::Object object = Napi::Object::New(env);
  auto* holder = new FunctionHolder{std::move(function)};
  auto finalize = [](napi_env, void* data, void*) { delete static_cast<FunctionHolder*>(data); };
  if (napi_wrap(env, object, holder, finalize, nullptr, nullptr) != napi_ok) delete holder;
  napi_type_tag_object(env, object, &kFunctionTag);
  object.Set("kind", Napi::String::New(env, "function"));
  object.Set(Napi::Symbol::For(env, "sloth.luaFunction"), Napi::Boolean::New(env, true));
  return object;
}

namespace {

FunctionHolder* HolderOf(Napi::Value value) {
  if (!value.IsObject()) return nullptr;
  bool ours = false;
  if (napi_check_object_type_tag(value.Env(), value, &kFunctionTag, &ours) != napi_ok || !ours) return nullptr;
  void* data = nullptr;
  if (napi_unwrap(value.Env(), value, &data) != napi_ok) return nullptr;
  return static_cast<FunctionHolder*>(data);
}

}  // namespace

Ref<LuaFunction> UnwrapLuaFunction(Napi::Value value) {
  FunctionHolder* holder = HolderOf(value);
  return holder ? holder->function : Ref<LuaFunction>();
}

void ReleaseLuaFunction(Napi::Value value) {
  if (FunctionHolder* holder = HolderOf(value)) holder->function = nullptr;
}

}  // namespace sloth
