// Library functions in a rehearsal.
#include <cstring>

#include "lua/analysis/known_functions.h"
#include "lua/analysis/rehearsal.h"

namespace sloth {

namespace {

constexpr int kMaxCalls = 200;   // of library functions inside one
constexpr int kMaxNesting = 8;   // of tables that hand functions to a library function

}  // namespace

bool Rehearsal::IsActive(ObjectId callee, const Operands& operands, Site site) {
  // Each may call each other one, in any order: that is followed only so far.
  if (!active_) calls_inside_ = 0;
  if (++calls_inside_ > kMaxCalls) {
    if (calls_inside_ == kMaxCalls + 1) Unknown("", site, "hands library functions to each other");
    return true;
  }
  for (const ActiveCall* call = active_; call; call = call->outer) {
    bool same = call->callee == callee && call->operands->count == operands.count && call->operands->open == operands.open;
    for (uint32_t i = 0; same && i < operands.count; i++) same = call->operands->sets[i]->Equals(*operands.sets[i]);
    if (same) return true;
  }
  return false;
}

void Rehearsal::CallLibrary(ObjectId callee, const Operands& operands, const Results& results, Site site) {
  if (IsActive(callee, operands, site)) return;
  ActiveCall call{callee, &operands, active_};
  active_ = &call;
  PlayLibrary(callee, operands, results, site);
  active_ = call.outer;
}

void Rehearsal::PlayLibrary(ObjectId callee, const Operands& operands, const Results& results, Site site) {
  LibraryModel model = heap_[callee].model;
  const FunctionEntry* entry = heap_[callee].entry;
  const char* name = entry ? entry->name : "";
  CallMetamethodsOfArguments(operands, results, site);
  switch (model) {
    case LibraryModel::kIo: UsesDefaultFiles(); [[fallthrough]];
    case LibraryModel::kPlain:
      if (entry && ReturnsPlain(entry)) return;
      Put(results.first, kLibraryValue);
      return Put(results.rest, kLibraryValue);
    case LibraryModel::kStranger: return CallStranger(callee, operands, results, site);
    case LibraryModel::kLoads: return Unknown(name, site, "calls '" + std::string(name) + "': code nobody has seen");
    case LibraryModel::kDebug: return Unknown(name, site, "calls 'debug." + std::string(name) + "'");
    case LibraryModel::kRedirectsIo: {
      Put(results.first, kLibraryValue);
      bool closes = std::strcmp(name, "close") == 0;
      if (closes == (operands.count == 0)) RedirectsFiles(name, site);
      return;
    }
    case LibraryModel::kRequire: return Require(operands, results, site);
    case LibraryModel::kPcall:
    case LibraryModel::kXpcall:
    case LibraryModel::kError:
    case LibraryModel::kAssert: return CallProtected(model, operands, results, site);
    case LibraryModel::kSelect:
      for (uint32_t i = 0; i < operands.count; i++) {
        PutAll(results.first, *operands.sets[i]);
        PutAll(results.rest, *operands.sets[i]);
      }
      return;
    case LibraryModel::kSetMetatable: return SetMetatable(operands, results, site);
    case LibraryModel::kGetMetatable: return GetMetatable(operands, results, site);
    case LibraryModel::kWrap:
    case LibraryModel::kCreateCoroutine:
    case LibraryModel::kResume:
    case LibraryModel::kYield: return CallCoroutineFunction(model, operands, results, site);
    case LibraryModel::kSpawns:
    case LibraryModel::kSpawnsBehind:
    case LibraryModel::kSpawnsMany:
    case LibraryModel::kSpawnsList: return CallSpawn(model, operands, results, site);
    case LibraryModel::kSelectCases:
    case LibraryModel::kGeneric:
    case LibraryModel::kReceives:
    case LibraryModel::kHost:
    case LibraryModel::kCalls:
    case LibraryModel::kIterates:
    case LibraryModel::kCarries:
    case LibraryModel::kStores: return CallRuntimeFunction(model, operands, results, site);
    default: return CallTableFunction(model, operands, results, site);
  }
}

void Rehearsal::CallProtected(LibraryModel model, const Operands& operands, const Results& results, Site site) {
  auto behind = [&](uint32_t count) {
    uint32_t skipped = operands.count < count ? operands.count : count;
    bool only_open = operands.open && skipped == operands.count && skipped > 0;
    if (only_open) skipped--;  // the open operand stands for those behind it too
    return Operands{operands.sets + skipped, operands.count - skipped, operands.open};
  };
  switch (model) {
    case LibraryModel::kPcall:
      Call(Operand(operands, 0), behind(1), {results.rest, results.rest}, site);
      return PutAll(results.rest, errors_);
    case LibraryModel::kXpcall: {
      Call(Operand(operands, 0), behind(2), {results.rest, results.rest}, site);
      const ObjectSet* error[] = {&errors_};
      Call(Operand(operands, 1), {error, 1, false}, {results.rest, results.rest}, site);
      return PutAll(results.rest, errors_);
    }
    case LibraryModel::kError: return FlowAll(&errors_, Operand(operands, 0));
    default:  // assert
      FlowAll(&errors_, Operand(operands, 1));
      for (uint32_t i = 0; i < operands.count; i++) PutAll(i == 0 ? results.first : results.rest, *operands.sets[i]);
      if (operands.open) PutAll(results.rest, Operand(operands, operands.count));
      return;
  }
}

void Rehearsal::CallCoroutineFunction(LibraryModel model, const Operands& operands, const Results& results, Site site) {
  if (model == LibraryModel::kResume || model == LibraryModel::kYield) {
    for (uint32_t i = 0; i < operands.count; i++) FlowAll(&coroutines_, *operands.sets[i]);
    for (ObjectSet* out : {results.first, results.rest}) {
      PutAll(out, coroutines_);
      PutAll(out, errors_);
    }
    return;
  }
  const ObjectSet* arguments[] = {&coroutines_};
  ObjectSet first{}, rest{};
  Call(Operand(operands, 0), {arguments, 1, true}, {&first, &rest}, site);
  FlowAll(&coroutines_, first);
  FlowAll(&coroutines_, rest);
  bool wraps = model == LibraryModel::kWrap && site.step;
  Put(results.first, wraps ? ObjectMadeBy(site, ObjectKind::kGenerator) : kLibraryValue);
}

void Rehearsal::CallRuntimeFunction(LibraryModel model, const Operands& operands, const Results& results, Site site) {
  if (model == LibraryModel::kSelectCases) {
    ObjectId made = ObjectMadeBy(site, ObjectKind::kOwnTable);
    ObjectSet returned{};
    Put(&returned, kMessage);
    for (uint32_t i = 0; i < operands.count; i++) ReadDeeply(*operands.sets[i], site);
    CallArguments(operands, {&returned, &returned}, site);
    FlowAll(heap_.ContentsOf(made, AbstractHeap::AnyKey()), returned);
    return Put(results.first, made);
  }
  for (argument_ = 0; argument_ < operands.count; argument_++) ReadDeeply(*operands.sets[argument_], site);
  argument_ = 0;
  if (model == LibraryModel::kStores) {
    for (uint32_t i = 0; i < operands.count; i++) {
      const ObjectSet& tables = *operands.sets[i];
      for (uint32_t k = 0; k < tables.size(); k++) SetKey(tables[k], AbstractHeap::AnyKey(), nothing_, site);
    }
  }
  for (ObjectSet* out : {results.first, results.rest}) {
    Put(out, kLibraryValue);
    if (model != LibraryModel::kGeneric && model != LibraryModel::kIterates) Put(out, kMessage);
  }
  if (model == LibraryModel::kCarries) {
    ObjectSet returned{};
    CallArguments(operands, {&returned, &returned}, site);
    return ReadDeeply(returned, site);  // as it is copied
  }
  if (model != LibraryModel::kGeneric && model != LibraryModel::kReceives) CallArguments(operands, results, site);
}

// The function may stand behind the module itself (`go(f)`), a handle (`wg:go(f)`) or a name, and behind a context. What is
// behind the function are its arguments. Its results are copied for whoever awaits them.
void Rehearsal::CallSpawn(LibraryModel model, const Operands& operands, const Results& results, Site site) {
  for (uint32_t i = 0; i < operands.count && i < 3; i++) {
    const ObjectSet& callees = *operands.sets[i];
    // An open operand stands for those behind it too.
    uint32_t skipped = operands.open && i + 1 == operands.count ? i : i + 1;
    Operands behind{operands.sets + skipped, operands.count - skipped, operands.open};
    if (model == LibraryModel::kSpawnsMany) behind = BehindPlain(behind);
    ObjectSet returned{};
    Call(callees, behind, {&returned, &returned}, site);
    if (model == LibraryModel::kSpawnsList) CallFunctionsIn(TablesIn(callees), {nullptr, 0, false}, {&returned, &returned}, site, 0);
    ReadDeeply(returned, site);
    bool may_be_in_front = i == 0 && (model == LibraryModel::kSpawnsBehind || model == LibraryModel::kSpawnsMany);
    if (!may_be_in_front && AreFunctions(callees)) break;
  }
  for (ObjectSet* out : {results.first, results.rest}) {
    Put(out, kLibraryValue);
    Put(out, kMessage);
  }
}

// The operands with a plain value in front.
Operands Rehearsal::BehindPlain(const Operands& operands) {
  auto** sets = arena_->New<const ObjectSet*>(operands.count + 1);
  sets[0] = &nothing_;
  for (uint32_t i = 0; i < operands.count; i++) sets[i + 1] = operands.sets[i];
  return {sets, operands.count + 1, operands.open};
}

ObjectSet Rehearsal::TablesIn(const ObjectSet& values) {
  ObjectSet tables{};
  for (uint32_t i = 0; i < values.size(); i++) {
    if (heap_[values[i]].IsTable() || values[i] == kAnyCaptured) Put(&tables, values[i]);
  }
  return tables;
}

// Whether the values are functions, all of them, and not none.
bool Rehearsal::AreFunctions(const ObjectSet& values) {
  for (uint32_t i = 0; i < values.size(); i++) {
    if (!IsFunction(values[i])) return false;
  }
  return !values.empty();
}

// Every function among the arguments may be called with anything among them, or with messages.
void Rehearsal::CallArguments(const Operands& operands, const Results& results, Site site) {
  ObjectSet arguments{};
  Put(&arguments, kMessage);
  Put(&arguments, kLibraryValue);
  for (uint32_t i = 0; i < operands.count; i++) {
    const ObjectSet& values = *operands.sets[i];
    PutAll(&arguments, values);
    for (uint32_t k = 0; k < values.size(); k++) {
      if (heap_[values[k]].IsTable() || values[k] == kAnyCaptured) GetElement(&arguments, values[k], false, site);
    }
  }
  const ObjectSet* sets[] = {&arguments};
  for (uint32_t i = 0; i < operands.count; i++) {
    CallFunctionsIn(*operands.sets[i], {sets, 1, true}, results, site, 0);
  }
}

void Rehearsal::CallFunctionsIn(const ObjectSet& values, const Operands& operands, const Results& results, Site site,
                                int depth) {
  if (depth > kMaxNesting) return Unknown("", site, "hands a library deeply nested tables that may hold functions");
  for (uint32_t i = 0; i < values.size() && !Halted(); i++) {
    if (IsFunction(values[i]) || values[i] == kAnyCaptured) {
      CallObject(values[i], operands, results, site);
    } else if (heap_[values[i]].IsTable()) {
      ObjectSet elements{};
      GetElement(&elements, values[i], false, site);
      if (!elements.empty()) CallFunctionsIn(elements, operands, results, site, depth + 1);
    }
  }
}

// Library functions read, compare, print and store through metamethods: any of them may be called.
void Rehearsal::CallMetamethodsOfArguments(const Operands& operands, const Results& results, Site site) {
  static constexpr const char* kEvents[] = {"__tostring", "__pairs", "__len", "__index", "__newindex",
                                            "__lt",       "__eq",    "__concat", "__call", "__name"};
  for (uint32_t i = 0; i < operands.count; i++) {
    const ObjectSet& values = *operands.sets[i];
    for (uint32_t k = 0; k < values.size(); k++) {
      ObjectId id = values[k];
      if (id == kAnyCaptured && EventsOfAnyCaptured() != 0) {
        Unknown("", site, "hands a library function a captured value whose metamethods cannot be known");
      } else if (id == kMessage && elsewhere_->DefinesEvent(TM_N)) {
        Unknown("", site, "hands a library function a received value whose metamethods cannot be known");
      }
      if (!heap_[id].IsTable()) continue;
      ObjectSet metatables{};
      MetatablesOf(id, &metatables, site);
      if (metatables.empty()) continue;
      if (Halted() || TooMuchWork(site)) return;
      ObjectSet operand{}, result{};
      Put(&operand, id);
      for (uint32_t o = 0; o < operands.count; o++) PutAll(&operand, *operands.sets[o]);
      const ObjectSet* sets[] = {&operand};
      for (const char* event : kEvents) {
        ObjectSet handlers{};
        GetMetafield(&handlers, id, event, site);
        for (uint32_t h = 0; h < handlers.size(); h++) {
          if (IsFunction(handlers[h])) CallObject(handlers[h], {sets, 1, true}, {&result, &result}, site);
        }
      }
      PutAll(results.first, result);
      PutAll(results.rest, result);
    }
  }
}

}  // namespace sloth
