#include "lua/analysis/library_model.h"

#include <cstring>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace sloth {

namespace {

struct Known {
  const char* module;
  const char* name;  // null: every function of the module that is not listed itself
  LibraryModel model;
};

// "*" stands for any module.
constexpr Known kKnown[] = {
    {"_G", "pcall", LibraryModel::kPcall},
    {"_G", "xpcall", LibraryModel::kXpcall},
    {"_G", "error", LibraryModel::kError},
    {"_G", "assert", LibraryModel::kAssert},
    {"_G", "select", LibraryModel::kSelect},
    {"_G", "setmetatable", LibraryModel::kSetMetatable},
    {"_G", "getmetatable", LibraryModel::kGetMetatable},
    {"_G", "rawget", LibraryModel::kRawGet},
    {"_G", "rawset", LibraryModel::kRawSet},
    {"_G", "next", LibraryModel::kNext},
    {"_G", "pairs", LibraryModel::kPairs},
    {"_G", "ipairs", LibraryModel::kIpairs},
    {"_G", "rawlen", LibraryModel::kTableConcat},
    {"_G", "type", LibraryModel::kPlain},
    {"_G", "tostring", LibraryModel::kPlain},
    {"_G", "tonumber", LibraryModel::kPlain},
    {"_G", "print", LibraryModel::kPlain},
    {"_G", "warn", LibraryModel::kPlain},
    {"_G", "rawequal", LibraryModel::kPlain},
    {"_G", "collectgarbage", LibraryModel::kPlain},
    {"_G", "require", LibraryModel::kRequire},
    {"_G", "load", LibraryModel::kLoads},
    {"_G", "loadstring", LibraryModel::kLoads},
    {"_G", "loadfile", LibraryModel::kLoads},
    {"_G", "dofile", LibraryModel::kLoads},
    {"_G", "defer", LibraryModel::kCalls},
    {"table", "insert", LibraryModel::kTableInsert},
    {"table", "remove", LibraryModel::kTableRemove},
    {"table", "sort", LibraryModel::kTableSort},
    {"table", "concat", LibraryModel::kTableConcat},
    {"table", "unpack", LibraryModel::kTableUnpack},
    {"table", "pack", LibraryModel::kTablePack},
    {"table", "move", LibraryModel::kTableMove},
    {"string", "gsub", LibraryModel::kSubstitute},
    {"string", nullptr, LibraryModel::kPlain},
    {"math", nullptr, LibraryModel::kPlain},
    {"utf8", nullptr, LibraryModel::kPlain},
    {"os", "time", LibraryModel::kStores},
    {"os", nullptr, LibraryModel::kPlain},
    {"io", "output", LibraryModel::kRedirectsIo},
    {"io", "input", LibraryModel::kRedirectsIo},
    {"io", "close", LibraryModel::kRedirectsIo},
    {"io", "write", LibraryModel::kIo},
    {"io", "read", LibraryModel::kIo},
    {"io", "lines", LibraryModel::kIo},
    {"io", nullptr, LibraryModel::kPlain},
    {"coroutine", "wrap", LibraryModel::kWrap},
    {"coroutine", "create", LibraryModel::kCreateCoroutine},
    {"coroutine", "resume", LibraryModel::kResume},
    {"coroutine", "yield", LibraryModel::kYield},
    {"coroutine", "close", LibraryModel::kResume},
    {"coroutine", nullptr, LibraryModel::kPlain},
    {"debug", "traceback", LibraryModel::kSelect},
    {"debug", nullptr, LibraryModel::kDebug},
    {"package", nullptr, LibraryModel::kLoads},
    {"channel", "select", LibraryModel::kSelectCases},
    {"channel", "make", LibraryModel::kGeneric},
    {"channel", "priority", LibraryModel::kGeneric},
    {"channel", "after", LibraryModel::kPlain},
    {"channel", "ticker", LibraryModel::kPlain},
    {"goroutine", "after", LibraryModel::kPlain},
    {"goroutine", "ticker", LibraryModel::kPlain},
    {"channel", "range", LibraryModel::kIterates},
    {"goroutine", "select", LibraryModel::kCalls},
    {"goroutine", "select_timeout", LibraryModel::kCalls},
    {"goroutine", "spawn", LibraryModel::kSpawns},
    {"goroutine", "async", LibraryModel::kSpawns},
    {"goroutine", "create", LibraryModel::kSpawns},
    {"goroutine", "shared", LibraryModel::kSpawns},
    {"goroutine", "explain", LibraryModel::kSpawns},
    {"goroutine", "parallel", LibraryModel::kSpawnsList},
    {"goroutine", "spawn_many", LibraryModel::kSpawnsMany},
    {"goroutine", "timeout", LibraryModel::kSpawnsBehind},
    {"goroutine", "pool_submit", LibraryModel::kSpawnsBehind},
    {"wait_group.method", "go", LibraryModel::kSpawns},
    {"errgroup.method", "go", LibraryModel::kSpawns},
    {"errgroup.method", "try_go", LibraryModel::kSpawns},
    {"goroutine", "channel", LibraryModel::kPlain},
    {"goroutine", "wait_group", LibraryModel::kPlain},
    {"goroutine", "mutex", LibraryModel::kPlain},
    {"goroutine", "rwmutex", LibraryModel::kPlain},
    {"goroutine", "semaphore", LibraryModel::kPlain},
    {"goroutine", "atomic_int", LibraryModel::kPlain},
    {"goroutine", "once", LibraryModel::kPlain},
    {"goroutine", "cond", LibraryModel::kPlain},
    {"goroutine", "latch", LibraryModel::kPlain},
    {"goroutine", "barrier", LibraryModel::kPlain},
    {"goroutine", "context", LibraryModel::kPlain},
    {"goroutine", "errgroup", LibraryModel::kGeneric},
    {"goroutine", "sleep", LibraryModel::kGeneric},
    {"goroutine", "yield", LibraryModel::kPlain},
    {"goroutine", "id", LibraryModel::kPlain},
    {"goroutine", "count", LibraryModel::kPlain},
    {"goroutine", "now", LibraryModel::kPlain},
    {"goroutine", "stats", LibraryModel::kPlain},
    {"goroutine", "pipeline", LibraryModel::kCarries},
    {"goroutine", "map", LibraryModel::kCarries},
    {"goroutine", "fan_in", LibraryModel::kGeneric},
    {"goroutine", "merge", LibraryModel::kGeneric},
    {"goroutine", "fan_out", LibraryModel::kGeneric},
    {"goroutine", "broadcast", LibraryModel::kGeneric},
    {"goroutine", "broadcaster", LibraryModel::kGeneric},
    {"goroutine", "dump", LibraryModel::kGeneric},
    {"goroutine", "leaks", LibraryModel::kPlain},
    {"channel", "sleep", LibraryModel::kGeneric},
    {"go", "spawn", LibraryModel::kSpawns},
    {"go", "create", LibraryModel::kSpawns},
    {"go", "__call", LibraryModel::kSpawns},
    {"go", "sleep", LibraryModel::kGeneric},
};

bool EndsWith(const char* text, const char* suffix) {
  size_t length = std::strlen(text), tail = std::strlen(suffix);
  return length >= tail && std::strcmp(text + length - tail, suffix) == 0;
}

// Whether what a function returns may be a value of the program's: not only numbers, strings and handles.
bool GivesAnything(const FunctionEntry* entry) {
  for (const char* type : {"any", "table", "function", "{"}) {
    if (std::strstr(entry->results, type)) return true;
  }
  return false;
}

LibraryModel ByEntry(const FunctionEntry* entry) {
  for (const char* name : {"range", "with_cancel", "with_timeout", "with_deadline"}) {
    if (std::strcmp(entry->name, name) == 0) return LibraryModel::kIterates;
  }
  if (entry->stores != StoresInto::kNothing) return LibraryModel::kStores;
  if (entry->calls_arguments) return LibraryModel::kCalls;
  return GivesAnything(entry) ? LibraryModel::kReceives : LibraryModel::kGeneric;
}

const Known* FindKnown(const char* module, const char* name) {
  for (const Known& known : kKnown) {
    if (std::strcmp(known.module, module) != 0) continue;
    if (!known.name || std::strcmp(known.name, name) == 0) return &known;
  }
  return nullptr;
}

LibraryModel ByModuleEntry(const FunctionEntry* entry) {
  if (entry->stores != StoresInto::kNothing) return LibraryModel::kStores;
  if (entry->calls_arguments) return LibraryModel::kCalls;
  return entry->passes_on ? LibraryModel::kReceives : LibraryModel::kGeneric;
}

LibraryModel FindModel(const FunctionEntry* entry) {
  if (entry->of_module) return ByModuleEntry(entry);
  const Known* known = FindKnown(entry->module, entry->name);
  return known ? known->model : ByEntry(entry);
}

// Lua's own functions, whose entries do not say what they return.
struct PlainResults {
  const char* module;
  const char* name;  // null: every function of the module but those listed as `others`
  const char* others;
};
constexpr PlainResults kPlainResults[] = {
    {"_G", "tostring", ""}, {"_G", "tonumber", ""}, {"_G", "type", ""}, {"_G", "rawequal", ""}, {"_G", "collectgarbage", ""},
    {"string", nullptr, " gmatch "}, {"math", nullptr, ""}, {"utf8", nullptr, " codes "},
    {"os", "difftime", ""}, {"os", "remove", ""}, {"os", "rename", ""}, {"os", "tmpname", ""},
};

// Whether the results column names plain types only.
bool NamesPlainTypes(std::string_view results) {
  static const std::unordered_set<std::string_view> kTypes = {"nil", "boolean", "true", "false", "integer", "number", "string"};
  while (!results.empty()) {
    size_t end = results.find_first_of("|,");
    std::string_view type = results.substr(0, end);
    results.remove_prefix(end == results.npos ? results.size() : end + 1);
    if (size_t name = type.find(':'); name != type.npos) type.remove_prefix(name + 1);
    while (!type.empty() && type.front() == ' ') type.remove_prefix(1);
    while (!type.empty() && type.back() == ' ') type.remove_suffix(1);
    bool word = type.size() > 1 && type.front() == '\'' && type.back() == '\'';
    if (!type.empty() && !word && !kTypes.count(type)) return false;
  }
  return true;
}

struct Index {
  std::unordered_map<const FunctionEntry*, LibraryModel> models;
  std::unordered_map<std::string_view, LibraryModel> methods;
  std::unordered_set<std::string_view> string_methods;

