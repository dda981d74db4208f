// Where code on an island may begin to run, or go on: frames, states that have not started, callbacks, finalizers.
#include <cstring>

#include "lua/analysis/bytecode.h"
#include "lua/analysis/heap_read.h"
#include "lua/analysis/home_rehearsal.h"
#include "lua/analysis/static_values.h"
#include "lua/island.h"
#include "lua/library.h"
#include "lua/pack_library.h"
#include "lua/prelude.h"

namespace sloth {

namespace {

constexpr int kMaxRegistryDepth = 4;

const StackValue* BaseOf(const CallInfo* info) { return info->func.p + 1; }

// Where a frame begins: one with varargs was moved up, above them.
const StackValue* FirstSlotOf(const CallInfo* info) {
  if (!isLua(info)) return info->func.p;
  const Proto* proto = ci_func(info)->p;
  return proto->is_vararg ? info->func.p - (info->u.l.nextraargs + proto->numparams + 1) : info->func.p;
}

bool IsCall(Instruction i) {
  OpCode op = GET_OPCODE(i);
  return op == OP_CALL || op == OP_TAILCALL || op == OP_TFORCALL;
}

}  // namespace

void HomeRehearsal::AddThread(lua_State* thread) {
  if (thread->status > LUA_YIELD || gave_up_) return;  // ended by an error
  PendingCall called{};
  bool spawns = thread == L_;  // only the innermost C function of the state that spawns
  const StackValue* end = thread->top.p;
  for (CallInfo* info = thread->ci; info; info = info->previous) {
    // What a coroutine returns at last goes to whoever resumes it.
    if (info == &thread->base_ci && called.callee) bodies_.Add(arena_, called.callee);
    if (isLua(info)) {
      AddLuaFrame(thread, info, info == thread->ci, &called);
    } else {
      AddCFrame(info, end, spawns, &called);
    }
    spawns = false;
    end = FirstSlotOf(info);
  }
}

// `called` is what the frame's pending call runs, and becomes the frame itself.
void HomeRehearsal::AddLuaFrame(lua_State* thread, CallInfo* info, bool innermost, PendingCall* called) {
  LClosure* closure = ci_func(info);
  const Proto* proto = closure->p;
  uint32_t function = 0;
  const Code* code = CodeOf(proto, &function);
  if (!code || !code->facts || !code->facts->readable) return Unknown("", {}, "");
  auto* instance = arena_->New<Instance>();
  instance->code = code;
  instance->function = function;
  instance->facts = &code->facts->functions[function];
  instance->proto = proto;
  instance->closure = closure;
  Prepare(instance);
  // A frame interrupted between two instructions goes on with the next one.
  int pc = pcRel(info->u.l.savedpc, proto) + (innermost ? 1 : 0);
  bool pending_call = !innermost && IsCall(proto->code[pc]);
  if (!FillRegisters(thread, info, instance, pc, pending_call)) return Unknown("", {}, "");
  int count = static_cast<int>(code->functions[function].instructions.size());
  auto* reachable = arena_->New<bool>(count);
  Successors next = SuccessorsOf(code->functions[function], pc);
  for (int i = 0; i < (pending_call ? next.count : 1); i++) {
    std::vector<bool> from = ReachableFrom(code->functions[function], pending_call ? next.pc[i] : pc, 0, count, -1);
    for (int k = 0; k < count; k++) reachable[k] |= from[k];
  }
  // A C function called last returns through the frame.
  if (pending_call && GET_OPCODE(proto->code[pc]) == OP_TAILCALL) reachable[pc] = true;
  instance->reachable = reachable;
  if (!innermost) {
    // The metamethod of an arithmetic operator is called by the instruction behind it.
    int maker = testMMMode(GET_OPCODE(proto->code[pc])) ? pc - 1 : pc;
    for (const Step& step : instance->facts->steps) {
      bool has_result = step.kind == StepKind::kCall || step.kind == StepKind::kGetField ||
                        step.kind == StepKind::kGetElement || step.kind == StepKind::kOperate;
      if (step.pc != maker || !has_result) continue;
      auto* pending = arena_->New<PendingCall>();
      *pending = *called;
      pending->caller = instance;
      pending->step = &step;
      pending_.Add(arena_, pending);
    }
  }
  *called = PendingCall{};
  called->callee = instance;
}

// Presets the nodes that live in registers. False when the place is not understood.
bool HomeRehearsal::FillRegisters(lua_State* thread, CallInfo* info, Instance* instance, int pc, bool pending_call) {
  const FunctionFacts& facts = *instance->facts;
  const std::vector<NodeId>* registers = instance->code->facts->RegistersAt(*instance->code, instance->function, pc);
  if (!registers) return false;
  const StackValue* base = BaseOf(info);
  // What a pending call was given lies in its own frame now.
  int count = pending_call ? GETARG_A(instance->proto->code[pc]) : instance->proto->maxstacksize;
  if (pending_call && GET_OPCODE(instance->proto->code[pc]) == OP_TFORCALL) count += 4;
  for (int reg = 0; reg < count; reg++) {
    NodeId node = (*registers)[reg];
    if (node == kPlainNode || node == kNumberNode) continue;
    ObjectId id = heap_.OfValue(s2v(base + reg));
    bool stranger = id != kNoObject && heap_[id].model == LibraryModel::kStranger;
    if (stranger && facts.nodes[node].kind == NodeKind::kResult) {
      // The iterator that a loop over ipairs holds.
      const Step& call = facts.steps[facts.nodes[node].index];
      if (NameOfNode(*instance->code, facts, instance->function, call.a) == "ipairs") id = kIpairsStep;
    }
    Put(&instance->nodes[node], id);
  }
  if (!facts.locals.empty()) instance->open_upvalues = arena_->New<const UpVal*>(facts.locals.size());
  for (size_t i = 0; i < facts.locals.size(); i++) {
    const CapturedLocal& local = facts.locals[i];
    if (pc < local.start_pc || pc >= local.end_pc) continue;
    for (const UpVal* upvalue = thread->openupval; upvalue; upvalue = upvalue->u.open.next) {
      if (upvalue->v.p != s2v(base + local.reg)) continue;
      instance->open_upvalues[i] = upvalue;
      instance->locals[i] = &RecordOf(upvalue)->values;
    }
    AddValue(instance->locals[i], s2v(base + local.reg));
    PutAll(&instance->nodes[local.node], *instance->locals[i]);
  }
  if (facts.varargs != kPlainNode) {
    int extra = info->u.l.nextraargs;
    for (int i = 0; i < extra; i++) AddValue(&instance->nodes[facts.varargs], s2v(info->func.p - extra + i));
  }
  return true;
}

// A C function that waits for what it called may call the functions it was given again, and store into its tables.
void HomeRehearsal::AddCFrame(CallInfo* info, const StackValue* end, bool spawns, PendingCall* called) {
  const TValue* function = s2v(info->func.p);
  const FunctionEntry* entry = EntryOf(function);
  LibraryModel model = entry ? ModelOf(entry) : LibraryModel::kStranger;
  PendingCall inner = *called;
  *called = PendingCall{};
  // What the function that spawns was given is the goroutine's own, unless it may call it here too.
  if (spawns && (model == LibraryModel::kStranger || StartsOne(info))) {
    Put(&called->values, kLibraryValue);
    return Put(&called->values, kMessage);
  }
  bool calls = model != LibraryModel::kPlain && model != LibraryModel::kGeneric && model != LibraryModel::kReceives;
  for (const StackValue* slot = BaseOf(info); slot < end; slot++) {
    const TValue* value = s2v(slot);
    ObjectId id = heap_.OfValue(value);
    if (id == kNoObject) continue;
    bool foreign = ttisLclosure(value) && !CodeOf(clLvalue(value)->p, nullptr);
    if (calls && !foreign) Put(&held_, id);
    Put(&callback_arguments_, id);
    if (heap_[id].kind != ObjectKind::kTable) continue;
    ListElements(id);
    PutAll(&callback_arguments_, heap_[id].elements);
    if (entry && entry->stores != StoresInto::kNothing) {
      stores_.Add(arena_, {id, AbstractHeap::AnyKey(), false, {}});
      FlowAll(heap_.ContentsOf(id, AbstractHeap::AnyKey()), heap_[id].elements);
    }
  }
  switch (model) {
    case LibraryModel::kPlain:
    case LibraryModel::kGeneric:
    case LibraryModel::kReceives:
    case LibraryModel::kIo:
    case LibraryModel::kIterates:
    case LibraryModel::kCarries:
    case LibraryModel::kSpawns:
    case LibraryModel::kSpawnsBehind:
    case LibraryModel::kSpawnsMany:
    case LibraryModel::kSpawnsList:
      Put(&called->values, kLibraryValue);
      return Put(&called->values, kMessage);
    case LibraryModel::kPcall:
    case LibraryModel::kXpcall:
      // Returns what the inner one returns, or its error.
      called->callee = inner.callee;
      PutAll(&called->values, inner.values);
      called->with_errors = true;
      return;
    case LibraryModel::kResume:
    case LibraryModel::kYield:
      called->with_coroutines = true;
      called->with_errors = true;
      return Put(&called->values, kMessage);
    default:
      Put(&called->values, kAnyCaptured);
      return Put(&called->values, kMessage);
  }
}

void HomeRehearsal::AddCallback(const TValue* function) {
  ObjectId id = heap_.OfValue(function);
  if (heap_[id].kind != ObjectKind::kFunction) return;  // a C function of ours calls back what it was given
  if (!CodeOf(heap_[id].closure()->p, nullptr)) return;  // no program's: the runtime keeps things in it
  for (ObjectId known : callbacks_) {
    if (known == id) return;
  }
  callbacks_.Add(arena_, id);
}

// Goroutines of other islands store into these.
void HomeRehearsal::AddWrittenTables() {
  const LuaIsland* island = IslandOf(L_);
  if (!island) return;
  island->write_backs.VisitWritten(
      [](void* context, const Table* table) {
        auto* self = static_cast<HomeRehearsal*>(context);
        ObjectId id = self->heap_.OfTable(const_cast<Table*>(table));
        self->stores_.Add(self->arena_, {id, AbstractHeap::AnyKey(), false, {}});
        self->Put(self->heap_.ContentsOf(id, AbstractHeap::AnyKey()), kMessage);
      },
      this);
}

void HomeRehearsal::AddRegistry() {
  AddRegistryTable(hvalue(&G(L_)->l_registry), 0);
}

// Functions in the registry are the host's, or wait for their time: deferred ones, hooks.
void HomeRehearsal::AddRegistryTable(const Table* table, int depth) {
  // The library's own Lua functions are called through C functions of the registry, and judged by those.
  TValue key;
  setpvalue(&key, const_cast<void*>(PreludeKey()));
  const TValue* prelude = luaH_get(hvalue(&G(L_)->l_registry), &key);
  auto add = [&](const TValue* value) {
    if (ttisLclosure(value)) AddCallback(value);
    if (!ttistable(value) || depth >= kMaxRegistryDepth) return;
    const Table* inner = hvalue(value);
    if (ttistable(prelude) && inner == hvalue(prelude)) return;
    if (inner == GlobalsOf(L_) || inner == LoadedModules(L_) || LibraryNameOf(L_, inner)) return;
    AddRegistryTable(inner, depth + 1);
  };
  unsigned int array_size = luaH_realasize(table);
  for (unsigned int i = 0; i < array_size; i++) add(&table->array[i]);
  for (int i = 0; !isdummy(table) && i < sizenode(table); i++) {
    if (!isempty(gval(gnode(table, i)))) add(gval(gnode(table, i)));
  }
}

void HomeRehearsal::AddFinalizers(GCObject* list) {
  for (GCObject* object = list; object; object = object->next) {
    const Table* metatable = object->tt == LUA_VTABLE      ? gco2t(object)->metatable
                             : object->tt == LUA_VUSERDATA ? gco2u(object)->metatable
                                                           : nullptr;
    if (!metatable) continue;
    const TValue* finalizer = FieldOf(metatable, G(L_)->tmname[TM_GC]);
    if (!ttisLclosure(finalizer)) continue;
    AddCallback(finalizer);
    TValue self;
    setgcovalue(L_, &self, object);
    Put(&callback_arguments_, heap_.OfValue(&self));
  }
}

void HomeRehearsal::PlayRoots() {
  const ObjectSet* arguments[] = {&callback_arguments_};
  ObjectSet returned{};
  for (size_t i = 0; i < callbacks_.size(); i++) {
    CallObject(callbacks_[i], {arguments, 1, true}, {&returned, &returned}, {});
  }
  CallFunctionsIn(held_, {arguments, 1, true}, {&returned, &returned}, {}, 0);
  FlowAll(&coroutines_, returned);
  for (const Instance* body : bodies_) {
    FlowAll(&coroutines_, body->first_result);
    FlowAll(&coroutines_, body->rest_results);
  }
  FlowAll(&callback_arguments_, coroutines_);
  FlowAll(&callback_arguments_, errors_);  // what handles errors
  for (size_t i = 0; i < pending_.size(); i++) {
    PendingCall* pending = pending_[i];
    const FunctionFacts& facts = *pending->caller->facts;
    bool has_rest = pending->step->kind == StepKind::kCall && pending->step->b != kPlainNode;
    ObjectSet* first = &pending->caller->nodes[pending->step->target];
    ObjectSet* rest = &pending->caller->nodes[has_rest ? pending->step->b : facts.nodes.size()];
    for (ObjectSet* out : {first, rest}) {
      FlowAll(out, pending->values);
      if (pending->with_errors) FlowAll(out, errors_);
      if (pending->with_coroutines) FlowAll(out, coroutines_);
    }
    if (!pending->callee) continue;
    FlowAll(first, pending->callee->first_result);
    FlowAll(rest, pending->callee->first_result);  // behind pcall it is the second
    FlowAll(rest, pending->callee->rest_results);
  }
}

}  // namespace sloth
