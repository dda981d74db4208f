// Builds snapshots: the same state at several places, and what can be learned from the differences.
#include <cstring>

#include <sys/mman.h>

#include "lua/chance.h"
#include "lua/code_heap.h"
#include "lua/handles.h"
#include "lua/heap.h"
#include "lua/heap_audit.h"
#include "lua/internals.h"
#include "lua/island.h"
#include "lua/pristine_memory.h"
#include "lua/snapshot.h"

namespace sloth {
namespace {

constexpr size_t kMostLibraries = 31;

// Protected: makes what a heap begins with. [1] the key.
int BuildPristine(lua_State* L) {
  auto* key = static_cast<const SnapshotKey*>(lua_touserdata(L, 1));
  lua_settop(L, 0);
  BuildHeap(L);
  if (key->libraries & kEveryLibrary) EnsureAllLibraries(L);
  for (size_t index = 0; index < kMostLibraries; index++) {
    if (key->libraries & (1u << index)) EnsureLibrary(L, LibraryAt(static_cast<int>(index)));
  }
  PrepareCode(L);
  PrepareHandles(L, key->kinds);
  PrepareBodies(L);
  if (key->code) KeepPrototypes(L, key->code, key->functions, key->function_count);
  return 0;
}

// A table in the registry that is keyed by a table.
int AddHeapKey(lua_State* L) {
  lua_newtable(L);
  lua_newtable(L);
  lua_pushboolean(L, 1);
  lua_rawset(L, -3);
  lua_setfield(L, LUA_REGISTRYINDEX, "keyed by a table");
  return 0;
}

// Where a value has none, Lua leaves the bytes of an earlier one: they may be an address that means nothing.
void ClearValue(TValue* value) {
  if (!iscollectable(value) && ttype(value) != LUA_TNUMBER && !ttislightuserdata(value) && !ttislcf(value)) value->value_.p = nullptr;
}

void ClearTable(Table* table) {
  unsigned int array_size = luaH_realasize(table);
  for (unsigned int i = 0; i < array_size; i++) ClearValue(&table->array[i]);
  for (int i = 0; !isdummy(table) && i < sizenode(table); i++) {
    Node* node = gnode(table, i);
    ClearValue(gval(node));
    if (keyisnil(node) || keytt(node) == LUA_TDEADKEY) keyval(node).p = nullptr;
  }
}

// Takes out of a heap at rest what is left of values and calls that are over.
void ClearLeftovers(lua_State* main) {
  lua_settop(main, 0);
  while (main->base_ci.next && main->base_ci.next->next) luaE_shrinkCI(main);
  if (CallInfo* call = main->base_ci.next) {
    CallInfo* previous = call->previous;
    std::memset(static_cast<void*>(call), 0, sizeof *call);
    call->previous = previous;
  }
  StkId end = main->stack_last.p + EXTRA_STACK;
  std::memset(static_cast<void*>(main->top.p), 0, static_cast<size_t>(end - main->top.p) * sizeof(union ::StackValue));
  for (GCObject* list : {G(main)->allgc, G(main)->finobj, G(main)->fixedgc}) {
    for (GCObject* object = list; object; object = object->next) {
      if (object->tt == LUA_VTABLE) ClearTable(gco2t(object));
    }
  }
}

struct Area {
  const char* begin;
  size_t size;
};

bool OwnsArea(const void* context, const void* block, size_t size) {
  auto* area = static_cast<const Area*>(context);
  auto* begin = static_cast<const char*>(block);
  return begin >= area->begin && begin + size <= area->begin + area->size;
}

const char* ProblemAt(lua_State* main, const char* begin, size_t size) {
  Area area{begin, size};
  return FindHeapProblem(main, {OwnsArea, &area});
}

// Memory for one build at each of several places.
class Places {
 public:
  static constexpr int kCount = 5;

  explicit Places(size_t image_size) : stride_((image_size + 8191) & ~size_t{4095}) {
    void* memory = mmap(nullptr, stride_ * kCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory != MAP_FAILED) memory_ = static_cast<char*>(memory);
  }
  ~Places() {
    if (memory_) munmap(memory_, stride_ * kCount);
  }
  Places(const Places&) = delete;
  Places& operator=(const Places&) = delete;

  bool ok() const { return memory_ != nullptr; }
  // No two lie apart by a multiple of 256.
  char* At(int number) const {
    static constexpr size_t kShifts[kCount] = {0, 48, 176, 16, 96};
    return memory_ + static_cast<size_t>(number) * stride_ + kShifts[number];
  }

 private:
  const size_t stride_;
  char* memory_ = nullptr;
};

}  // namespace

class SnapshotBuilder {
 public:
  SnapshotBuilder(World* world, const SnapshotKey& key, SnapshotSabotage sabotage)
      : world_(world), key_(key), sabotage_(sabotage), island_(MakeRef<LuaIsland>(world, 0, nullptr, IslandListing::kUnlisted)) {
    island_->pristine = true;
  }

  std::unique_ptr<const Snapshot> TryBuild() {
    PristineMemory first;
    lua_State* main = TryBuildAt(&first);
    if (!main) return Fail("there is no memory for it");
    size_ = first.image_size();
    if (size_ > IslandMemory::kLargestImage) return Fail(kTooLarge);
    Places places(size_);
    if (!places.ok()) return Fail("there is no memory for it");
    for (int number = 0; number < 4; number++) {
      PristineMemory memory(first, places.At(number));
      lua_State* built = TryBuildAt(&memory);
      if (!built) return Fail("it is not built twice in the same way");
      if (!memory.fits()) return Fail("it is not built twice by the same requests");
      if (number == 0) {
        if (const char* problem = ProblemAt(built, places.At(0), size_)) return Fail(problem);
        if (const char* problem = FindPristineProblem(built, key_.code)) return Fail(problem);
        NoteShape(built, places.At(0));
        snapshot_->used_ = memory.used();
      }
      if (number == 1 && !TryFindPointers(places.At(0), places.At(1))) return nullptr;
      if (number >= 2 && !TryCompare(places.At(number), places.At(4))) return nullptr;
    }
    return std::move(snapshot_);
  }

