// What an island makes of the host's modules: their tables, functions and classes.
#pragma once

#include "lua/module.h"

struct CClosure;

namespace sloth {

// The modules of L's runtime.
const ModuleCatalogue& ModulesOf(lua_State* L);

// The C functions behind every function of a module, and behind a module that is called itself.
int CallModuleFunction(lua_State* L);
int CallModuleTable(lua_State* L);
// The function of a module that a C closure is; null for any other. Never raises.
const ModuleFunction* ModuleFunctionOf(const CClosure* closure) noexcept;

// Pushes a function of a module. Upper room, as all that follows.
void PushModuleFunction(lua_State* L, const ModuleFunction* function);
// Pushes the table of a module, made anew; the caller enters it among the libraries.
void PushModuleTable(lua_State* L, const Module* module);
// Adds the functions of the module of that name, if there is one, to the library table on top, where that has none.
void ExtendLibrary(lua_State* L, const char* library);
// Pushes a class by its full name, "exec.result"; false, pushing nothing, when no module has it.
bool PushModuleClass(lua_State* L, const char* name);
// Makes the modules available that `bits` stand for.
void EnsureModules(lua_State* L, ModuleCatalogue::Bits bits);
// Calls `visit` for each field of a module's table that differs from what the module has. Never raises.
void VisitModuleChanges(const Module* module, const void* table, void (*visit)(void* context, const char* field),
                        void* context) noexcept;
// Whether a value is what `library` has under that name through a module. Never raises.
bool IsModuleField(const void* value, const char* library, const char* field) noexcept;

}  // namespace sloth
