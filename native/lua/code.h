// The code of one chunk, taken out of the Lua heap it was compiled in: immutable, reference counted, shared by every
// island that runs a copy of one of its functions. Everything the capture analysis knows about a function hangs here,
// never on the address of a Proto: those are reused.
//
// Built by the thread that loads the chunk, then read by any thread. It never changes and never touches a Lua heap.
//
// A Proto finds its Code through two constants appended behind the compiler's own (CodeOf): its index in the Code, and a
// full userdata that counts as one reference. A heap has one such userdata a Code; it dies with the last of its Protos.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/ref.h"
#include "lua/api.h"
#include "lua/code_arrays.h"

struct Proto;

namespace sloth {

class ChunkFacts;  // lua/analysis/chunk_facts.h

// A constant of a function, independent of any heap.
struct CodeConstant {
  enum class Kind : uint8_t { kNil, kFalse, kTrue, kInteger, kFloat, kString } kind = Kind::kNil;
  int64_t integer = 0;
  double number = 0;
  std::string text;
};

struct CodeUpvalue {
  bool in_stack = false;  // true: a register of the enclosing function; false: its upvalue
  uint8_t index = 0;
  uint8_t kind = 0;
  std::string name;  // empty without debug information
};

struct CodeLocal {
  std::string name;
  int start_pc = 0;
  int end_pc = 0;
};

// An entry of Proto::abslineinfo.
struct CodeLine {
  int pc;
  int line;
};

// One function of a chunk: what a Proto holds.
struct FunctionCode {
  uint32_t parent = UINT32_MAX;  // index of the enclosing function; UINT32_MAX for the main function (index 0)
  uint8_t parameter_count = 0;
  bool is_vararg = false;
  uint8_t max_stack = 0;
  int line_defined = 0;
  int last_line = 0;
  // In the arrays of the Code, which heaps may point into (code_arrays.h).
  std::span<const uint32_t> instructions;
  std::span<const int8_t> line_deltas;               // Proto::lineinfo; empty when stripped
  std::span<const CodeLine> absolute_lines;
  std::vector<CodeConstant> constants;               // without the two appended ones
  std::vector<CodeUpvalue> upvalues;
  std::vector<CodeLocal> locals;
  uint32_t libraries = 0;                            // bits of the libraries it and those inside it mention
  uint64_t modules = 0;                              // likewise, ModuleCatalogue::Bits
  std::vector<uint32_t> children;                    // indexes of nested functions, in OP_CLOSURE order

  int LineAt(int pc) const;  // -1 without debug information
};

class Code final : public RefCounted {
 public:
  std::vector<FunctionCode> functions;  // preorder; [0] is the main function
  std::string source;                   // the chunk name, "@path" or "=name" or the text itself
  bool from_pieces = false;             // built by load from a reader or from text: other chunks cannot be seen
  bool keeps_to_itself = false;         // stores into no table of programs: the library's own (prelude.h), or trusted
  std::unique_ptr<const ChunkFacts> facts;
  CodeArrays arrays;                    // what its functions' spans refer to

  Code();
  ~Code() override;

  // How many exist in this process.
  static size_t LiveCount();
};

// Makes what this heap needs to hold code: a metatable and an empty cache in its registry. The functions below do it
// themselves when needed; a pristine state calls it once so that its clones need not. Raises only for memory.
void PrepareCode(lua_State* L);

enum class CodeOrigin : uint8_t {
  kWhole,
  kPieces,   // Code::from_pieces
  kTrusted,  // whole, and Code::keeps_to_itself
  kLibrary,  // Code::keeps_to_itself, and of this library: it has no globals
};

// Takes the code out of the Lua function at `index` (a chunk's main function), attaches it to every Proto of the tree
// and computes its facts. Raises only for memory. Called once after each load.
void AttachCode(lua_State* L, int index, CodeOrigin origin);

// The code of a Lua function's prototype and its index in it; null when none was attached. Never raises.
const Code* CodeOf(const Proto* proto, uint32_t* function_index);

// The Proto trees of attached functions carry two constants more than the compiler made. string.dump and friends must not
// see it: hides (or shows again) it over the whole tree below the function at `index`. Never raises.
void HideAttachedCode(lua_State* L, int index, bool hide);

// Pushes a Lua closure of function `function_index` of `code` with fresh nil upvalues onto L's stack, its prototypes made
// once per island and function where they are still alive. Raises only for memory.
void PushFunctionOf(lua_State* L, const Ref<Code>& code, uint32_t function_index);

// Releases every reference that L's heap holds to code, for a heap that is given up without lua_close. Afterwards its
// functions have no code (CodeOf is null). Returns how many objects with a finalizer it disarmed. Never raises.
size_t ReleaseCode(lua_State* L);

}  // namespace sloth