  const char* problem() const { return problem_; }

  static constexpr char kTooLarge[] = "";

 private:
  std::nullptr_t Fail(const char* problem) {
    problem_ = problem;
    return nullptr;
  }

  // A heap at rest that belongs to nobody; null without memory. Its blocks are the memory's.
  lua_State* TryBuildAt(PristineMemory* memory) {
    island_->libraries.clear();
    island_->all_libraries = false;
    SeedNextState(world_->hash_seed);
    lua_State* main = lua_newstate(PristineMemory::Allocate, memory);
    if (!main) return nullptr;
    lua_gc(main, LUA_GCSTOP);
    *ExtraOf(main) = {island_.get(), nullptr};
    lua_pushcfunction(main, BuildPristine);
    lua_pushlightuserdata(main, &key_);
    if (lua_pcall(main, 1, 0, 0) != LUA_OK) {
      ReleaseCode(main);
      return nullptr;
    }
    if (key_.code) key_.code->Release();  // the heap's reference: it counts in clones alone
    lua_pushcfunction(main, AddHeapKey);
    if (sabotage_ == SnapshotSabotage::kHeapKey && lua_pcall(main, 0, 0, 0) != LUA_OK) return nullptr;
    lua_settop(main, 0);
    lua_gc(main, LUA_GCRESTART);
    lua_gc(main, LUA_GCCOLLECT);
    ClearLeftovers(main);
    GiveHeapTo(main, nullptr);
    return main;
  }

  void NoteShape(lua_State* main, const char* base) {
    snapshot_ = std::unique_ptr<Snapshot>(new Snapshot());
    snapshot_->main_ = static_cast<uint32_t>(reinterpret_cast<const char*>(main) - base);
    snapshot_->code_ = Ref<const Code>(key_.code);
    snapshot_->all_libraries_ = (key_.libraries & kEveryLibrary) != 0;
    for (const LibraryTable& library : island_->libraries) {
      auto offset = static_cast<uint32_t>(static_cast<const char*>(library.table) - base);
      snapshot_->libraries_.push_back({library.name, offset});
    }
  }

  bool TryFindPointers(char* a, char* b) {
    auto* words_a = reinterpret_cast<uint64_t*>(a);
    auto* words_b = reinterpret_cast<uint64_t*>(b);
    size_t count = size_ / sizeof(uint64_t);
    if (sabotage_ == SnapshotSabotage::kBadWord) words_b[count / 2] ^= 0x5a5a;
    auto distance = static_cast<uint64_t>(b - a);
    auto base = reinterpret_cast<uint64_t>(a);
    snapshot_->image_.assign(words_a, words_a + count);
    for (size_t i = 0; i < count; i++) {
      if (words_a[i] == words_b[i]) continue;
      bool is_pointer = words_b[i] - words_a[i] == distance && words_a[i] - base < size_;
      if (!is_pointer) return Fail("a word differs that is no pointer into it"), false;
      snapshot_->image_[i] -= base;
      snapshot_->pointers_.push_back(static_cast<uint32_t>(i));
    }
    if (sabotage_ == SnapshotSabotage::kDamagedString) DamageString(a);
    return true;
  }

  // As if the text of a string of two words had been taken for a pointer.
  void DamageString(const char* base) {
    for (GCObject* object = G(reinterpret_cast<const lua_State*>(base + snapshot_->main_))->allgc; object; object = object->next) {
      if (object->tt != LUA_VSHRSTR || gco2ts(object)->shrlen < 10) continue;
      auto offset = static_cast<uint32_t>(getstr(gco2ts(object)) - base);
      snapshot_->pointers_.push_back(offset / sizeof(uint64_t));
      return;
    }
  }

  // Whether a clone at `built` would be what was built there, and means the same at `elsewhere`.
  bool TryCompare(char* built, char* elsewhere) {
    lua_State* there = snapshot_->Copy(elsewhere);
    if (const char* problem = ProblemAt(there, elsewhere, size_)) return Fail(problem), false;
    if (const char* problem = FindPristineProblem(there, key_.code)) return Fail(problem), false;
    std::vector<char> expected(built, built + size_);
    snapshot_->Copy(built);
    if (sabotage_ == SnapshotSabotage::kBadClone) built[size_ / 2] ^= 1;
    if (std::memcmp(expected.data(), built, size_) != 0) return Fail("a clone differs from what is built there"), false;
    return true;
  }

  World* const world_;
  SnapshotKey key_;
  const SnapshotSabotage sabotage_;
  const Ref<LuaIsland> island_;
  size_t size_ = 0;
  std::unique_ptr<Snapshot> snapshot_;
  const char* problem_ = nullptr;
};

std::unique_ptr<const Snapshot> Snapshot::TryBuild(World* world, const SnapshotKey& key, SnapshotSabotage sabotage,
                                                   std::string* problem) {
  SnapshotBuilder builder(world, key, sabotage);
  std::unique_ptr<const Snapshot> snapshot = builder.TryBuild();
  if (!snapshot) *problem = builder.problem();
  return snapshot;
}

}  // namespace sloth
