#include "node/sync_values.h"

#include <cmath>
#include <cstring>

#include "data/host_format.h"
#include "node/handle_values.h"

namespace sloth {
namespace {

constexpr double kLargestInteger = 9007199254740991.0;
constexpr int64_t kLargestSafe = (int64_t{1} << 53) - 1;

// What Node-API writes for a lone surrogate; where it stands, the text must be looked at closely.
bool HasReplacement(const char* text, size_t length) {
  for (const char* end = text + length; length > 0;) {
    auto* found = static_cast<const char*>(std::memchr(text, '\xEF', length));
    if (!found) return false;
    if (end - found >= 3 && found[1] == '\xBF' && found[2] == '\xBD') return true;
    text = found + 1;
    length = static_cast<size_t>(end - text);
  }
  return false;
}

// Surrogates are three bytes in our texts, which JavaScript's own UTF-8 does not have.
bool HasSurrogate(const char* text, size_t length) {
  for (size_t i = 0; i + 1 < length; i++) {
    if (text[i] == '\xED' && static_cast<unsigned char>(text[i + 1]) >= 0xA0) return true;
  }
  return false;
}

void ReadNumber(double number, SyncValue* out) {
  bool integer = std::abs(number) <= kLargestInteger && number == static_cast<double>(static_cast<int64_t>(number)) && !(number == 0 && std::signbit(number));
  if (integer) {
    out->kind = SyncKind::kInteger;
    out->integer = static_cast<int64_t>(number);
  } else {
    out->kind = SyncKind::kFloat;
    out->number = number;
  }
}

}  // namespace

bool TextRoom::TryRead(napi_env env, napi_value string, SyncValue* out) {
  char* place = bytes_ + used_;
  size_t room = sizeof bytes_ - used_;
  size_t length = 0;
  if (room < 64 || napi_get_value_string_utf8(env, string, place, room, &length) != napi_ok || length + 4 >= room) {
    // It may have been cut off.
    if (napi_get_value_string_utf8(env, string, nullptr, 0, &length) != napi_ok) return false;
    long_texts_.emplace_back(length + 1, '\0');
    place = long_texts_.back().data();
    if (napi_get_value_string_utf8(env, string, place, length + 1, &length) != napi_ok) return false;
  } else {
    used_ += length;
  }
  out->kind = SyncKind::kString;
  out->text = place;
  out->length = length;
  return !HasReplacement(place, length);
}

bool TryReadPlain(napi_env env, napi_value value, const SyncEngine& engine, PlainRules rules, TextRoom* room, SyncValue* out) {
  napi_valuetype type = napi_undefined;
  if (napi_typeof(env, value, &type) != napi_ok) return false;
  switch (type) {
    case napi_undefined: out->kind = SyncKind::kNil; return true;
    case napi_null: out->kind = SyncKind::kNil; return rules.nulls;
    case napi_boolean: {
      bool flag = false;
      napi_get_value_bool(env, value, &flag);
      out->kind = flag ? SyncKind::kTrue : SyncKind::kFalse;
      return true;
    }
    case napi_number: {
      double number = 0;
      napi_get_value_double(env, value, &number);
      ReadNumber(number, out);
      return true;
    }
    case napi_string: return room->TryRead(env, value, out);
    case napi_bigint: {
      bool lossless = false;
      out->kind = SyncKind::kInteger;
      return napi_get_value_bigint_int64(env, value, &out->integer, &lossless) == napi_ok && lossless;
    }
    case napi_function:
    case napi_object: {
      HandleHolder* holder = HandleHolderOf(Napi::Value(env, value));
      out->kind = SyncKind::kReference;
      return holder && engine.ReferenceOf(holder->reference.handle.get(), &out->reference);
    }
    default: return false;
  }
}

napi_value WritePlain(napi_env env, const SyncValue& value, PlainRules rules) {
  napi_value result = nullptr;
  switch (value.kind) {
    case SyncKind::kNil: napi_get_undefined(env, &result); break;
    case SyncKind::kFalse: napi_get_boolean(env, false, &result); break;
    case SyncKind::kTrue: napi_get_boolean(env, true, &result); break;
    case SyncKind::kFloat: napi_create_double(env, value.number, &result); break;
    case SyncKind::kInteger:
      if (value.integer >= -kLargestSafe && value.integer <= kLargestSafe) {
        napi_create_double(env, static_cast<double>(value.integer), &result);
      } else {
        napi_create_bigint_int64(env, value.integer, &result);
      }
      break;
    case SyncKind::kString:
      if (!rules.strings) return nullptr;
      if (IsAscii(value.text, value.length)) {
        napi_create_string_latin1(env, value.text, value.length, &result);
      } else if (IsText(value.text, value.length) && !HasSurrogate(value.text, value.length)) {
        napi_create_string_utf8(env, value.text, value.length, &result);
      }
      break;
    default: break;
  }
  return result;
}

}  // namespace sloth
