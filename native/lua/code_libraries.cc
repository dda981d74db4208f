#include "lua/code_libraries.h"

#include "lua/heap.h"
#include "lua/internals.h"
#include "lua/island.h"
#include "lua/module_tables.h"
#include "lua/snapshot.h"

namespace sloth {
namespace {

// Whoever names one of these may reach any library through it.
bool NamesEverything(const std::string& text) { return text == "_G" || text == "package" || text == "debug" || text == "_ENV"; }

// Through the table of globals a function reaches every module. `debug` leads there as well, but only to what is named.
bool NamesEveryModule(const std::string& text) { return text == "_G" || text == "package" || text == "_ENV"; }

// Whether it takes the table of globals in hand: then it may use names that no constant shows.
bool HoldsGlobals(const FunctionCode& function) {
  for (uint32_t instruction : function.instructions) {
    if (GET_OPCODE(instruction) != OP_GETUPVAL) continue;
    size_t upvalue = static_cast<size_t>(GETARG_B(instruction));
    if (upvalue < function.upvalues.size() && function.upvalues[upvalue].name == "_ENV") return true;
  }
  return false;
}

}  // namespace

void NoteLibraries(Code* code, const ModuleCatalogue& modules) {
  bool any_module = !modules.all().empty();
  for (FunctionCode& function : code->functions) {
    if (any_module && HoldsGlobals(function)) function.modules |= ModuleCatalogue::kEvery;
    for (const CodeConstant& constant : function.constants) {
      if (constant.kind != CodeConstant::Kind::kString) continue;
      if (NamesEverything(constant.text)) function.libraries |= kEveryLibrary;
      int index = LibraryIndex(constant.text.c_str());
      if (index >= 0) function.libraries |= 1u << index;
      if (!any_module) continue;
      function.modules |= modules.BitsOf(constant.text);
      if (NamesEveryModule(constant.text)) function.modules |= ModuleCatalogue::kEvery;
    }
  }
  // Preorder: every function comes after the one around it.
  for (size_t i = code->functions.size(); i-- > 1;) {
    code->functions[code->functions[i].parent].libraries |= code->functions[i].libraries;
    code->functions[code->functions[i].parent].modules |= code->functions[i].modules;
  }
}

void EnsureLibrariesOf(lua_State* L, const FunctionCode& function) {
  LuaIsland* island = IslandOf(L);
  if (!island) return;
  if (function.modules != 0 && !island->pristine) EnsureModules(L, function.modules);
  if (island->all_libraries || function.libraries == 0) return;
  if (function.libraries & kEveryLibrary) {
    EnsureAllLibraries(L);
    return;
  }
  for (int index = 0; index < 31; index++) {
    if (function.libraries & (1u << index)) EnsureLibrary(L, LibraryAt(index));
  }
}

void EnsureLibrariesOfChunk(lua_State* L) {
  EnsureLibrariesOf(L, CodeOf(clLvalue(s2v(L->top.p - 1))->p, nullptr)->functions[0]);
}

}  // namespace sloth
