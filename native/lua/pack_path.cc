// Says where in a graph of values packing failed. Runs only after a failure, so it may search and allocate.
#include "lua/pack_path.h"

#include <cstdio>

#include "lua/pack_walk.h"

namespace sloth {

namespace {

constexpr size_t kMaxText = 40;   // of one key
constexpr size_t kMaxParts = 16;  // of one path

bool IsIdentifier(const char* text, size_t length) {
  if (length == 0 || length > kMaxText || (text[0] >= '0' && text[0] <= '9')) return false;
  for (size_t i = 0; i < length; i++) {
    char c = text[i];
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (!letter && !(c >= '0' && c <= '9')) return false;
  }
  return true;
}

std::string Quoted(const char* text, size_t length) {
  std::string quoted = "\"";
  for (size_t i = 0; i < length && i < kMaxText; i++) {
    auto c = static_cast<unsigned char>(text[i]);
    if (c == '"' || c == '\\') quoted += '\\';
    char escaped[8];
    if (c < 0x20 || c == 0x7f) {
      std::snprintf(escaped, sizeof escaped, "\\%03d", c);
      quoted += escaped;
    } else {
      quoted += static_cast<char>(c);
    }
  }
  return quoted + (length > kMaxText ? "...\"" : "\"");
}

}  // namespace

std::string KeyText(const TValue* key) {
  char number[64];
  switch (ttypetag(key)) {
    case LUA_VSHRSTR:
    case LUA_VLNGSTR: {
      const char* text = getstr(tsvalue(key));
      size_t length = tsslen(tsvalue(key));
      if (IsIdentifier(text, length)) return "." + std::string(text, length);
      return "[" + Quoted(text, length) + "]";
    }
    case LUA_VNUMINT:
      std::snprintf(number, sizeof number, "[" LUA_INTEGER_FMT "]", ivalue(key));
      return number;
    case LUA_VNUMFLT:
      std::snprintf(number, sizeof number, "[" LUA_NUMBER_FMT "]", fltvalue(key));
      return number;
    case LUA_VTRUE: return "[true]";
    case LUA_VFALSE: return "[false]";
    default: return std::string("[") + ttypename(ttype(key)) + "]";
  }
}

namespace {

bool Holds(const TValue* value, const GCObject* object) {
  return iscollectable(value) && gcvalue(value) == object;
}

PackStep StepInTable(lua_State* L, const Table* table, const GCObject* child) {
  PackStep step{PackStep::Kind::kField};
  for (unsigned int i = 0; i < luaH_realasize(table); i++) {
    if (!Holds(&table->array[i], child)) continue;
    setivalue(&step.key, i + 1);
    return step;
  }
  for (int i = 0; !isdummy(table) && i < sizenode(table); i++) {
    const Node* node = gnode(table, i);
    if (isempty(gval(node))) continue;
    getnodekey(L, &step.key, node);
    if (Holds(gval(node), child)) return step;
    if (Holds(&step.key, child)) return {PackStep::Kind::kKey, step.key};
  }
  return {PackStep::Kind::kMetatable};
}

std::string UpvalueText(const LClosure* closure, const GCObject* upvalue) {
  for (int i = 0; i < closure->nupvalues; i++) {
    if (obj2gco(closure->upvals[i]) != upvalue) continue;
    const TString* name = i < closure->p->sizeupvalues ? closure->p->upvalues[i].name : nullptr;
    return name ? "upvalue '" + std::string(getstr(name)) + "'" : "upvalue " + std::to_string(i + 1);
  }
  return "upvalue";
}

// Collects the parts of a description from the failure outwards: "field 'a.b'" of "upvalue 'x'" of "argument
// 2". Of a long way it keeps what is nearest to the failure.
class Phrase {
 public:
  // A key on the way; keys that follow each other make one field.
  void AddKey(const std::string& text) {
    if (IsFull()) return;
    field_ = text + field_;
  }
  void Add(const std::string& part) {
    if (!IsFull()) AddAlways(part);
  }
  // The root is named however long the way was.
  void AddAlways(const std::string& part) {
    EndField();
    if (!text_.empty()) text_ += " of ";
    text_ += part;
  }
  std::string Take() {
    EndField();
    return std::move(text_);
  }

 private:
  bool IsFull() { return ++parts_ > kMaxParts; }
  void EndField() {
    if (field_.empty()) return;
    if (!text_.empty()) text_ += " of ";
    text_ += parts_ > kMaxParts ? "field '..." : "field '";
    text_ += field_[0] == '.' ? field_.substr(1) : field_;
    text_ += "'";
    field_.clear();
  }

  std::string text_;
  std::string field_;
  size_t parts_ = 0;
};

void AddStep(const PackStep& step, Phrase* phrase) {
  switch (step.kind) {
    case PackStep::Kind::kNone:
    case PackStep::Kind::kContent: break;
    case PackStep::Kind::kField: phrase->AddKey(KeyText(&step.key)); break;
    case PackStep::Kind::kKey: phrase->Add("a key"); break;
    case PackStep::Kind::kMetatable: phrase->Add("the metatable"); break;
  }
}

void AddRoot(const PackOrigin& root, const SpawnCapture* capture, Phrase* phrase) {
  switch (root.root) {
    case RootKind::kNone:
    case RootKind::kOnly:
    case RootKind::kFunction: break;
    case RootKind::kListed: phrase->AddAlways("value " + std::to_string(root.index + 1)); break;
    case RootKind::kArgument: phrase->AddAlways("argument " + std::to_string(root.index + 1)); break;
    case RootKind::kGlobal: phrase->AddAlways("global '" + capture->globals[root.index].name + "'"); break;
    case RootKind::kField: {
      const CapturedField& field = capture->fields[root.index];
      phrase->AddAlways("'" + field.library + "." + field.field + "'");
      break;
    }
  }
}

std::string SizeReason(size_t limit) {
  if (limit % 1024 == 0) return "larger than " + std::to_string(limit / 1024) + " KiB";
  return "larger than " + std::to_string(limit) + " bytes";
}

}  // namespace

void Packer::Describe(const SpawnCapture* capture, PackFailure* failure) const {
  failure->out_of_memory = out_of_memory_;
  failure->path.clear();
  failure->reason.clear();
  if (out_of_memory_) return;
  if (too_large_) {
    failure->reason = SizeReason(byte_limit_);
    return;
  }
  failure->reason = reason_;
  Phrase phrase;
  AddStep(step_, &phrase);
  PackOrigin at = place_;
  while (at.root == RootKind::kNone) {
    const Queued& queued = queue_[at.index];
    at = queued.origin;
    if (at.root != RootKind::kNone) break;
    const GCObject* parent = queue_[at.index].object;
    if (parent->tt == LUA_VTABLE) {
      AddStep(StepInTable(L_, gco2t(const_cast<GCObject*>(parent)), queued.object), &phrase);
    } else if (parent->tt == LUA_VLCL) {
      phrase.Add(UpvalueText(gco2lcl(const_cast<GCObject*>(parent)), queued.object));
    }
  }
  AddRoot(at, capture, &phrase);
  failure->path = phrase.Take();
}

std::string PackFailureText(const char* action, const PackFailure& failure) {
  if (failure.out_of_memory) return "not enough memory";
  std::string text = action;
  if (!failure.path.empty()) text += " " + failure.path;
  return text + ": " + failure.reason;
}

}  // namespace sloth
