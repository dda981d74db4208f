#include "lua/heap_census.h"

#include <cstring>

#include "lua/body.h"
#include "lua/handles.h"
#include "lua/internals.h"

namespace sloth {

void AddressSet::Clear() {
  size_ = 0;
  if (++round_ == 0) {
    slots_.clear();
    round_ = 1;
  }
}

size_t AddressSet::Find(const void* address) const {
  size_t mask = slots_.size() - 1;
  size_t at = (reinterpret_cast<uintptr_t>(address) >> 4) * 0x9e3779b97f4a7c15u >> 20 & mask;
  while (slots_[at].round == round_ && slots_[at].address != address) at = (at + 1) & mask;
  return at;
}

bool AddressSet::Has(const void* address) const { return !slots_.empty() && slots_[Find(address)].round == round_; }

bool AddressSet::Add(const void* address) {
  if (size_ * 2 >= slots_.size()) Grow();
  Slot& slot = slots_[Find(address)];
  if (slot.round == round_) return false;
  slot = {address, round_};
  size_++;
  return true;
}

void AddressSet::Grow() {
  std::vector<Slot> old(slots_.empty() ? 256 : slots_.size() * 2);
  old.swap(slots_);
  for (const Slot& slot : old) {
    if (slot.round == round_) slots_[Find(slot.address)] = slot;
  }
}

// One walk through a heap from some roots; every object once.
class CensusTaker::Walk {
 public:
  // `before`: objects that count as seen, or null.
  Walk(lua_State* main, AddressSet* seen, const AddressSet* before, size_t* budget, std::vector<const Handle*>* found)
      : global_(G(main)), seen_(seen), before_(before), budget_(budget), found_(found) {}

  void AddObject(const GCObject* object) {
    if (object->tt == LUA_VSHRSTR || object->tt == LUA_VLNGSTR || object->tt == LUA_VPROTO) return;
    if (before_ && before_->Has(object)) return;
    if (seen_->Add(object)) pending_.push_back(object);
  }
  void AddValue(const TValue* value) {
    if (iscollectable(value)) AddObject(gcvalue(value));
  }
  // Lua's registry, but for the goroutines that are listed there.
  void AddRegistry() {
    const Table* registry = hvalue(&global_->l_registry);
    VisitTable(registry, [&](const TValue* value, const Node* node) {
      if (!HasKey(node, ThreadsKey()) && !HasKey(node, DeferredKey())) AddValue(value);
    });
    for (Table* metatable : global_->mt) {
      if (metatable) AddObject(obj2gco(metatable));
    }
  }
  void AddGoroutine(lua_State* state) {
    AddObject(obj2gco(state));
    const Table* registry = hvalue(&global_->l_registry);
    VisitTable(registry, [&](const TValue* value, const Node* node) {
      if (!HasKey(node, DeferredKey()) || !ttistable(value)) return;
      VisitTable(hvalue(value), [&](const TValue* list, const Node* of) {
        if (HasKey(of, state)) AddValue(list);
      });
    });
  }
  // False when the budget was used up.
  bool Finish() {
    while (!pending_.empty()) {
      if (*budget_ == 0) return false;
      --*budget_;
      const GCObject* object = pending_.back();
      pending_.pop_back();
      Visit(object);
    }
    return true;
  }

 private:
  // Calls `each` with every value and its node; null for those of the array part.
  template <typename Each>
  static void VisitTable(const Table* table, const Each& each) {
    unsigned int array_size = luaH_realasize(table);
    for (unsigned int i = 0; i < array_size; i++) {
      if (!isempty(&table->array[i])) each(&table->array[i], nullptr);
    }
    for (int i = 0; i < sizenode(table); i++) {
      const Node* node = gnode(table, i);
      if (!isempty(gval(node))) each(gval(node), node);
    }
  }
  static bool HasKey(const Node* node, const void* key) {
    return node && keytt(node) == LUA_VLIGHTUSERDATA && keyval(node).p == key;
  }

  void Visit(const GCObject* object) {
    switch (object->tt) {
      case LUA_VTABLE: VisitFields(gco2t(object)); break;
      case LUA_VUSERDATA: VisitUserdata(gco2u(object)); break;
      case LUA_VLCL: {
        const LClosure* closure = gco2lcl(object);
        for (int i = 0; i < closure->nupvalues; i++) {
          if (closure->upvals[i]) AddValue(closure->upvals[i]->v.p);
        }
        break;
      }
      case LUA_VCCL: {
        const CClosure* closure = gco2ccl(object);
        for (int i = 0; i < closure->nupvalues; i++) AddValue(&closure->upvalue[i]);
        break;
      }
      case LUA_VTHREAD: {
        const lua_State* thread = gco2th(object);
        if (!thread->stack.p) break;
        for (StkId slot = thread->stack.p; slot < thread->top.p; slot++) AddValue(s2v(slot));
        break;
      }
      default: break;
    }
  }

  void VisitFields(const Table* table) {
    bool weak_keys = false;
    bool weak_values = false;
    if (table->metatable) {
      AddObject(obj2gco(table->metatable));
      const TValue* mode = luaH_getshortstr(table->metatable, global_->tmname[TM_MODE]);
      if (ttisstring(mode)) {
        weak_keys = std::strchr(getstr(tsvalue(mode)), 'k') != nullptr;
        weak_values = std::strchr(getstr(tsvalue(mode)), 'v') != nullptr;
      }
    }
    VisitTable(table, [&](const TValue* value, const Node* node) {
      if (!weak_values) AddValue(value);
      if (node && !weak_keys && keyiscollectable(node)) AddObject(gckey(node));
    });
  }

  void VisitUserdata(const Udata* userdata) {
    if (userdata->metatable) AddObject(obj2gco(userdata->metatable));
    for (int i = 0; i < userdata->nuvalue; i++) AddValue(&userdata->uv[i].uv);
    if (const Handle* handle = HandleInBlock(getudatamem(userdata), userdata->len, nullptr)) found_->push_back(handle);
  }

  const global_State* const global_;
  AddressSet* const seen_;
  const AddressSet* const before_;
  size_t* const budget_;
  std::vector<const Handle*>* const found_;
  std::vector<const GCObject*> pending_;
};

bool CensusTaker::TryTake(LuaIsland* island, const std::vector<LuaGoroutine*>& named, const std::vector<LuaGoroutine*>& others,
                          IslandCensus* census) {
  lua_State* main = island->main_state();
  if (!main) return false;
  common_.Clear();
  Walk common(main, &common_, nullptr, &budget_, &census->common);
  common.AddRegistry();
  for (LuaGoroutine* goroutine : others) {
    if (goroutine->state) common.AddGoroutine(goroutine->state);
  }
  // Every handle is in one of these lists. What else is there has a finalizer, which may do anything.
  for (const GCObject* list : {G(main)->finobj, G(main)->tobefnz}) {
    for (const GCObject* object = list; object; object = object->next) {
      const Udata* userdata = object->tt == LUA_VUSERDATA ? gco2u(object) : nullptr;
      const Handle* handle = userdata ? HandleInBlock(getudatamem(userdata), userdata->len, nullptr) : nullptr;
      if (handle) {
        census->held[handle]++;
      } else {
        common.AddObject(object);
      }
    }
  }
  if (!common.Finish()) return false;
  for (LuaGoroutine* goroutine : named) {
    own_.Clear();
    Walk own(main, &own_, &common_, &budget_, &census->own.emplace_back());
    if (goroutine->state) own.AddGoroutine(goroutine->state);
    if (!own.Finish()) return false;
  }
  return true;
}

}  // namespace sloth
