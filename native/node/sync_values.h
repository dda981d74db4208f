// Single values between JavaScript and a synchronous engine, one Node-API call each. JavaScript thread only.
#pragma once

#include <napi.h>

#include <deque>
#include <string>

#include "lua/sync_engine.h"

namespace sloth {

// Where the texts of JavaScript strings stand until Lua has copied them.
class TextRoom {
 public:
  // The text of a string; false where UTF-8 does not hold it (a lone surrogate).
  void Reset() {
    used_ = 0;
    long_texts_.clear();
  }
  [[nodiscard]] bool TryRead(napi_env env, napi_value string, SyncValue* out);

 private:
  char bytes_[512];
  size_t used_ = 0;
  std::deque<std::string> long_texts_;
};

// What the value options leave to this short way.
struct PlainRules {
  bool strings = true;  // they become strings wherever they are UTF-8
  bool nulls = true;    // null is nil
};

// Reads a number, string, boolean, bigint, nil, or what the engine handed out. False for anything else.
[[nodiscard]] bool TryReadPlain(napi_env env, napi_value value, const SyncEngine& engine, PlainRules rules, TextRoom* room, SyncValue* out);
// The JavaScript value of a plain value; null for kHost and kOther, and for strings that are no text.
napi_value WritePlain(napi_env env, const SyncValue& value, PlainRules rules);

}  // namespace sloth
