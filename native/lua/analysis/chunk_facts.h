// What the capture analysis knows about one chunk without any heap: its functions as steps over values, its captured locals
// and who assigns them, and what its functions do that a goroutine elsewhere could notice.
//
// Computed once by the thread that loads the chunk, immutable afterwards, owned by the Code, read by any thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "lua/analysis/function_facts.h"
#include "lua/analysis/placement_memo.h"
#include "lua/code.h"

namespace sloth {

// A local that nested functions capture, or (index 0) the _ENV of the main function.
struct ChunkVariable {
  struct Write {
    uint32_t function;
    int pc;
  };
  uint32_t owner = 0;  // function; not for index 0
  uint32_t local = 0;  // index into its FunctionFacts::locals
  std::string name;
  std::vector<Write> closure_writes;  // by nested functions; those by the owner are CapturedLocal::writes
  bool owner_writes = false;

  // Nobody assigns it after its scope began.
  bool assigned_once() const { return closure_writes.empty() && !owner_writes; }
};

// Something a function does that can be noticed from outside its activation.
enum class DeedKind : uint8_t {
  kStoreField,    // t.name = v
  kStoreNumber,   // t[i] = v with a number
  kStoreAny,      // t[k] = v with any key
  kSetMetatable,
  kAssignGlobal,  // name = v
  kReadGlobal,
};

struct Deed {
  DeedKind kind;
  bool into_library = false;  // the table is one of Lua's libraries or that of globals
  bool by_path = false;       // the table is reached from the globals by constant names
  bool by_outer = false;      // the table is reached from a captured local or a global
  bool by_parameter = false;  // or from a parameter
  bool own_table = false;     // the table was made in the same activation and has left it since
  uint32_t function = 0;
  int pc = 0;
  int site = -1;  // of an own table: the instruction that made it, when it is the last one made there
  std::string name;
};

// Things anywhere in a chunk that take certainty from the whole island.
struct ChunkHazards {
  bool rewrites_functions = false;  // debug.setupvalue and the like
  bool loads_code = false;          // load, dofile, require of a computed name
  bool hides_stores = false;        // table.insert, rawset ... used as values
  bool leaks_globals = false;       // the table of globals used as a value
  bool leaks_libraries = false;     // a library table used as a value
  bool changes_environment = false; // _ENV assigned
  bool takes_metatables = false;    // getmetatable
  bool redirects_io = false;        // io.output(x), io.input(x)
  uint32_t events = 0;              // metamethods (1 << TMS) that somebody may define as functions
  int pc = 0;                       // of the first one
  uint32_t function = 0;
};

class ChunkFacts {
 public:
  // What each register of a function holds when an instruction is about to run; null when control never gets there.
  // Found out when first asked for.
  const std::vector<NodeId>* RegistersAt(const Code& code, uint32_t function, int pc) const EXCLUDES(registers_mutex_);

  bool readable = false;  // false: cannot know; everything else is empty
  std::vector<FunctionFacts> functions;
  std::vector<ChunkVariable> variables;
  std::vector<Deed> deeds;
  std::unordered_map<std::string_view, std::vector<uint32_t>> deeds_named;  // those with a name
  std::vector<uint32_t> deeds_unnamed;                                     // the others
  std::unordered_map<std::string_view, bool> fields_stored;                // names of all fields stored, fresh tables too
  std::vector<std::string> required;  // modules required by a constant name
  ChunkHazards hazards;
  const uint64_t serial = NextSerial();          // tells chunks apart; addresses are reused
  std::unique_ptr<PlacementMemos[]> memos;       // of each function; filled while it is used

 private:
  static uint64_t NextSerial();
  mutable Mutex registers_mutex_;
  mutable std::map<std::pair<uint32_t, int>, std::vector<NodeId>> registers_ GUARDED_BY(registers_mutex_);
};

std::unique_ptr<const ChunkFacts> ComputeChunkFacts(const Code& code);

}  // namespace sloth
