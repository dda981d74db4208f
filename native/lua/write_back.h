// Tables that goroutines on other islands only store into: each store is posted to the island the table lives on.
//
// There the table is a `WriteBack`: a handle that names it, kept by its home and by every island that stores into it. On such an
// island the table is a stand-in: empty, with a metatable whose __newindex notes the store (a Post). The island's notes go to
// the home's inbox, in order, before anything its goroutines do can be observed; the home empties the inbox before it resumes
// anyone who waited, and before a call that observes other goroutines returns. A home that is gone takes nothing any more.
//
// A WriteBack's inbox is shared by threads; everything else belongs to whoever holds the island.
#pragma once

#include <atomic>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "data/value.h"
#include "lua/api.h"

struct Table;

namespace sloth {

class LuaIsland;
class WriteBack;
struct World;
struct WrittenTable;

// One store on its way home. Value and key were copied where the store stood.
struct Post {
  Post* next = nullptr;
  Ref<WriteBack> table;
  Value key;
  Value value;
  size_t bytes = 0;  // what it counts against the runtime's memory limit until it is applied or dropped
};

// Posts in order, owned. Moving them from list to list takes no memory.
class PostList {
 public:
  PostList() = default;
  PostList(PostList&& other) noexcept { Append(&other); }
  PostList& operator=(PostList&&) = delete;
  ~PostList();

  bool empty() const { return !first_; }
  Post* first() const { return first_; }
  size_t count() const { return count_; }
  size_t bytes() const;
  void Add(Post* post);
  // Takes all of another list's.
  void Append(PostList* other);
  // Takes the first one out.
  Post* Pop();

 private:
  Post* first_ = nullptr;
  Post* last_ = nullptr;
  size_t count_ = 0;
};

// What was posted to one island and not applied yet.
class PostInbox final : public RefCounted {
 public:
  PostInbox(LuaIsland* home, World* world) : world_(world), home_(home) {}

  // Takes the posts, which are for this inbox. Drops them when the home is gone. Any thread.
  void Take(PostList* posts) EXCLUDES(mutex_);
  // Everything posted so far. The holder of the home.
  PostList Empty() EXCLUDES(mutex_);
  // What could not be applied, before everything posted meanwhile. The holder of the home.
  void PutBack(PostList* posts) EXCLUDES(mutex_);
  // The home is gone.
  void Close() EXCLUDES(mutex_);
  // Whoever has seen a post's consequences finds it waiting here.
  bool waiting() const { return waiting_.load(std::memory_order_relaxed); }

 private:
  // A home at rest applies so many by and by, lest they pile up while it waits for something else.
  static constexpr size_t kMany = 1024;

  World* const world_;
  Mutex mutex_;
  LuaIsland* home_ GUARDED_BY(mutex_);  // null once it is gone
  PostList posts_ GUARDED_BY(mutex_);
  std::atomic<bool> waiting_{false};  // changed under the mutex, read by the home
};

// A table of its home that somebody elsewhere may store into.
class WriteBack final : public Handle {
 public:
  // `reference`: into the registry of the home, which owns it.
  WriteBack(Ref<PostInbox> inbox, int reference) : Handle(HandleKind::kWriteBack), inbox(std::move(inbox)), reference(reference) {}
  const Ref<PostInbox> inbox;
  const int reference;
  // Islands on which somebody may still store into it. Changed by these; read by the home, for which an island counts until
  // the end of its last goroutine can be seen.
  std::atomic<int> writers{0};
};

// What an island knows of such tables: its own, and its goroutines' stores into those of others.
class WriteBacks {
 public:
  explicit WriteBacks(LuaIsland* island) : island_(island) {}
  ~WriteBacks();

  // -- as the home --
  // Names a table of this island, or returns the name it has. Null without memory. Raises nothing.
  Ref<WriteBack> TryName(lua_State* L, const Table* table) noexcept;
  // Whether somebody elsewhere may still store into it, or something posted is not applied yet. Null: into any.
  bool HasWriters(const Table* table) const;
  // Calls `visit` for each such table.
  void VisitWritten(void (*visit)(void* context, const Table* table), void* context) const;
  bool has_posts() const { return inbox_ && inbox_->waiting(); }
  // Applies what was posted. False when there is no memory for all of it: the rest keeps waiting.
  bool Apply(lua_State* L) noexcept;

  // -- as the island of who stores --
  // Notes a store; false when there is no memory for it, or it is more than the runtime's limit allows.
  [[nodiscard]] bool TryNote(WriteBack* table, Value key, Value value) noexcept;
  // From now on goroutines of this new island may store into these.
  void WillStoreInto(const std::vector<WrittenTable>& tables) noexcept;
  // The last goroutine of this island has ended.
  void StoresNoMore() noexcept;
  // Posts what was noted. Raises nothing.
  void PostNotes() noexcept {
    if (!notes_.empty()) SendNotes();
  }

  // The heap goes.
  void Close() noexcept;

 private:
  void SendNotes() noexcept;
  void Forget(lua_State* L) noexcept;

  LuaIsland* const island_;
  PostList notes_;
  std::vector<Ref<WriteBack>> elsewhere_;  // tables of other islands this one counts as a writer of
  Ref<PostInbox> inbox_;
  std::unordered_map<const Table*, Ref<WriteBack>> named_;
  size_t forget_at_ = 16;  // how many names are worth a look which are still used
};

// The WriteBack a table stands in for on this island; null for any other table. Reads raw, never raises.
WriteBack* WriteBackBehind(lua_State* L, const Table* table);
// Pushes a new stand-in. Raises only for memory.
void PushStandIn(lua_State* L, WriteBack* table);

// Before anything another goroutine could observe: posts what this island's goroutines have stored elsewhere. Never raises.
void PostStores(lua_State* L);
// Before a call returns that may have observed another goroutine: applies what was posted here. Raises `not enough memory`
// while there is none for it; nothing is lost by that.
void ApplyPosts(lua_State* L);
// The same where nothing may be raised, as when an error is on its way; false without memory.
bool TryApplyPosts(lua_State* L);

// A library function that acts on other goroutines or sees what they did: F between the two.
template <lua_CFunction F>
int Meets(lua_State* L) {
  PostStores(L);
  int results = F(L);
  ApplyPosts(L);
  return results;
}

}  // namespace sloth
