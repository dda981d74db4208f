#include "lua/code_read.h"

#include <cstring>
#include <type_traits>

#include "lua/analysis/chunk_facts.h"
#include "lua/cancellation.h"
#include "lua/code_heap.h"
#include "lua/code_libraries.h"


namespace sloth {

namespace {

std::string TextOf(const TString* string) {
  return string ? std::string(getstr(string), tsslen(string)) : std::string();
}

CodeConstant ReadConstant(const TValue* value) {
  CodeConstant constant;
  switch (ttypetag(value)) {
    case LUA_VFALSE: constant.kind = CodeConstant::Kind::kFalse; break;
    case LUA_VTRUE: constant.kind = CodeConstant::Kind::kTrue; break;
    case LUA_VNUMINT:
      constant.kind = CodeConstant::Kind::kInteger;
      constant.integer = ivalue(value);
      break;
    case LUA_VNUMFLT:
      constant.kind = CodeConstant::Kind::kFloat;
      constant.number = fltvalue(value);
      break;
    case LUA_VSHRSTR:
    case LUA_VLNGSTR:
      constant.kind = CodeConstant::Kind::kString;
      constant.text = TextOf(tsvalue(value));
      break;
    default: CHECK(ttisnil(value));
  }
  return constant;
}

// How many constants the compiler made: those of an earlier, interrupted attachment do not count.
int OwnConstantCount(const Proto* proto) {
  if (proto->sizek < 2 || !ttisfulluserdata(&proto->k[proto->sizek - 1])) return proto->sizek;
  return proto->sizek - 2;
}

void ReadFunction(const Proto* proto, FunctionCode* function) {
  function->parameter_count = proto->numparams;
  function->is_vararg = proto->is_vararg != 0;
  function->max_stack = proto->maxstacksize;
  function->line_defined = proto->linedefined;
  function->last_line = proto->lastlinedefined;
  int constant_count = OwnConstantCount(proto);
  function->constants.reserve(constant_count);
  for (int i = 0; i < constant_count; i++) function->constants.push_back(ReadConstant(&proto->k[i]));
  function->upvalues.reserve(proto->sizeupvalues);
  for (int i = 0; i < proto->sizeupvalues; i++) {
    const Upvaldesc& upvalue = proto->upvalues[i];
    function->upvalues.push_back({upvalue.instack != 0, upvalue.idx, upvalue.kind, TextOf(upvalue.name)});
  }
  function->locals.reserve(proto->sizelocvars);
  for (int i = 0; i < proto->sizelocvars; i++) {
    const LocVar& local = proto->locvars[i];
    function->locals.push_back({TextOf(local.varname), local.startpc, local.endpc});
  }
  function->children.resize(proto->sizep);
}

// Copies an array to `at`, moves `at` behind it, and returns the copy.
template <typename T, typename From>
std::span<const T> CopyTo(char*& at, const From* from, int count) {
  static_assert(sizeof(T) == sizeof(From) && std::is_trivially_copyable_v<From>);
  T* copy = reinterpret_cast<T*>(at);
  size_t size = static_cast<size_t>(count) * sizeof(T);
  if (size > 0) std::memcpy(static_cast<void*>(copy), from, size);
  at += size;
  return {copy, static_cast<size_t>(count)};
}

// Fills the arrays of `code`, whose functions are `protos` in the same order: first what needs the larger alignment.
void ReadArrays(const std::vector<const Proto*>& protos, Code* code) {
  size_t size = 0;
  for (const Proto* proto : protos) {
    size += proto->sizecode * sizeof(Instruction) + proto->sizeabslineinfo * sizeof(AbsLineInfo) + proto->sizelineinfo;
  }
  char* at = code->arrays.TryTake(size);
  CHECK(at && "no memory for code");
  for (size_t i = 0; i < protos.size(); i++) {
    code->functions[i].instructions = CopyTo<uint32_t>(at, protos[i]->code, protos[i]->sizecode);
    code->functions[i].absolute_lines = CopyTo<CodeLine>(at, protos[i]->abslineinfo, protos[i]->sizeabslineinfo);
  }
  for (size_t i = 0; i < protos.size(); i++) {
    code->functions[i].line_deltas = CopyTo<int8_t>(at, protos[i]->lineinfo, protos[i]->sizelineinfo);
  }
  code->arrays.Seal();
}

// A function still to be read: child `slot` of function `parent`.
struct Pending {
  const Proto* proto;
  uint32_t parent;
  int slot;
};

}  // namespace

Ref<Code> ReadCode(const Proto* main, bool from_pieces, const ModuleCatalogue& modules) noexcept {
  Ref<Code> code = MakeRef<Code>();
  code->source = main->source ? TextOf(main->source) : "=?";  // as Lua shows stripped code
  code->from_pieces = from_pieces;
  std::vector<Pending> pending{{main, UINT32_MAX, 0}};
  std::vector<const Proto*> protos;
  while (!pending.empty()) {
    Pending next = pending.back();
    pending.pop_back();
    auto index = static_cast<uint32_t>(code->functions.size());
    if (next.parent != UINT32_MAX) code->functions[next.parent].children[next.slot] = index;
    FunctionCode& function = code->functions.emplace_back();
    function.parent = next.parent;
    protos.push_back(next.proto);
    ReadFunction(next.proto, &function);
    for (int i = next.proto->sizep; i-- > 0;) pending.push_back({next.proto->p[i], index, i});
  }
  code->functions.shrink_to_fit();
  ReadArrays(protos, code.get());
  NoteLibraries(code.get(), modules);
  code->facts = ComputeChunkFacts(*code);
  if (!code->facts || !code->facts->readable || (code->facts->hazards.events & (1u << TM_CLOSE))) ExpectCloseHandlers();
  return code;
}

}  // namespace sloth
