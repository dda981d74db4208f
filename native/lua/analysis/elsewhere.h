// What somebody other than the new goroutine may still do after the spawn: code of the island that can still run.
//
// Lives in one frame of DecidePlacement. Answers by name, from the facts of every chunk of the island, so that it need not
// know who refers to which table. Which functions can still run is judged conservatively: every function but a main
// function that has ended or has got past the place.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lua/analysis/chunk_facts.h"
#include "lua/analysis/live_frames.h"
#include "lua/internals.h"

namespace sloth {

// Who may do it. `code` null: nobody.
struct Culprit {
  const Code* code = nullptr;
  uint32_t function = 0;
  int pc = 0;
  const char* hazard = nullptr;  // not a certain place, but something that hides such places
  bool firm = false;             // the function knows the very variable or object: no closer look is worth it
  explicit operator bool() const { return code || hazard; }
};

class Elsewhere {
 public:
  explicit Elsewhere(lua_State* L) : L_(L), frames_(L) {}

  // A captured local: by a function that captured it too; by its owner, which may still run.
  Culprit AssignedByFunctions(const Code* code, uint32_t variable);
  Culprit AssignedByOwner(const Code* code, uint32_t variable, const UpVal* upvalue);
  Culprit AssignsGlobal(std::string_view name, bool is_library);
  Culprit ReadsGlobal(std::string_view name);
  // Stores into a table that is no library's, under that name; under a number; under any key at all.
  // `direct`: the goroutine reads that of a captured table itself, not where a metatable sends it; then methods of
  // captured objects count as functions that know the table.
  Culprit StoresField(std::string_view name, bool direct);
  Culprit StoresNumber(bool direct);
  Culprit StoresAnything(bool direct);
  // Changes a metatable of such a table, or something in one.
  Culprit ChangesMetatables();
  Culprit StoresLibraryField(std::string_view name, std::string_view library);
  Culprit StoresIntoLibraries();
  // Puts another module into package.loaded.
  Culprit ReplacesModule(std::string_view name);
  // Redirects the default files of the io library.
  Culprit RedirectsIo();
  // Hides from the analysis what functions and captured locals are.
  Culprit RewritesFunctions();
  // What looks like a number to the facts of chunks is one: no operator is redefined, and a few functions are the originals.
  bool AreNumbersCertain();
  // Some chunk defines a function under the name of a metamethod.
  bool DefinesEvent(int event);
  // Some chunk stores a field of that name anywhere.
  bool KnowsField(std::string_view name);

  LiveFrames& frames() { return frames_; }
  // Whether some answer depended on where live frames stand.
  bool asked_frames() const { return asked_frames_; }
  // A function found in what the goroutine captured.
  void AddMethod(const Code* code, uint32_t function) { methods_.push_back({code, function}); }

 private:
  // Whether a deed counts, and how firmly.
  enum class Weight : uint8_t { kNone, kSoft, kFirm };
  using Weigh = Weight (*)(const Deed&);
  const std::vector<const Code*>& Codes();
  Culprit FirstNamed(std::string_view name, Weigh weigh, bool direct = false);
  Culprit FirstUnnamed(Weigh weigh, bool direct = false);
  Culprit FirstOfAll(Weigh weigh, bool direct = false);
  // Takes a deed into account; true when nothing firmer can come.
  bool Consider(const Code* code, const Deed& deed, Weigh weigh, bool direct, Culprit* culprit);
  bool IsMethod(const Code* code, uint32_t function) const;
  static Weight StoresAnyName(const Deed& deed);
  static Weight StoresAnyKey(const Deed& deed);
  Culprit UnseenStores();
  Culprit UnseenCode(bool pending_modules);
  Culprit OfHazard(bool ChunkHazards::*hazard, const char* text);
  bool CanStillHappen(const Code* code, const Deed& deed);
  bool AssumptionsHold();

  lua_State* const L_;
  LiveFrames frames_;
  std::vector<std::pair<const Code*, uint32_t>> methods_;
  std::vector<const Code*> codes_;
  bool codes_known_ = false;
  bool asked_frames_ = false;
  int assumptions_hold_ = -1;  // -1: not looked yet
  int numbers_certain_ = -1;
  Culprit metatables_;
  bool metatables_known_ = false;
};

}  // namespace sloth
