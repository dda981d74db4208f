// Library functions in a rehearsal.
#include <cstring>

#include "lua/analysis/heap_read.h"
#include "lua/analysis/known_functions.h"
#include "lua/analysis/rehearsal.h"
#include "lua/library.h"
#include "lua/pack_library.h"

namespace sloth {

namespace {

constexpr int kMaxNesting = 8;  // of tables that hand functions to a library function
constexpr int kMaxHandedOn = 8;  // library functions that call the next one with what they were given

}  // namespace

// The one table that a step's library function makes.
ObjectId Rehearsal::TableMadeBy(Site site) {
  if (!site.step) return kLibraryValue;
  Instance* instance = const_cast<Instance*>(site.instance);
  ObjectId& made = instance->made[site.step - instance->facts->steps.data()];
  if (made == kNoObject) made = heap_.New(ObjectKind::kOwnTable);
  return made;
}

// A library function that calls what it is given may be given itself: `pcall(pcall, pcall)`.
void Rehearsal::CallLibrary(ObjectId callee, const Operands& operands, const Results& results, Site site) {
  if (handed_on_ > 0 && handed_on_too_often_) return;
  if (handed_on_ == kMaxHandedOn) {
    handed_on_too_often_ = true;
    return Unknown("", site, "hands library functions to each other");
  }
  handed_on_++;
  PlayLibrary(callee, operands, results, site);
  handed_on_--;
}

void Rehearsal::PlayLibrary(ObjectId callee, const Operands& operands, const Results& results, Site site) {
  LibraryModel model = heap_[callee].model;
  const FunctionEntry* entry = heap_[callee].entry;
  std::string name = entry ? entry->name : "";
  auto put_both = [&](const ObjectSet& values) {
    PutAll(results.first, values);
    PutAll(results.rest, values);
  };
  CallMetamethodsOfArguments(operands, results, site);
  switch (model) {
    case LibraryModel::kIo: uses_io = true; [[fallthrough]];
    case LibraryModel::kPlain:
      Put(results.first, kLibraryValue);
      return Put(results.rest, kLibraryValue);
    case LibraryModel::kStranger:
      return Unknown("", site, "calls a C function that is not known");
    case LibraryModel::kLoads: return Unknown(name, site, "calls '" + name + "': code nobody has seen");
    case LibraryModel::kDebug: return Unknown(name, site, "calls 'debug." + name + "'");
    case LibraryModel::kRedirectsIo:
      Put(results.first, kLibraryValue);
      if (operands.count == 0 && name != "close") return;
      if (operands.count > 0 && name == "close") return;
      return reasons_->Add("stores", "io." + name, {site.instance->code, site.instance->function, site.step->pc},
                           "changes the default files of the io library");
    case LibraryModel::kRequire: return Require(operands, results, site);
    case LibraryModel::kPcall: {
      Operands rest{operands.sets + (operands.count > 0), operands.count - (operands.count > 0), operands.open};
      Call(Operand(operands, 0), rest, {results.rest, results.rest}, site);
      return PutAll(results.rest, errors_);
    }
    case LibraryModel::kXpcall: {
      Operands rest{operands.sets + (operands.count > 1 ? 2 : operands.count),
                    operands.count > 1 ? operands.count - 2 : 0, operands.open};
      Call(Operand(operands, 0), rest, {results.rest, results.rest}, site);
      const ObjectSet* error[] = {&errors_};
      Call(Operand(operands, 1), {error, 1, false}, {results.rest, results.rest}, site);
      return PutAll(results.rest, errors_);
    }
    case LibraryModel::kError: return FlowAll(&errors_, Operand(operands, 0));
    case LibraryModel::kAssert:
      FlowAll(&errors_, Operand(operands, 1));
      for (uint32_t i = 0; i < operands.count; i++) PutAll(i == 0 ? results.first : results.rest, *operands.sets[i]);
      return operands.open ? PutAll(results.rest, Operand(operands, operands.count)) : void();
    case LibraryModel::kSelect:
      for (uint32_t i = 0; i < operands.count; i++) put_both(*operands.sets[i]);
      return;
    case LibraryModel::kSetMetatable: return SetMetatable(operands, results, site);
    case LibraryModel::kGetMetatable: {
      const ObjectSet& values = Operand(operands, 0);
      for (uint32_t i = 0; i < values.size(); i++) {
        if (values[i] == kAnyCaptured || values[i] == kMessage) Put(results.first, values[i]);
        MetatablesOf(values[i], results.first);
        GetMetafield(results.first, values[i], "__metatable");
      }
      // Of a string.
      if (G(L_)->mt[LUA_TSTRING]) Put(results.first, heap_.OfTable(G(L_)->mt[LUA_TSTRING]));
      return;
    }
    case LibraryModel::kWrap:
    case LibraryModel::kCreateCoroutine: {
      const ObjectSet* arguments[] = {&coroutines_};
      ObjectSet first{}, rest{};
      Call(Operand(operands, 0), {arguments, 1, true}, {&first, &rest}, site);
      FlowAll(&coroutines_, first);
      FlowAll(&coroutines_, rest);
      if (model == LibraryModel::kCreateCoroutine) return Put(results.first, kLibraryValue);
      ObjectId& made = const_cast<Instance*>(site.instance)->made[site.step - site.instance->facts->steps.data()];
      if (made == kNoObject) made = heap_.New(ObjectKind::kGenerator);
      return Put(results.first, made);
    }
    case LibraryModel::kResume:
    case LibraryModel::kYield:
      for (uint32_t i = 0; i < operands.count; i++) FlowAll(&coroutines_, *operands.sets[i]);
      put_both(coroutines_);
      return put_both(errors_);
    case LibraryModel::kSpawns: {
      // The function may stand behind the module itself (`go(f)`) and behind a context.
      for (uint32_t i = 0; i < operands.count && i < 3; i++) {
        Operands rest{operands.sets + i + 1, operands.count - i - 1, operands.open};
        ObjectSet first{}, others{};
        Call(*operands.sets[i], rest, {&first, &others}, site);
      }
      return Put(results.first, kLibraryValue);
    }
    case LibraryModel::kSelectCases: {
      ObjectId made = TableMadeBy(site);
      ObjectSet returned{};
      Put(&returned, kMessage);
      CallArguments(operands, 0, {&returned, &returned}, site, true);
      FlowAll(heap_.ContentsOf(made, AbstractHeap::AnyKey()), returned);
      return Put(results.first, made);
    }
    case LibraryModel::kGeneric:
    case LibraryModel::kReceives:
    case LibraryModel::kHost:
    case LibraryModel::kCalls:
    case LibraryModel::kIterates:
    case LibraryModel::kStores: {
      for (uint32_t i = 0; i < operands.count; i++) ReadDeeply(*operands.sets[i], site);
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
      bool calls = model != LibraryModel::kGeneric && model != LibraryModel::kReceives;
      return calls ? CallArguments(operands, 0, results, site, true) : void();
    }
    default: return CallTableFunction(model, operands, results, site);
  }
}

void Rehearsal::CallTableFunction(LibraryModel model, const Operands& operands, const Results& results, Site site) {
  const ObjectSet& tables = Operand(operands, 0);
  const TString* number = AbstractHeap::NumberKey();
  auto elements = [&](ObjectSet* out, bool only_numbers) {
    for (uint32_t i = 0; i < tables.size(); i++) GetElement(out, tables[i], only_numbers, site);
  };
  auto store = [&](const ObjectSet& into, const TString* key, const ObjectSet& values) {
    for (uint32_t i = 0; i < into.size(); i++) SetKey(into[i], key, values, site);
  };
  switch (model) {
    case LibraryModel::kRawGet: return elements(results.first, false);
    case LibraryModel::kRawSet:
      store(tables, AbstractHeap::AnyKey(), Operand(operands, 2));
      store(tables, AbstractHeap::AnyKey(), Operand(operands, 1));
      return PutAll(results.first, tables);
    case LibraryModel::kNext:
      elements(results.first, false);
      return PutAll(results.rest, *results.first);
    case LibraryModel::kPairs:
    case LibraryModel::kIpairs: {
      bool is_pairs = model == LibraryModel::kPairs;
      Put(results.first, is_pairs ? kNextFunction : kIpairsStep);
      return PutAll(results.rest, tables);
    }
    case LibraryModel::kIpairsStep: return elements(results.rest, true);
    case LibraryModel::kTableInsert:
      store(tables, number, Operand(operands, 1));
      return store(tables, number, Operand(operands, 2));
    case LibraryModel::kTableRemove:
      store(tables, number, nothing_);
      return elements(results.first, true);
    case LibraryModel::kTableSort: {
      ObjectSet compared{}, ignored{};
      elements(&compared, true);
      store(tables, number, compared);
      const ObjectSet* arguments[] = {&compared, &compared};
      return Call(Operand(operands, 1), {arguments, 2, false}, {&ignored, &ignored}, site);
    }
    case LibraryModel::kTableConcat: {
      ObjectSet ignored{};
      return elements(&ignored, true);
    }
    case LibraryModel::kTableUnpack:
      elements(results.first, true);
      return PutAll(results.rest, *results.first);
    case LibraryModel::kTablePack: {
      ObjectId made = TableMadeBy(site);
      for (uint32_t i = 0; i < operands.count; i++) {
        FlowAll(heap_.ContentsOf(made, number), *operands.sets[i]);
      }
      return Put(results.first, made);
    }
    case LibraryModel::kTableMove: {
      ObjectSet moved{};
      elements(&moved, true);
      const ObjectSet& into = Operand(operands, 4);
      // Without a fifth argument the first is the destination; a plain fifth one may be nil.
      if (operands.count <= 4 || into.empty() || operands.open) store(tables, number, moved);
      store(into, number, moved);
      PutAll(results.first, tables);
      return PutAll(results.first, into);
    }
    case LibraryModel::kSubstitute: {
      const ObjectSet& replacement = Operand(operands, 2);
      ObjectSet ignored{};
      for (uint32_t i = 0; i < replacement.size(); i++) GetElement(&ignored, replacement[i], false, site);
      Operands none{nullptr, 0, false};
      for (uint32_t i = 0; i < replacement.size(); i++) {
        bool is_table = heap_[replacement[i]].kind == ObjectKind::kTable || heap_[replacement[i]].kind == ObjectKind::kOwnTable;
        if (!is_table) CallObject(replacement[i], none, {&ignored, &ignored}, site);
      }
      return;
    }
    default: return Unknown("", site, "calls a function the analysis does not know");
  }
}

// Every function among the arguments may be called with anything among them, or with messages.
void Rehearsal::CallArguments(const Operands& operands, uint32_t first, const Results& results, Site site,
                              bool with_messages) {
  ObjectSet arguments{};
  if (with_messages) {
    Put(&arguments, kMessage);
    Put(&arguments, kLibraryValue);
  }
  for (uint32_t i = first; i < operands.count; i++) {
    PutAll(&arguments, *operands.sets[i]);
    const ObjectSet& values = *operands.sets[i];
    for (uint32_t k = 0; k < values.size(); k++) GetElement(&arguments, values[k], false, site);
  }
  const ObjectSet* sets[] = {&arguments};
  for (uint32_t i = first; i < operands.count; i++) {
    CallFunctionsIn(*operands.sets[i], {sets, 1, true}, results, site, 0);
  }
}

void Rehearsal::CallFunctionsIn(const ObjectSet& values, const Operands& operands, const Results& results, Site site,
                                int depth) {
  if (depth > kMaxNesting) return Unknown("", site, "hands a library deeply nested tables that may hold functions");
  for (uint32_t i = 0; i < values.size(); i++) {
    switch (heap_[values[i]].kind) {
      case ObjectKind::kFunction:
      case ObjectKind::kOwnFunction:
      case ObjectKind::kCFunction:
      case ObjectKind::kMethod:
      case ObjectKind::kGenerator:
      case ObjectKind::kAnyCaptured: CallObject(values[i], operands, results, site); break;
      case ObjectKind::kTable:
      case ObjectKind::kOwnTable: {
        ObjectSet elements{};
        GetElement(&elements, values[i], false, site);
        if (!elements.empty()) CallFunctionsIn(elements, operands, results, site, depth + 1);
        break;
      }
      default: break;
    }
  }
}

// Library functions read, compare, print and store through metamethods: any of them may be called.
void Rehearsal::CallMetamethodsOfArguments(const Operands& operands, const Results& results, Site site) {
  for (uint32_t i = 0; i < operands.count; i++) {
    const ObjectSet& values = *operands.sets[i];
    for (uint32_t k = 0; k < values.size(); k++) {
      ObjectSet metatables{};
      ObjectKind kind = heap_[values[k]].kind;
      if (kind == ObjectKind::kOwnTable) {
        PutAll(&metatables, heap_[values[k]].metatables);
      } else if (kind == ObjectKind::kTable) {
        MetatablesOf(values[k], &metatables);
      } else if (kind == ObjectKind::kAnyCaptured && reach_->events != 0) {
        Unknown("", site, "hands a library function a captured value whose metamethods cannot be known");
      } else if (kind == ObjectKind::kMessage && elsewhere_->DefinesEvent(TM_N)) {
        Unknown("", site, "hands a library function a received value whose metamethods cannot be known");
      }
      if (metatables.empty()) continue;
      for (const char* event : {"__tostring", "__pairs", "__len", "__index", "__newindex", "__lt", "__eq", "__concat",
                                "__call", "__name"}) {
        ObjectSet handlers{}, result{};
        GetMetafield(&handlers, values[k], event);
        for (uint32_t h = 0; h < handlers.size(); h++) {
          if (heap_[handlers[h]].kind == ObjectKind::kTable || heap_[handlers[h]].kind == ObjectKind::kOwnTable) continue;
          ObjectSet operand{};
          Put(&operand, values[k]);
          for (uint32_t o = 0; o < operands.count; o++) PutAll(&operand, *operands.sets[o]);
          const ObjectSet* sets[] = {&operand};
          CallObject(handlers[h], {sets, 1, true}, {&result, &result}, site);
        }
        PutAll(results.first, result);
        PutAll(results.rest, result);
      }
    }
  }
}

void Rehearsal::SetMetatable(const Operands& operands, const Results& results, Site site) {
  const ObjectSet& tables = Operand(operands, 0);
  const ObjectSet& metatables = Operand(operands, 1);
  PutAll(results.first, tables);
  for (uint32_t i = 0; i < tables.size(); i++) {
    switch (heap_[tables[i]].kind) {
      case ObjectKind::kOwnTable: {
        FlowAll(&heap_[tables[i]].metatables, metatables);
        // A finalizer runs when nobody knows.
        ObjectSet finalizers{}, ignored{}, self{};
        GetMetafield(&finalizers, tables[i], "__gc");
        Put(&self, tables[i]);
        const ObjectSet* sets[] = {&self};
        Call(finalizers, {sets, 1, false}, {&ignored, &ignored}, site);
        break;
      }
      case ObjectKind::kTable:
      case ObjectKind::kAnyCaptured:
      case ObjectKind::kGlobals:
      case ObjectKind::kLibrary: SetKey(kAnyCaptured, AbstractHeap::AnyKey(), metatables, site); break;
      case ObjectKind::kMessage:
      case ObjectKind::kLibraryValue:
        Unknown("", site, "gives a metatable to a value it did not make");
        break;
      default: break;
    }
  }
}

void Rehearsal::Require(const Operands& operands, const Results& results, Site site) {
  const ValueNode* node = nullptr;
  bool direct = site.step && site.step->kind == StepKind::kCall && site.step->operand_count > 0;
  if (direct) node = &site.instance->facts->nodes[site.instance->facts->OperandsOf(*site.step)[0]];
  // Behind pcall the name is the second argument.
  if (direct && node->kind != NodeKind::kConstant && site.step->operand_count > 1) {
    node = &site.instance->facts->nodes[site.instance->facts->OperandsOf(*site.step)[1]];
  }
  (void)operands;
  if (!node || node->kind != NodeKind::kConstant) {
    return Unknown("require", site, "requires a module whose name is computed");
  }
  const TString* name = ConstantOf(site.instance, node->index);
  std::string text(TextOf(name));
  const Table* loaded = LoadedModules(L_);
  const TValue* module = loaded ? RawField(L_, loaded, text.data(), text.size()) : nullptr;
  if (!module || ttisnil(module)) {
    if (IsRuntimeModule(text)) return Put(results.first, heap_.OfLibrary(getstr(name)));
    return Unknown(text, site, "requires the module '" + text + "', which is not loaded yet");
  }
  AddValue(results.first, module);
  bool is_library = ttistable(module) && (LibraryNameOf(L_, hvalue(module)) || hvalue(module) == GlobalsOf(L_));
  if (is_library || !IsNew(name, 4)) return;
  modules.Add(arena_, name);
  reach_->Add(module, getstr(name));
}

}  // namespace sloth
