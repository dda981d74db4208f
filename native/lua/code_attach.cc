#include "lua/code_heap.h"
#include "lua/code_read.h"
#include "lua/module_tables.h"

namespace sloth {

namespace {

// Marks a Proto whose appended constants are hidden: a bit of `marked` that Lua leaves to test programs.
constexpr int kHiddenBit = TESTBIT;

bool HasAppended(const Proto* proto) {
  return proto->sizek >= 2 && ttisfulluserdata(&proto->k[proto->sizek - 1]);
}

// Fills `protos` with the tree below `main`, in the order of `code.functions`. Lower room.
void ListProtos(Proto* main, const Code& code, Proto** protos) noexcept {
  protos[0] = main;
  for (size_t i = 0; i < code.functions.size(); i++) {
    const std::vector<uint32_t>& children = code.functions[i].children;
    for (size_t slot = 0; slot < children.size(); slot++) protos[children[slot]] = protos[i]->p[slot];
  }
}

// Lower room.
const Code* Read(CodeOrigin origin, const Proto* main, const ModuleCatalogue& modules) noexcept {
  // The library's own code has no globals; it is shared by runtimes with different modules.
  const ModuleCatalogue none;
  bool of_library = origin == CodeOrigin::kLibrary;
  Ref<Code> code = ReadCode(main, origin == CodeOrigin::kPieces, of_library ? none : modules);
  code->keeps_to_itself = of_library || origin == CodeOrigin::kTrusted;
  return code.Leak();
}

}  // namespace

void AppendCodeConstants(lua_State* L, Proto* proto, uint32_t function_index, Udata* userdata) {
  if (!HasAppended(proto)) {
    int size = proto->sizek;
    if (size > MAX_INT - 2) luaM_error(L);
    void* grown = luaM_saferealloc_(L, proto->k, size * sizeof(TValue), (size + size_t{2}) * sizeof(TValue));
    proto->k = static_cast<TValue*>(grown);
    setivalue(&proto->k[size], 0);
    setnilvalue(&proto->k[size + 1]);
    proto->sizek = size + 2;
  }
  setivalue(&proto->k[proto->sizek - 2], function_index);
  setuvalue(L, &proto->k[proto->sizek - 1], userdata);
  luaC_objbarrier(L, proto, userdata);
}

void AttachCode(lua_State* L, int index, CodeOrigin origin) {
  const TValue* function = StackValue(L, index);
  CHECK(ttisLclosure(function));
  Proto* main = clLvalue(function)->p;
  if (CodeOf(main, nullptr)) return;
  ReserveStack(L, 8);
  Table* cache = CodeCache(L);
  // The reference lives in the userdata's block from the first moment on.
  Udata* userdata = PushUnboundCodeUserdata(L);
  BlockOf(userdata)->code = Read(origin, main, ModulesOf(L));
  const Code& code = *BlockOf(userdata)->code;
  BindCodeUserdata(L, cache, userdata, main->source);
  size_t count = code.functions.size();
  auto** protos = static_cast<Proto**>(lua_newuserdatauv(L, count * sizeof(Proto*), 0));
  ListProtos(main, code, protos);
  // Children first: as long as the main function has no code, nobody takes the tree for complete.
  for (size_t i = count; i-- > 0;) {
    AppendCodeConstants(L, protos[i], static_cast<uint32_t>(i), userdata);
    CacheObject(L, cache, &code.functions[i], obj2gco(protos[i]));
  }
  lua_pop(L, 2);
  luaC_checkGC(L);
}

void HideAttachedCode(lua_State* L, int index, bool hide) {
  const TValue* function = StackValue(L, index);
  if (!ttisLclosure(function)) return;
  std::vector<Proto*> pending{clLvalue(function)->p};
  while (!pending.empty()) {
    Proto* proto = pending.back();
    pending.pop_back();
    if (hide && HasAppended(proto)) {
      proto->sizek -= 2;
      l_setbit(proto->marked, kHiddenBit);
    } else if (!hide && testbit(proto->marked, kHiddenBit)) {
      proto->sizek += 2;
      resetbit(proto->marked, kHiddenBit);
    }
    pending.insert(pending.end(), proto->p, proto->p + proto->sizep);
  }
}

}  // namespace sloth
