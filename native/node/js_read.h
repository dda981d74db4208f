// Reading what JavaScript passed. Each read gives a default instead of failing: while an environment is torn down under a
// call, Node-API refuses most of them, and an empty value may not be touched.
#pragma once

#include <napi.h>

#include <string>
#include <vector>

namespace sloth {

// The value itself, or undefined where a refused call left none.
inline Napi::Value Given(Napi::Env env, Napi::Value value) { return value.IsEmpty() ? env.Undefined() : value; }

inline Napi::Value PropertyOf(Napi::Object object, const char* name) { return Given(object.Env(), object.Get(name)); }
inline Napi::Value ElementOf(Napi::Array array, uint32_t index) { return Given(array.Env(), array.Get(index)); }

inline std::string TextOf(Napi::Value value) { return value.IsString() ? value.As<Napi::String>().Utf8Value() : std::string(); }
inline double NumberOf(Napi::Value value) { return value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : 0; }
inline bool FlagOf(Napi::Value value) { return value.IsBoolean() && value.As<Napi::Boolean>().Value(); }
// Ids and counts from JavaScript: integers up to 2^53; zero for anything else.
inline int64_t IntegerOf(Napi::Value value) { return value.IsNumber() ? value.As<Napi::Number>().Int64Value() : 0; }

inline std::vector<std::string> TextsOf(Napi::Value value) {
  std::vector<std::string> texts;
  if (!value.IsArray()) return texts;
  auto list = value.As<Napi::Array>();
  for (uint32_t i = 0; i < list.Length(); i++) texts.push_back(TextOf(ElementOf(list, i)));
  return texts;
}

// The bytes of a typed array, or the text of a string.
inline std::string BytesOf(Napi::Value value) {
  if (!value.IsTypedArray()) return TextOf(value);
  auto array = value.As<Napi::Uint8Array>();
  return std::string(reinterpret_cast<const char*>(array.Data()), array.ByteLength());
}

}  // namespace sloth
