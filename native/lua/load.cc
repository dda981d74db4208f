#include "lua/load.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <sys/stat.h>

#include "lua/code.h"
#include "lua/code_libraries.h"
#include "lua/island.h"
#include "lua/widen.h"

namespace sloth {
namespace {

// Holds text between the lower room that makes it and the upper room that reads it.
class TextHolder final : public RefCounted {
 public:
  std::string text;
  GrowArray<char> widened;
};

// Lower room: the widened text in the goroutine's `holding` slot; null without memory.
const GrowArray<char>* Widen(LuaGoroutine* goroutine, const char* text, size_t length) noexcept {
  auto holder = MakeRef<TextHolder>();
  const GrowArray<char>* result = TryWiden(text, length, &holder->widened) ? &holder->widened : nullptr;
  goroutine->scratch().holding = std::move(holder);
  return result;
}

// Lower room: reads a whole file into the `holding` slot. On failure the message is in `text` and null is returned.
const std::string* ReadWhole(LuaGoroutine* goroutine, const char* path) noexcept {
  auto holder = MakeRef<TextHolder>();
  struct stat info;
  FILE* file = stat(path, &info) == 0 && S_ISDIR(info.st_mode) ? (errno = EISDIR, nullptr) : std::fopen(path, "rb");
  if (!file) {
    goroutine->scratch().text = std::string("cannot open ") + path + ": " + std::strerror(errno);
    return nullptr;
  }
  char buffer[16384];
  size_t count;
  while ((count = std::fread(buffer, 1, sizeof buffer, file)) > 0) holder->text.append(buffer, count);
  bool failed = std::ferror(file) != 0;
  std::fclose(file);
  if (failed) {
    goroutine->scratch().text = std::string("cannot read ") + path + ": " + std::strerror(errno);
    return nullptr;
  }
  const std::string* result = &holder->text;
  goroutine->scratch().holding = std::move(holder);
  return result;
}

// Where Lua begins: behind a byte order mark and a first line that starts with #, whose newline is kept.
size_t SkipPrefix(const std::string& text) {
  size_t start = text.compare(0, 3, "\xEF\xBB\xBF") == 0 ? 3 : 0;
  if (start < text.size() && text[start] == '#') {
    while (start < text.size() && text[start] != '\n') start++;
  }
  return start;
}

// A task file is one by its name.
Dialect DialectOf(const char* path) {
  std::string_view name = path;
  return name.ends_with(".sloth") ? Dialect::kTask : Dialect::kLua;
}

void RestoreMessageOnTop(lua_State* L, LuaGoroutine* goroutine) {
  size_t length;
  const char* message = lua_tolstring(L, -1, &length);
  goroutine->scratch().text = RestoreMessage(message, length);
  lua_pushlstring(L, goroutine->scratch().text.data(), goroutine->scratch().text.size());
  lua_remove(L, -2);
}

}  // namespace

bool LoadText(lua_State* L, const char* text, size_t length, const char* chunk_name, Dialect dialect, CodeOrigin origin) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (length > 0 && text[0] == LUA_SIGNATURE[0]) {
    lua_pushfstring(L, "%s: bytecode is not loaded, only Lua text", chunk_name + (*chunk_name == '@' || *chunk_name == '='));
    return false;
  }
  const GrowArray<char>* widened = nullptr;
  if (dialect == Dialect::kTask && goroutine) {
    widened = Widen(goroutine, text, length);
    if (!widened) luaL_error(L, "not enough memory");
    text = widened->data();
    length = widened->size();
  }
  int status = luaL_loadbufferx(L, text, length, chunk_name, "t");
  if (widened) goroutine->scratch().holding = nullptr;
  if (status != LUA_OK) {
    if (widened) RestoreMessageOnTop(L, goroutine);
    return false;
  }
  if (widened) RestoreWords(L, -1);
  AttachCode(L, -1, origin);
  EnsureLibrariesOfChunk(L);
  return true;
}

bool LoadFile(lua_State* L, const char* path) {
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  if (!goroutine) luaL_error(L, "files cannot be loaded here: no goroutine runs");
  const std::string* text = ReadWhole(goroutine, path);
  if (!text) {
    lua_pushlstring(L, goroutine->scratch().text.data(), goroutine->scratch().text.size());
    return false;
  }
  size_t start = SkipPrefix(*text);
  lua_pushlstring(L, text->data() + start, text->size() - start);  // Lua's memory from here on
  goroutine->scratch().holding = nullptr;
  lua_pushfstring(L, "@%s", path);
  size_t length;
  const char* source = lua_tolstring(L, -2, &length);
  bool loaded = LoadText(L, source, length, lua_tostring(L, -1), DialectOf(path), CodeOrigin::kWhole);
  lua_replace(L, -3);
  lua_pop(L, 1);
  return loaded;
}

}  // namespace sloth
