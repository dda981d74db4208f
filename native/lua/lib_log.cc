// The log module: one line a message, with time and level, to the runtime's diagnostics.
#include <algorithm>
#include <ctime>

#include "lua/island.h"
#include "lua/registry_tables.h"

namespace sloth {
namespace {

// The time of day as "16:05:33.120".
void AddTime(luaL_Buffer* buffer, int64_t wall_time) {
  time_t seconds = wall_time / kSecond;
  tm parts;
  localtime_r(&seconds, &parts);
  char text[32];
  int length = std::snprintf(text, sizeof text, "%02d:%02d:%02d.%03d ", parts.tm_hour, parts.tm_min, parts.tm_sec,
                             static_cast<int>(wall_time % kSecond / kMillisecond));
  luaL_addlstring(buffer, text, static_cast<size_t>(length));
}

bool NeedsQuotes(const char* text, size_t length) {
  if (length == 0) return true;
  return std::any_of(text, text + length, [](unsigned char c) { return c <= ' ' || c == '"' || c == '=' || c == 0x7f; });
}

// Pushes the fields of the table at `index` as " key=value ..." sorted by key. [index+1...] scratch.
void PushFields(lua_State* L, int index) {
  lua_newtable(L);
  int list = lua_gettop(L);
  lua_pushnil(L);
  lua_Integer count = 0;
  while (lua_next(L, index)) {
    luaL_tolstring(L, -2, nullptr);
    lua_pushliteral(L, "=");
    size_t length;
    const char* text = luaL_tolstring(L, -3, &length);
    if (NeedsQuotes(text, length)) {
      lua_pushvalue(L, -1);
      lua_remove(L, -2);
      // %q of string.format writes a literal; here only quotes, backslashes and control characters are escaped.
      luaL_Buffer quoted;
      luaL_buffinit(L, &quoted);
      luaL_addchar(&quoted, '"');
      for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (c == '"' || c == '\\') luaL_addchar(&quoted, '\\');
        if (c == '\n') {
          luaL_addstring(&quoted, "\\n");
        } else {
          luaL_addchar(&quoted, c);
        }
      }
      luaL_addchar(&quoted, '"');
      luaL_pushresult(&quoted);
      lua_remove(L, -2);
    }
    lua_concat(L, 3);
    lua_rawseti(L, list, ++count);
    lua_pop(L, 1);
  }
  // Few fields: a simple insertion sort on the strings keeps the order stable between runs.
  for (lua_Integer i = 2; i <= count; i++) {
    for (lua_Integer j = i; j > 1; j--) {
      lua_rawgeti(L, list, j - 1);
      lua_rawgeti(L, list, j);
      if (lua_compare(L, -2, -1, LUA_OPLE)) {
        lua_pop(L, 2);
        break;
      }
      lua_rawseti(L, list, j - 1);
      lua_rawseti(L, list, j);
    }
  }
  luaL_Buffer all;
  luaL_buffinit(L, &all);
  for (lua_Integer i = 1; i <= count; i++) {
    luaL_addchar(&all, ' ');
    lua_rawgeti(L, list, i);
    luaL_addvalue(&all);
  }
  luaL_pushresult(&all);
  lua_remove(L, list);
}

int Write(lua_State* L, LogLevel level, const char* name) {
  luaL_checkany(L, 1);
  if (!lua_isnoneornil(L, 2)) luaL_checktype(L, 2, LUA_TTABLE);
  World* world = IslandOf(L)->world();
  if (level < world->log_level) return 0;
  lua_settop(L, 2);
  luaL_tolstring(L, 1, nullptr);
  if (lua_istable(L, 2)) {
    PushFields(L, 2);
  } else {
    lua_pushliteral(L, "");
  }
  luaL_Buffer buffer;
  luaL_buffinit(L, &buffer);
  if (name) {
    AddTime(&buffer, world->scheduler->clock()->WallTime());
    luaL_addstring(&buffer, name);
  }
  lua_pushvalue(L, 3);
  luaL_addvalue(&buffer);
  lua_pushvalue(L, 4);
  luaL_addvalue(&buffer);
  luaL_addchar(&buffer, '\n');
  luaL_pushresult(&buffer);
  size_t length;
  const char* text = lua_tolstring(L, -1, &length);
  world->err->Write(text, length);
  return 0;
}

int Debug(lua_State* L) { return Write(L, LogLevel::kDebug, "DEBUG "); }
int Info(lua_State* L) { return Write(L, LogLevel::kInfo, "INFO  "); }
int Success(lua_State* L) { return Write(L, LogLevel::kInfo, "OK    "); }
int Warn(lua_State* L) { return Write(L, LogLevel::kWarn, "WARN  "); }
int Error(lua_State* L) { return Write(L, LogLevel::kError, "ERROR "); }
int PrintLine(lua_State* L) { return Write(L, LogLevel::kInfo, nullptr); }

constexpr auto kNo = MaySwitch::kNo;
constexpr auto kNone = StoresInto::kNothing;
constexpr const char kArguments[] = "message: any, fields?: table";
constexpr const char kErrors[] = "raises when fields is no table";

}  // namespace

extern const FunctionEntry kLogFunctions[] = {
    {"log", "debug", Debug, kArguments, "", "", kErrors, kNo, kNone, false, false, "1.0",
     "Writes a line for those who look for errors; shown with `--log-level debug`."},
    {"log", "info", Info, kArguments, "", "", kErrors, kNo, kNone, false, false, "1.0",
     "Writes a line with time and level to standard error; `fields` are appended as `key=value`."},
    {"log", "success", Success, kArguments, "", "", kErrors, kNo, kNone, false, false, "1.0",
     "As `log.info`, for what went well."},
    {"log", "warn", Warn, kArguments, "", "", kErrors, kNo, kNone, false, false, "1.0",
     "As `log.info`, for what may be wrong."},
    {"log", "error", Error, kArguments, "", "", kErrors, kNo, kNone, false, false, "1.0",
     "As `log.info`, for what is wrong."},
    {"log", "print", PrintLine, kArguments, "", "", kErrors, kNo, kNone, false, false, "1.0",
     "Writes a line without time and level to standard error."},
};
SLOTH_REGISTRY_COUNT(Log);

}  // namespace sloth
