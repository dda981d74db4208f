#include "lua/code_libraries.h"

#include "lua/heap.h"
#include "lua/island.h"

namespace sloth {
namespace {

constexpr uint32_t kEverything = 1u << 31;

// Whoever names one of these may reach any library through it.
bool NamesEverything(const std::string& text) { return text == "_G" || text == "package" || text == "debug" || text == "_ENV"; }

}  // namespace

void NoteLibraries(Code* code) {
  for (FunctionCode& function : code->functions) {
    for (const CodeConstant& constant : function.constants) {
      if (constant.kind != CodeConstant::Kind::kString) continue;
      if (NamesEverything(constant.text)) function.libraries |= kEverything;
      int index = LibraryIndex(constant.text.c_str());
      if (index >= 0) function.libraries |= 1u << index;
    }
  }
  // Preorder: every function comes after the one around it.
  for (size_t i = code->functions.size(); i-- > 1;) {
    code->functions[code->functions[i].parent].libraries |= code->functions[i].libraries;
  }
}

void EnsureLibrariesOf(lua_State* L, const FunctionCode& function) {
  LuaIsland* island = IslandOf(L);
  if (!island || island->all_libraries || function.libraries == 0) return;
  if (function.libraries & kEverything) {
    EnsureAllLibraries(L);
    return;
  }
  for (int index = 0; index < 31; index++) {
    if (function.libraries & (1u << index)) EnsureLibrary(L, LibraryAt(index));
  }
}

}  // namespace sloth
