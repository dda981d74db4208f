#include "lua/channel_priority.h"

namespace sloth {
namespace {

// Lower room: the level of that name, from 1; 0 when there is none.
int64_t LevelNamed(Channel* channel, const char* name) noexcept {
  const std::vector<std::string>& names = channel->options().level_names;
  for (size_t i = 0; i < names.size(); i++) {
    if (names[i] == name) return static_cast<int64_t>(i) + 1;
  }
  return 0;
}

// Pushes the names in one string. Upper room: the names belong to the channel, which the caller keeps.
void PushNames(lua_State* L, Channel* channel) {
  luaL_Buffer buffer;
  luaL_buffinit(L, &buffer);
  const std::vector<std::string>& names = channel->options().level_names;
  for (size_t i = 0; i < names.size(); i++) {
    if (i > 0) luaL_addstring(&buffer, ", ");
    luaL_addlstring(&buffer, names[i].data(), names[i].size());
  }
  luaL_pushresult(&buffer);
}

bool PushProblem(lua_State* L, int index, Channel* channel) {
  const char* got = luaL_tolstring(L, index, nullptr);
  int64_t levels = channel->options().levels;
  if (!channel->options().level_names.empty()) {
    PushNames(L, channel);
    lua_pushfstring(L, "a priority must be one of %s, got %s", lua_tostring(L, -1), got);
  } else if (levels > 0) {
    lua_pushfstring(L, "a priority must be an integer from 1 to %I, got %s", static_cast<LUAI_UACINT>(levels), got);
  } else {
    lua_pushfstring(L, "a priority must be an integer, got %s", got);
  }
  return false;
}

}  // namespace

bool TryPriority(lua_State* L, int index, Channel* channel, int64_t* priority) {
  int64_t levels = channel->options().levels;
  if (!channel->has_priorities()) {
    *priority = 0;
    if (lua_isnoneornil(L, index)) return true;
    lua_pushliteral(L, "this channel has no priorities; channel.priority makes one that has");
    return false;
  }
  *priority = levels > 0 ? 1 : 0;
  if (lua_isnoneornil(L, index)) return true;
  if (lua_type(L, index) == LUA_TSTRING) {
    *priority = LevelNamed(channel, lua_tostring(L, index));
    return *priority > 0 || PushProblem(L, index, channel);
  }
  int exact = 0;
  if (lua_type(L, index) == LUA_TNUMBER) *priority = lua_tointegerx(L, index, &exact);
  bool known = exact && (levels == 0 || (*priority >= 1 && *priority <= levels));
  return known || PushProblem(L, index, channel);
}

int64_t CheckPriority(lua_State* L, int argument, Channel* channel) {
  int64_t priority = 0;
  if (channel->has_priorities() && !TryPriority(L, argument, channel, &priority)) luaL_argerror(L, argument, lua_tostring(L, -1));
  return priority;
}

}  // namespace sloth
