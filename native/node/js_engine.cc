#include "node/js_engine.h"

#include "node/host_values.h"
#include "node/js_read.h"

namespace sloth {
namespace {

constexpr const char* kCallbackNames[] = {"pack", "unpack", "lookUp", "answer", "thrown", "failure", "working",
                                          "index", "newIndex", "length", "entries", "nothing", "closed"};

int64_t NanosecondsOf(Napi::Value milliseconds, int64_t otherwise) {
  double value = milliseconds.IsNumber() ? milliseconds.As<Napi::Number>().DoubleValue() : -1;
  if (!(value >= 0)) return otherwise;
  value *= static_cast<double>(kMillisecond);
  return value >= 9.2e18 ? kForever : static_cast<int64_t>(value);
}

TableRule TableRuleOf(Napi::Value value, TableRule otherwise) {
  std::string name = TextOf(value);
  if (name == "auto") return TableRule::kObjects;
  if (name == "copy") return TableRule::kCopy;
  return name == "reference" ? TableRule::kReference : otherwise;
}

}  // namespace

class JsEngine::Turn {
 public:
  // -1: the engine's own limit, in an entry from outside.
  Turn(JsEngine* owner, int64_t timeout_ns, TableRule rule) : owner_(owner) {
    SyncEngine* engine = owner->engine_.get();
    if (timeout_ns < 0) timeout_ns = engine->guest()->depth() > 0 ? kForever : owner->timeout_ns_;
    open_ = engine->Begin(&state_, timeout_ns, rule);
    if (!open_) owner->ThrowClosed();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    if (!open_) return;
    // What is thrown waits: the end may run deferred functions, which may call JavaScript.
    napi_env env = owner_->env_;
    napi_value thrown = nullptr;
    bool throws = false;
    napi_is_exception_pending(env, &throws);
    if (throws) napi_get_and_clear_last_exception(env, &thrown);
    owner_->engine_->End(&state_);
    if (owner_->engine_->closed()) owner_->LetGo();
    if (throws && thrown) napi_throw(env, thrown);
  }
  bool open() const { return open_; }
  SyncTurn* state() { return &state_; }

