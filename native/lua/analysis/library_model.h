// How a call of a library function passes values on, for the rehearsal of a goroutine.
#pragma once

#include <string_view>

#include "lua/registry.h"

namespace sloth {

enum class LibraryModel : uint8_t {
  kPlain,      // reads no table, keeps nothing, returns something of the library's own
  kGeneric,    // reads its arguments through and through, like send; returns something of the library's own
  kReceives,   // likewise; returns messages
  kCalls,      // likewise; also calls functions among its arguments and returns what they return
  kIterates,   // calls functions among its arguments with messages, or returns functions that yield messages
  kCarries,    // calls functions among its arguments on goroutines of their own; what comes of that are messages
  kSpawns,       // calls its first function with the arguments behind it, on a goroutine of its own; results are messages
  kSpawnsBehind, // likewise, of a function that stands behind a number or a name
  kSpawnsMany,   // likewise, several times, and each goroutine gets a number in front of the arguments
  kSpawnsList,   // as kSpawns; or calls the functions of a list
  kHost,       // a function of the host
  kStranger,   // a C function nobody registered
  kPcall,
  kXpcall,
  kError,
  kAssert,
  kSelect,
  kSetMetatable,
  kGetMetatable,
  kRawGet,
  kRawSet,
  kNext,
  kPairs,
  kIpairs,
  kIpairsStep,
  kTableInsert,
  kTableRemove,
  kTableSort,
  kTableConcat,
  kTableUnpack,
  kTablePack,
  kTableMove,
  kSubstitute,  // string.gsub
  kWrap,
  kCreateCoroutine,
  kResume,
  kYield,
  kRequire,
  kLoads,       // load, dofile: code nobody has seen
  kDebug,       // looks behind the program's back
  kSelectCases, // channel.select
  kStores,      // by its registry entry: stores into its first table argument; otherwise as kCalls
  kIo,          // a function of the io library that uses the default files
  kRedirectsIo, // io.output, io.input, io.close
};

LibraryModel ModelOf(const FunctionEntry* entry);

// Whether nothing but plain values comes back: nil, booleans, numbers, strings.
bool ReturnsPlain(const FunctionEntry* entry);

// The model of a library function without an entry.
LibraryModel ModelNamed(const char* module, const char* name);

// The model of a method of a handle or of something a library made.
LibraryModel ModelOfMethod(std::string_view name);

// Whether a function with that model starts a goroutine of the function it is given.
constexpr bool Spawns(LibraryModel model) {
  return model == LibraryModel::kSpawns || model == LibraryModel::kSpawnsBehind || model == LibraryModel::kSpawnsMany ||
         model == LibraryModel::kSpawnsList;
}

// Whether handles or files have a method of that name; whether strings have.
bool IsHandleMethod(std::string_view name);
bool IsStringMethod(std::string_view name);

}  // namespace sloth
