// What a runtime keeps from its scripts: whole libraries, and functions of libraries.
#pragma once

#include <set>
#include <string>

#include "lua/api.h"

namespace sloth {

class Sandbox {
 public:
  // "io" for a library, "os.execute" for a function of one, "_G.dofile" for a global function.
  void Remove(const std::string& name) { removed_.insert(name); }
  bool Lacks(const char* library) const { return !removed_.empty() && removed_.count(library) > 0; }
  bool empty() const { return removed_.empty(); }
  const std::set<std::string>& removed() const { return removed_; }

 private:
  std::set<std::string> removed_;
};

// Takes the removed functions out of the library's table on top of the stack. Upper room.
void ApplySandbox(lua_State* L, const char* library);

}  // namespace sloth
