#include "lua/write_back.h"

#include <utility>

#include "lua/handles.h"
#include "lua/internals.h"
#include "lua/pack.h"
#include "lua/pack_library.h"

namespace sloth {

// -- lists --

PostList::~PostList() {
  while (Post* post = Pop()) delete post;
}

size_t PostList::bytes() const {
  size_t sum = 0;
  for (const Post* post = first_; post; post = post->next) sum += post->bytes;
  return sum;
}

void PostList::Add(Post* post) {
  (last_ ? last_->next : first_) = post;
  last_ = post;
  count_++;
}

void PostList::Append(PostList* other) {
  if (other->empty()) return;
  (last_ ? last_->next : first_) = other->first_;
  last_ = other->last_;
  count_ += other->count_;
  other->first_ = other->last_ = nullptr;
  other->count_ = 0;
}

Post* PostList::Pop() {
  Post* post = first_;
  if (!post) return nullptr;
  first_ = std::exchange(post->next, nullptr);
  if (!first_) last_ = nullptr;
  count_--;
  return post;
}

// -- the inbox --

void PostInbox::Take(PostList* posts) {
  Ref<LuaIsland> home;
  PostList dropped;
  {
    MutexLock lock(mutex_);
    if (!home_) {
      dropped.Append(posts);
    } else {
      size_t before = posts_.count();
      posts_.Append(posts);
      waiting_.store(true, std::memory_order_relaxed);
      if (before / kMany != posts_.count() / kMany && home_->TryAddRef()) home = Ref<LuaIsland>::Adopt(home_);
    }
  }
  if (!dropped.empty()) world_->posted_bytes.fetch_sub(dropped.bytes(), std::memory_order_relaxed);
  if (home) home->RequestErrands();
}

PostList PostInbox::Empty() {
  MutexLock lock(mutex_);
  waiting_.store(false, std::memory_order_relaxed);
  return std::move(posts_);
}

void PostInbox::PutBack(PostList* posts) {
  MutexLock lock(mutex_);
  posts->Append(&posts_);
  posts_.Append(posts);
  waiting_.store(true, std::memory_order_relaxed);
}

void PostInbox::Close() {
  PostList dropped;
  {
    MutexLock lock(mutex_);
    home_ = nullptr;
    dropped.Append(&posts_);
    waiting_.store(false, std::memory_order_relaxed);
  }
  if (!dropped.empty()) world_->posted_bytes.fetch_sub(dropped.bytes(), std::memory_order_relaxed);
}

// -- as the home --

namespace {

// Protected. [1] the table; leaves its reference.
int Refer(lua_State* L) {
  lua_pushinteger(L, luaL_ref(L, LUA_REGISTRYINDEX));
  return 1;
}

struct Application {
  const Post* next;  // the first that is not applied yet
};

// Protected. [1] the application.
int ApplyAll(lua_State* L) {
  auto* application = static_cast<Application*>(lua_touserdata(L, 1));
  for (; application->next; application->next = application->next->next) {
    const Post& post = *application->next;
    lua_rawgeti(L, LUA_REGISTRYINDEX, post.table->reference);
    UnpackValues(L, post.key);
    UnpackValues(L, post.value);
    lua_rawset(L, -3);
    lua_settop(L, 1);
  }
  return 0;
}

}  // namespace

WriteBacks::~WriteBacks() { Close(); }

Ref<WriteBack> WriteBacks::TryName(lua_State* L, const Table* table) noexcept {
  auto found = named_.find(table);
  if (found != named_.end()) return found->second;
  if (named_.size() >= forget_at_) Forget(L);
  if (!lua_checkstack(L, 4)) return nullptr;
  lua_pushcfunction(L, Refer);
  sethvalue2s(L, L->top.p, const_cast<Table*>(table));
  L->top.p++;
  bool referred = lua_pcall(L, 1, 1, 0) == LUA_OK;
  int reference = referred ? static_cast<int>(lua_tointeger(L, -1)) : LUA_NOREF;
  lua_pop(L, 1);
  if (!referred) return nullptr;
  if (!inbox_) inbox_ = MakeRef<PostInbox>(island_, island_->world());
  auto name = MakeRef<WriteBack>(inbox_, reference);
  named_.emplace(table, name);
  return name;
}

// Lets go of tables into which nobody else can store any more.
void WriteBacks::Forget(lua_State* L) noexcept {
  for (auto each = named_.begin(); each != named_.end();) {
    if (each->second->Unique()) {
      luaL_unref(L, LUA_REGISTRYINDEX, each->second->reference);  // stores into existing slots: nothing to raise
      each = named_.erase(each);
    } else {
      ++each;
    }
  }
  forget_at_ = 16 + 2 * named_.size();
}

bool WriteBacks::HasWriters(const Table* table) const {
  if (has_posts()) return true;
  auto has = [](const Ref<WriteBack>& name) { return name->writers.load(std::memory_order_relaxed) > 0; };
  if (table) {
    auto found = named_.find(table);
    return found != named_.end() && has(found->second);
  }
  for (const auto& [each, name] : named_) {
    if (has(name)) return true;
  }
  return false;
}

void WriteBacks::VisitWritten(void (*visit)(void* context, const Table* table), void* context) const {
  for (const auto& [table, name] : named_) {
    if (HasWriters(table)) visit(context, table);
  }
}

bool WriteBacks::Apply(lua_State* L) noexcept {
  PostList posts = inbox_->Empty();
  Application application{posts.first()};
  bool applied = false;
  for (int attempt = 0; attempt < 2 && !applied; attempt++) {
    if (attempt > 0) lua_gc(L, LUA_GCCOLLECT);
    if (!lua_checkstack(L, 4)) continue;
    lua_pushcfunction(L, ApplyAll);
    lua_pushlightuserdata(L, &application);
    applied = lua_pcall(L, 1, 0, 0) == LUA_OK;
    if (!applied) lua_pop(L, 1);
  }
  PostList done;
  while (posts.first() != application.next) done.Add(posts.Pop());
  island_->world()->posted_bytes.fetch_sub(done.bytes(), std::memory_order_relaxed);
  if (!posts.empty()) inbox_->PutBack(&posts);
  return applied;
}

// -- as the island of who stores --

bool WriteBacks::TryNote(WriteBack* table, Value key, Value value) noexcept {
  World* world = island_->world();
  size_t bytes = sizeof(Post);
  for (const Value* part : {&key, &value}) {
    if (part->kind() == ValueKind::kParcel) bytes += part->parcel()->size();
  }
  size_t before = world->posted_bytes.fetch_add(bytes, std::memory_order_relaxed);
  size_t limit = world->island_memory_limit;
  auto* post = limit > 0 && before + bytes > limit ? nullptr : new (std::nothrow) Post();
  if (!post) {
    world->posted_bytes.fetch_sub(bytes, std::memory_order_relaxed);
    return false;
  }
  post->table = Ref<WriteBack>(table);
  post->key = std::move(key);
  post->value = std::move(value);
  post->bytes = bytes;
  notes_.Add(post);
  return true;
}

void WriteBacks::WillStoreInto(const std::vector<WrittenTable>& tables) noexcept {
  for (const WrittenTable& table : tables) {
    auto* name = static_cast<WriteBack*>(table.name.get());
    name->writers.fetch_add(1, std::memory_order_relaxed);
    elsewhere_.push_back(Ref<WriteBack>(name));
  }
}

void WriteBacks::StoresNoMore() noexcept {
  for (Ref<WriteBack>& name : elsewhere_) name->writers.fetch_sub(1, std::memory_order_relaxed);
  elsewhere_.clear();
}

void WriteBacks::SendNotes() noexcept {
  PostList notes(std::move(notes_));
  while (!notes.empty()) {
    Ref<PostInbox> inbox = notes.first()->table->inbox;
    PostList batch, rest;
    while (Post* note = notes.Pop()) (note->table->inbox == inbox ? batch : rest).Add(note);
    inbox->Take(&batch);
    notes.Append(&rest);
  }
}

void WriteBacks::Close() noexcept {
  PostNotes();
  StoresNoMore();
  if (inbox_) inbox_->Close();
  named_.clear();
}

// -- the stand-in --

namespace {

enum class Noted : uint8_t { kYes, kNoMemory, kRefused };

// Lower room: copies key and value and notes the store.
Noted NoteStore(lua_State* L, WriteBack* table) noexcept {
  Value key, value;
  PackFailure failure;
  for (int index : {2, 3}) {
    if (TryPackValue(L, index, index == 2 ? &key : &value, &failure)) continue;
    if (failure.out_of_memory) return Noted::kNoMemory;
    if (LuaGoroutine* goroutine = CurrentGoroutine(L)) goroutine->scratch().text = PackFailureText("cannot store", failure);
    return Noted::kRefused;
  }
  return IslandOf(L)->write_backs.TryNote(table, std::move(key), std::move(value)) ? Noted::kYes : Noted::kNoMemory;
}

// __newindex of a stand-in. Upvalue: the handle.
int StoreElsewhere(lua_State* L) {
  lua_settop(L, 3);
  Handle* handle = HandleInUserdata(L, lua_upvalueindex(1), nullptr);
  if (!handle || handle->handle_kind() != HandleKind::kWriteBack) return luaL_error(L, "the table is gone");
  if (lua_isnil(L, 2)) return luaL_error(L, "table index is nil");
  if (lua_type(L, 2) == LUA_TNUMBER && lua_tonumber(L, 2) != lua_tonumber(L, 2)) return luaL_error(L, "table index is NaN");
  switch (NoteStore(L, static_cast<WriteBack*>(handle))) {
    case Noted::kYes: return 0;
    case Noted::kNoMemory: return luaL_error(L, "not enough memory");
    case Noted::kRefused: break;
  }
  LuaGoroutine* goroutine = CurrentGoroutine(L);
  return luaL_error(L, "%s", goroutine ? goroutine->scratch().text.c_str() : "cannot store: the value cannot leave its island");
}

}  // namespace

WriteBack* WriteBackBehind(lua_State* L, const Table* table) {
  if (!table->metatable) return nullptr;
  const TValue* event = luaH_getshortstr(table->metatable, G(L)->tmname[TM_NEWINDEX]);
  if (!ttisCclosure(event) || clCvalue(event)->f != StoreElsewhere) return nullptr;
  HandleView view;
  Handle* handle = HandleOf(&clCvalue(event)->upvalue[0], &view);
  return handle && handle->handle_kind() == HandleKind::kWriteBack ? static_cast<WriteBack*>(handle) : nullptr;
}

void PushStandIn(lua_State* L, WriteBack* table) {
  lua_newtable(L);
  lua_createtable(L, 0, 1);
  PushHandle(L, table, HandleView::kFull);
  lua_pushcclosure(L, StoreElsewhere, 1);
  lua_setfield(L, -2, "__newindex");
  lua_setmetatable(L, -2);
}

void PostStores(lua_State* L) {
  if (LuaIsland* island = IslandOf(L)) island->write_backs.PostNotes();
}

bool TryApplyPosts(lua_State* L) {
  LuaIsland* island = IslandOf(L);
  return !island || !island->write_backs.has_posts() || island->write_backs.Apply(L);
}

void ApplyPosts(lua_State* L) {
  if (!TryApplyPosts(L)) luaL_error(L, "not enough memory");
}

}  // namespace sloth