  Index() {
    size_t count = 0;
    const FunctionEntry* entries = AllFunctions(&count);
    for (size_t i = 0; i < count; i++) {
      const FunctionEntry& entry = entries[i];
      models[&entry] = FindModel(&entry);
      if (!entry.module) continue;
      if (std::strcmp(entry.module, "string") == 0) string_methods.insert(entry.name);
      if (!EndsWith(entry.module, ".method")) continue;
      LibraryModel model = FindModel(&entry);
      auto [at, added] = methods.emplace(entry.name, model);
      // Several kinds have it: the one that does most, which stands last in the enumeration.
      if (!added && model > at->second) at->second = model;
    }
  }
};

// Built when first asked for, never destroyed.
const Index& TheIndex() {
  static const Index* const index = new Index();
  return *index;
}

}  // namespace

LibraryModel ModelOf(const FunctionEntry* entry) {
  auto found = TheIndex().models.find(entry);
  return found == TheIndex().models.end() ? FindModel(entry) : found->second;
}

LibraryModel ModelNamed(const char* module, const char* name) {
  const Known* known = FindKnown(module, name);
  return known ? known->model : LibraryModel::kStranger;
}

LibraryModel ModelOfMethod(std::string_view name) {
  auto found = TheIndex().methods.find(name);
  return found == TheIndex().methods.end() ? LibraryModel::kCalls : found->second;
}

bool ReturnsPlain(const FunctionEntry* entry) {
  if (entry->of_module) return false;
  if (*entry->since) return NamesPlainTypes(entry->results);
  for (const PlainResults& plain : kPlainResults) {
    if (std::strcmp(plain.module, entry->module) != 0) continue;
    if (plain.name ? std::strcmp(plain.name, entry->name) == 0
                   : !std::strstr(plain.others, (" " + std::string(entry->name) + " ").c_str())) {
      return true;
    }
  }
  return false;
}

bool IsHandleMethod(std::string_view name) { return TheIndex().methods.count(name) != 0; }

bool IsStringMethod(std::string_view name) { return TheIndex().string_methods.count(name) != 0; }

}  // namespace sloth
