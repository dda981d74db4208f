#include "lua/snapshot.h"

#include <cstring>

#include "lua/code.h"
#include "lua/heap.h"
#include "lua/internals.h"
#include "lua/island.h"

namespace sloth {

lua_State* Snapshot::Copy(char* to) const {
  std::memcpy(to, image_.data(), size());
  auto* words = reinterpret_cast<uint64_t*>(to);
  auto base = reinterpret_cast<uint64_t>(to);
  for (uint32_t place : pointers_) words[place] += base;
  return reinterpret_cast<lua_State*>(to + main_);
}

lua_State* Snapshot::Clone(char* to, LuaIsland* island) const {
  lua_State* main = Copy(to);
  if (code_) code_->AddRef();
  GiveHeapTo(main, island);
  NameLibraries(to, island);
  return main;
}

void Snapshot::NameLibraries(const char* at, LuaIsland* island) const {
  island->libraries.clear();
  island->libraries.reserve(libraries_.size());
  for (const Library& library : libraries_) island->libraries.push_back({library.name, at + library.offset});
  island->all_libraries = all_libraries_;
}

}  // namespace sloth
