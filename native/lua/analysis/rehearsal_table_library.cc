// The functions of Lua's own libraries that work on tables and metatables, in a rehearsal.
#include "lua/analysis/heap_read.h"
#include "lua/analysis/rehearsal.h"

namespace sloth {

void Rehearsal::CallTableFunction(LibraryModel model, const Operands& operands, const Results& results, Site site) {
  const ObjectSet& tables = Operand(operands, 0);
  const TString* number = AbstractHeap::NumberKey();
  auto elements = [&](ObjectSet* out, bool only_numbers) {
    for (uint32_t i = 0; i < tables.size(); i++) GetElement(out, tables[i], only_numbers, site);
  };
  auto store = [&](const ObjectSet& into, const TString* key, const ObjectSet& values) {
    for (uint32_t i = 0; i < into.size(); i++) SetKey(into[i], key, values, site);
  };
  if (tables.Has(kMessage)) {
    for (int event : {TM_LEN, TM_LT, TM_NEWINDEX}) {
      if (elsewhere_->DefinesEvent(event)) Unknown("", site, "uses a received value whose metamethods cannot be known");
    }
  }
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
    case LibraryModel::kIpairs:
      Put(results.first, model == LibraryModel::kPairs ? kNextFunction : kIpairsStep);
      return PutAll(results.rest, tables);
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
      ObjectId made = ObjectMadeBy(site, ObjectKind::kOwnTable);
      for (uint32_t i = 0; i < operands.count; i++) FlowAll(heap_.ContentsOf(made, number), *operands.sets[i]);
      return Put(results.first, made);
    }
    case LibraryModel::kTableMove: {
      ObjectSet moved{};
      elements(&moved, true);
      const ObjectSet& into = Operand(operands, 4);
      // Without a fifth argument the first is the destination; a plain fifth one may be nil.
      if (operands.count <= 4 || into.empty() || operands.open) store(tables, number, moved);
      argument_ = 4;
      store(into, number, moved);
      argument_ = 0;
      PutAll(results.first, tables);
      return PutAll(results.first, into);
    }
    case LibraryModel::kSubstitute: {
      const ObjectSet& replacement = Operand(operands, 2);
      ObjectSet ignored{};
      for (uint32_t i = 0; i < replacement.size(); i++) {
        if (IsFunction(replacement[i])) {
          CallObject(replacement[i], {nullptr, 0, false}, {&ignored, &ignored}, site);
        } else {
          GetElement(&ignored, replacement[i], false, site);
        }
      }
      return;
    }
    default: return Unknown("", site, "calls a function the analysis does not know");
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
        GetMetafield(&finalizers, tables[i], "__gc", site);
        Put(&self, tables[i]);
        if (!finalizers.empty()) arms_finalizers_ = true;
        const ObjectSet* sets[] = {&self};
        Call(finalizers, {sets, 1, false}, {&ignored, &ignored}, site);
        break;
      }
      case ObjectKind::kTable:
      case ObjectKind::kAnyCaptured:
      case ObjectKind::kGlobals:
      case ObjectKind::kLibrary: SetsMetatable(tables[i], metatables, site); break;
      case ObjectKind::kMessage:
      case ObjectKind::kLibraryValue:
        Unknown("", site, "gives a metatable to a value it did not make");
        break;
      default: break;
    }
  }
}

void Rehearsal::GetMetatable(const Operands& operands, const Results& results, Site site) {
  const ObjectSet& values = Operand(operands, 0);
  for (uint32_t i = 0; i < values.size(); i++) {
    if (values[i] == kAnyCaptured || values[i] == kMessage) Put(results.first, values[i]);
    MetatablesOf(values[i], results.first, site);
    GetMetafield(results.first, values[i], "__metatable", site);
  }
  // Of a string.
  if (G(L_)->mt[LUA_TSTRING]) Put(results.first, heap_.OfTable(G(L_)->mt[LUA_TSTRING]));
}

}  // namespace sloth