 private:
  JsEngine* const owner_;
  SyncTurn state_;
  bool open_ = false;
};

Napi::Function JsEngine::Define(Napi::Env env) {
  return DefineClass(env, "NativeEngine",
                     {InstanceMethod("run", &JsEngine::JsRun), InstanceMethod("call", &JsEngine::JsCall),
                      InstanceMethod("operate", &JsEngine::JsOperate), InstanceMethod("makeFunction", &JsEngine::JsMakeFunction),
                      InstanceMethod("adopt", &JsEngine::JsAdopt), InstanceMethod("known", &JsEngine::JsKnown),
                      InstanceMethod("close", &JsEngine::JsClose), InstanceMethod("stats", &JsEngine::JsStats)});
}

// new NativeEngine(runtime, options, callbacks)
JsEngine::JsEngine(const Napi::CallbackInfo& info) : Napi::ObjectWrap<JsEngine>(info), env_(info.Env()), link_(MakeRef<EngineLink>()) {
  auto* data = info.Env().GetInstanceData<AddonData>();
  bool fits = info[0].IsObject() && info[0].As<Napi::Object>().InstanceOf(data->runtime_class.Value()) && info[1].IsObject() && info[2].IsObject();
  JsRuntime* runtime = fits ? JsRuntime::Unwrap(info[0].As<Napi::Object>()) : nullptr;
  if (!runtime || !runtime->runtime()) {
    Napi::TypeError::New(info.Env(), "createEngine(runtime, options, callbacks): a live runtime and two objects were expected").ThrowAsJavaScriptException();
    return;
  }
  auto options = info[1].As<Napi::Object>();
  auto callbacks = info[2].As<Napi::Object>();
  for (int i = 0; i < kCallbacks; i++) {
    Napi::Value callback = PropertyOf(callbacks, kCallbackNames[i]);
    if (callback.IsFunction()) callbacks_[i] = Napi::Persistent(callback.As<Napi::Function>());
  }
  Napi::Value host_this = PropertyOf(callbacks, "hostThis");
  if (host_this.IsObject()) host_this_ = Napi::Persistent(host_this.As<Napi::Object>());
  rules_.strings = FlagOf(PropertyOf(options, "plainStrings"));
  rules_.nulls = FlagOf(PropertyOf(options, "nullIsNil"));
  table_rule_ = TableRuleOf(PropertyOf(options, "objects"), TableRule::kObjects);
  timeout_ns_ = NanosecondsOf(PropertyOf(options, "timeoutMs"), kForever);
  runtime_ = sloth::Ref<Runtime>(runtime->runtime());
  releases_ = runtime->releases();
  engine_ = runtime_->MakeEngine(static_cast<size_t>(NumberOf(PropertyOf(options, "memoryLimitBytes"))), this);
  if (!engine_) {
    Napi::Error::New(info.Env(), "not enough memory for a heap of Lua").ThrowAsJavaScriptException();
    return;
  }
  link_->engine = this;
  napi_add_env_cleanup_hook(env_, CleanUp, this);
}

JsEngine::~JsEngine() {
  if (engine_) {
    napi_remove_env_cleanup_hook(env_, CleanUp, this);
    Close();
  }
  link_->engine = nullptr;
  for (auto& [id, thing] : host_things_) napi_delete_reference(env_, thing);
}

void JsEngine::CleanUp(void* context) {
  auto* self = static_cast<JsEngine*>(context);
  self->Close();
  self->link_->engine = nullptr;
  self->engine_.reset();
  self->runtime_ = nullptr;
}

void JsEngine::Close() {
  if (!engine_->closed()) engine_->Close();
  LetGo();
}

// Nothing is called back any more: TypeScript's side need not live for it.
void JsEngine::LetGo() {
  if (engine_->guest()->depth() > 0) return;
  for (int i = 0; i < kClosed; i++) callbacks_[i].Reset();
  host_this_.Reset();
}

void JsEngine::ThrowClosed() {
  napi_value error = CallBack(kClosed, {});
  if (error) napi_throw(env_, error);
}

napi_value JsEngine::CallBack(Callback which, std::initializer_list<napi_value> arguments) {
  if (callbacks_[which].IsEmpty()) return nullptr;
  napi_value undefined = Napi::Env(env_).Undefined();
  napi_value result = nullptr;
  napi_status status = napi_call_function(env_, undefined, callbacks_[which].Value(), arguments.size(), arguments.begin(), &result);
  return status == napi_ok ? result : nullptr;
}

// -- into Lua --

bool JsEngine::TryPackArguments(const napi_value* arguments, size_t count, sloth::Value* out) {
  napi_value list;
  if (napi_create_array_with_length(env_, count, &list) != napi_ok) return false;
  for (size_t i = 0; i < count; i++) napi_set_element(env_, list, static_cast<uint32_t>(i), arguments[i]);
  napi_value message = CallBack(kPack, {list});
  return message && TryTakeMessage(env_, Napi::Value(env_, message), releases_, out);
}

bool JsEngine::RunPlain(Turn* turn, SyncCall* call) {
  if (engine_->Run(turn->state(), *call)) return true;
  ThrowFailure(turn);
  return false;
}

bool JsEngine::Run(Turn* turn, SyncCall* call, const napi_value* arguments, size_t count) {
  constexpr size_t kFew = 12;
  SyncValue few[kFew];
  TextRoom room;
  bool plain = count <= kFew;
  for (size_t i = 0; plain && i < count; i++) plain = TryReadPlain(env_, arguments[i], *engine_, rules_, &room, &few[i]);
  sloth::Value message;
  if (plain) {
    call->arguments = few;
    call->count = static_cast<int>(count);
  } else {
    if (!TryPackArguments(arguments, count, &message)) return false;
    call->message = &message;
  }
  return RunPlain(turn, call);
}

void JsEngine::ThrowFailure(Turn* turn) {
  SyncFailure failure = engine_->Failure(turn->state());
  Napi::Env env(env_);
  Napi::Value cause = env.Undefined();
  if (!failure.error.is_nil()) cause = GiveMessage(env, failure.error);
  napi_value error = CallBack(kFailure, {Napi::String::New(env, failure.kind), Napi::String::New(env, failure.message),
                                         Napi::String::New(env, failure.traceback), cause, Napi::Number::New(env, failure.exit_code)});
  if (error) napi_throw(env_, error);
}

// run(kind, text, chunkName, arguments, timeoutMs, objects): a message of the results
Napi::Value JsEngine::JsRun(const Napi::CallbackInfo& info) {
  std::string text = BytesOf(info[1]);
  std::string chunk_name = TextOf(info[2]);
  sloth::Value message;
  if (!TryTakeMessage(env_, info[3], releases_, &message)) return info.Env().Undefined();
  Turn turn(this, NanosecondsOf(info[4], -1), TableRuleOf(info[5], table_rule_));
  if (!turn.open()) return info.Env().Undefined();
  SyncCall call;
  call.kind = static_cast<SyncCall::Kind>(IntegerOf(info[0]));
  call.text = text.data();
  call.length = text.size();
  call.chunk_name = chunk_name.c_str();
  call.message = &message;
  if (!RunPlain(&turn, &call)) return info.Env().Undefined();
  sloth::Value results;
  SyncTurn* state = turn.state();
  std::string reason;
  if (engine_->TryPack(state->L, state->base + 1, engine_->result_count(*state), "cannot return", &results, &reason)) {
    return GiveMessage(info.Env(), results);
  }
  ThrowReason(reason);
  return info.Env().Undefined();
}

void JsEngine::ThrowReason(const std::string& reason) {
  const char* kind = reason == "not enough memory" ? "memory" : "failed";
  napi_value error = CallBack(kFailure, {Napi::String::New(env_, kind), Napi::String::New(env_, reason)});
  if (error) napi_throw(env_, error);
}

// call(function or name, ...arguments): all results
Napi::Value JsEngine::JsCall(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  SyncCall call;
  std::string name;
  if (info[0].IsString()) {
    name = TextOf(info[0]);
    call.kind = SyncCall::kGlobal;
    call.text = name.data();
    call.length = name.size();
  } else {
    HandleHolder* holder = HandleHolderOf(info[0]);
    if (!holder || !engine_->ReferenceOf(holder->reference.handle.get(), &call.reference)) {
      Napi::TypeError::New(env, "a function of this engine, or a name, was expected").ThrowAsJavaScriptException();
      return env.Undefined();
    }
  }
  std::vector<napi_value> arguments;
  for (size_t i = 1; i < info.Length(); i++) arguments.push_back(info[i]);
  Turn turn(this, -1, table_rule_);
  if (!turn.open() || !Run(&turn, &call, arguments.data(), arguments.size())) return env.Undefined();
  return Napi::Value(env, AllResults(turn.state()));
}

// operate(kind, object or name, key, value): the result, or for entries the list of all
Napi::Value JsEngine::JsOperate(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  SyncCall call;
  call.kind = static_cast<SyncCall::Kind>(IntegerOf(info[0]));
  napi_value arguments[] = {info[1], info[2], info[3]};
  size_t count = info.Length() > 3 ? 3 : info.Length() - 1;
  napi_value* first = arguments;
  std::string name;
  if (call.kind == SyncCall::kGetGlobal || call.kind == SyncCall::kSetGlobal) {
    name = TextOf(info[1]);
    call.text = name.data();
    call.length = name.size();
    first++;
    count--;
  }
  Turn turn(this, -1, table_rule_);
  if (!turn.open() || !Run(&turn, &call, first, count)) return env.Undefined();
  return Napi::Value(env, call.kind == SyncCall::kEntries ? AllResults(turn.state()) : ResultOf(turn.state(), 0));
}

// Called by JavaScript in the place of a Lua function.
napi_value JsEngine::CallFunction(napi_env env, napi_callback_info info) {
  constexpr size_t kFew = 8;
  napi_value few[kFew + 1];
  size_t count = kFew;
  void* data = nullptr;
  napi_value self = nullptr;
  if (napi_get_cb_info(env, info, &count, few + 1, &self, &data) != napi_ok) return nullptr;
  auto* function = static_cast<EngineObject*>(data);
  JsEngine* engine = function->link->engine;
  if (!engine) {
    napi_throw_error(env, "E_CLOSED", "the engine of this Lua function is gone");
    return nullptr;
  }
  std::vector<napi_value> many;
  napi_value* arguments = few + 1;
  if (count > kFew) {
    many.resize(count + 1);
    napi_get_cb_info(env, info, &count, many.data() + 1, nullptr, nullptr);
    arguments = many.data() + 1;
  }
  if (function->self != SelfRule::kNever && engine->IsSelf(function, self)) {
    *--arguments = self;
    count++;
  }
  SyncCall call;
  call.reference = function->lua_reference;
  call.results = 1;
  Turn turn(engine, -1, engine->table_rule_);
  if (!turn.open() || !engine->Run(&turn, &call, arguments, count)) return nullptr;
  return engine->ResultOf(turn.state(), 0);
}

bool JsEngine::IsSelf(const EngineObject* function, napi_value self) {
  HandleHolder* holder = HandleHolderOf(Napi::Value(env_, self));
  int reference = 0;
  if (!holder || !engine_->ReferenceOf(holder->reference.handle.get(), &reference)) return false;
  if (function->self == SelfRule::kAlways) return true;
  const char* type = "";
  engine_->AddressOf(reference, &type);
  return std::string_view(type) == "userdata";
}

void JsEngine::JsClose(const Napi::CallbackInfo&) {
  if (engine_) Close();
}

Napi::Value JsEngine::JsStats(const Napi::CallbackInfo& info) {
  Napi::Object object = Napi::Object::New(info.Env());
  bool open = engine_ && !engine_->closed();
  object.Set("memoryBytes", Napi::Number::New(env_, open ? static_cast<double>(engine_->memory_used()) : 0));
  object.Set("goroutines", Napi::Number::New(env_, open ? static_cast<double>(engine_->live_goroutines()) : 0));
  object.Set("known", Napi::Number::New(env_, static_cast<double>(known_.size())));
  return object;
}

}  // namespace sloth
