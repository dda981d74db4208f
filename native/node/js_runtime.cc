#include "node/js_runtime.h"

#include <string_view>

#include "node/handle_values.h"
#include "node/host_values.h"
#include "node/js_read.h"
#include "node/module_values.h"

namespace sloth {
namespace {

constexpr int64_t kCleanupDeadline = 500 * kMillisecond;

int64_t Nanoseconds(double milliseconds) {
  if (!(milliseconds >= 0)) return kForever;
  double value = milliseconds * static_cast<double>(kMillisecond);
  return value >= 9.2e18 ? kForever : static_cast<int64_t>(value);
}

// An optional count; zero when it is missing.
double Count(Napi::Object object, const char* name) {
  double count = NumberOf(PropertyOf(object, name));
  return count >= 1 && count <= 9007199254740992.0 ? count : 0;
}
bool Flag(Napi::Object object, const char* name) { return FlagOf(PropertyOf(object, name)); }
std::string Text(Napi::Object object, const char* name) { return TextOf(PropertyOf(object, name)); }
int64_t Duration(Napi::Object object, const char* name) { return Nanoseconds(NumberOf(PropertyOf(object, name))); }

int WorkerCount(Napi::Object object, const char* name) {
  double count = Count(object, name);
  return count > 1024 ? 1024 : static_cast<int>(count);
}
RunLimits LimitsIn(Napi::Object object) {
  return {static_cast<size_t>(Count(object, "memoryBytes")), WorkerCount(object, "workers")};
}

LogLevel LevelOf(Napi::Value value) {
  std::string name = TextOf(value);
  if (name == "debug") return LogLevel::kDebug;
  if (name == "warn") return LogLevel::kWarn;
  if (name == "error") return LogLevel::kError;
  if (name == "off") return LogLevel::kOff;
  return LogLevel::kInfo;
}

uint64_t RandomSeed() {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<uint64_t>(now.tv_nsec) ^ (static_cast<uint64_t>(now.tv_sec) << 30) ^ reinterpret_cast<uintptr_t>(&now);
}

}  // namespace

Napi::Function JsRuntime::Define(Napi::Env env) {
  return DefineClass(env, "NativeRuntime",
                     {InstanceMethod("start", &JsRuntime::JsStart), InstanceMethod("call", &JsRuntime::JsCall),
                      InstanceMethod("cancel", &JsRuntime::JsCancel), InstanceMethod("settle", &JsRuntime::JsSettle),
                      InstanceMethod("setModuleResolver", &JsRuntime::JsSetModuleResolver),
                      InstanceMethod("defineModule", &JsRuntime::JsDefineModule),
                      InstanceMethod("addModule", &JsRuntime::JsAddModule),
                      InstanceMethod("releaseHandle", &JsRuntime::JsReleaseHandle),
                      InstanceMethod("watch", &JsRuntime::JsWatch), InstanceMethod("holdOutput", &JsRuntime::JsHoldOutput),
                      InstanceMethod("divertOutput", &JsRuntime::JsDivertOutput), InstanceMethod("limit", &JsRuntime::JsLimit),
                      InstanceMethod("resume", &JsRuntime::JsResume), InstanceMethod("advance", &JsRuntime::JsAdvance), InstanceMethod("makeStream", &JsRuntime::JsMakeStream),
                      InstanceMethod("feed", &JsRuntime::JsFeed), InstanceMethod("dropStream", &JsRuntime::JsDropStream),
                      InstanceMethod("close", &JsRuntime::JsClose), InstanceMethod("ref", &JsRuntime::JsRef),
                      InstanceMethod("unref", &JsRuntime::JsUnref), InstanceMethod("stats", &JsRuntime::JsStats),
                      InstanceMethod("dump", &JsRuntime::JsDump),
                      InstanceMethod("traceSummary", &JsRuntime::JsTraceSummary)});
}

// new NativeRuntime(options, onMessage)
JsRuntime::JsRuntime(const Napi::CallbackInfo& info) : Napi::ObjectWrap<JsRuntime>(info), env_(info.Env()) {
  if (!info[0].IsObject() || !info[1].IsFunction()) {
    Napi::TypeError::New(env_, "createRuntime(options, onMessage): an object and a function were expected").ThrowAsJavaScriptException();
    return;
  }
  auto object = info[0].As<Napi::Object>();
  RuntimeOptions options;
  options.workers = static_cast<int>(NumberOf(PropertyOf(object, "workers")));
  if (options.workers < 1 || options.workers > 1024) {
    Napi::RangeError::New(env_, "workers: an integer from 1 to 1024 was expected").ThrowAsJavaScriptException();
    return;
  }
  options.grace_ns = Duration(object, "graceMs");
  options.island_memory_limit = static_cast<size_t>(Count(object, "memoryLimitBytes"));
  options.max_goroutines = static_cast<int64_t>(Count(object, "maxGoroutines"));
  options.isolated = Flag(object, "isolated");
  options.module_path = Text(object, "modulePath");
  options.removed = TextsOf(PropertyOf(object, "removed"));
  options.reports_uncaught = Flag(object, "reportsUncaught");
  options.log_level = LevelOf(PropertyOf(object, "logLevel"));
  options.seed = RandomSeed();
  Napi::Value trace_fd = PropertyOf(object, "traceFd");
  if (trace_fd.IsNumber()) options.trace_fd = static_cast<int>(NumberOf(trace_fd));
  Napi::Value seed = PropertyOf(object, "seed");
  bool lossless = false;
  if (seed.IsBigInt()) options.seed = static_cast<uint64_t>(seed.As<Napi::BigInt>().Int64Value(&lossless));
  mailbox_ = std::make_unique<Mailbox>(env_, info[1].As<Napi::Function>());
  auto make_sink = [&](const char* mode, int fd) { return std::make_unique<ScriptSink>(mailbox_.get(), fd, Text(object, mode) == "message"); };
  out_ = make_sink("stdoutMode", 1);
  err_ = make_sink("stderrMode", 2);
  if (Flag(object, "virtualClock")) virtual_clock_ = std::make_unique<VirtualClock>();
  Clock* clock = virtual_clock_ ? static_cast<Clock*>(virtual_clock_.get()) : &clock_;
  runtime_ = MakeRef<Runtime>(options, out_.get(), err_.get(), mailbox_.get(), mailbox_.get(), clock);
  if (virtual_clock_ && Flag(object, "heldClock")) runtime_->HoldClock();
  napi_add_env_cleanup_hook(env_, CleanUp, this);
}

JsRuntime::~JsRuntime() {
  if (!runtime_) return;
  napi_remove_env_cleanup_hook(env_, CleanUp, this);
  CleanUp(this);
}

void JsRuntime::CleanUp(void* context) {
  auto* self = static_cast<JsRuntime*>(context);
  if (!self->runtime_) return;
  self->mailbox_->Close(true);
  if (!self->closer_started_) {
    self->Shut(self->clock_.Now() + kCleanupDeadline);
  } else {
    self->JoinCloser();
  }
  // Threads left behind in C may still use what they were given.
  if (self->left_behind_ > 0) {
    (void)self->mailbox_.release();
    (void)self->out_.release();
    (void)self->err_.release();
    (void)self->virtual_clock_.release();
  }
  self->runtime_ = nullptr;
}

// No dump is begun once this may run.
void JsRuntime::Shut(int64_t deadline_ns) {
  JoinDumper();
  left_behind_ = runtime_->Close(deadline_ns);
}

void* JsRuntime::CloserMain(void* context) {
  auto* self = static_cast<JsRuntime*>(context);
  self->Shut(self->close_deadline_);
  self->mailbox_->PostClosed();
  return nullptr;
}

void JsRuntime::JoinCloser() {
  if (!closer_started_ || closer_joined_) return;
  closer_joined_ = true;
  pthread_join(closer_, nullptr);
}

void* JsRuntime::DumperMain(void* context) {
  auto* self = static_cast<JsRuntime*>(context);
  self->mailbox_->PostDump(self->runtime_->Dump());
  return nullptr;
}

void JsRuntime::JoinDumper() {
  if (!dumper_started_) return;
  dumper_started_ = false;
  pthread_join(dumper_, nullptr);
}

// start(runId, request)
void JsRuntime::JsStart(const Napi::CallbackInfo& info) {
  if (!info[1].IsObject()) return;
  auto object = info[1].As<Napi::Object>();
  RunRequest request;
  request.id = static_cast<uint64_t>(IntegerOf(info[0]));
  request.source = BytesOf(PropertyOf(object, "source"));
  request.chunk_name = Text(object, "chunkName");
  request.dialect = Text(object, "dialect") == "task" ? Dialect::kTask : Dialect::kLua;
  request.options.wait_for_all = !Flag(object, "noWait");
  request.options.fail_fast = Flag(object, "failFast");
  request.load_only = Flag(object, "loadOnly");
  request.explain = Flag(object, "explain");
  request.check_captures = Flag(object, "checkCaptures");
  request.timeout_ns = Duration(object, "timeoutMs");
  request.limits = LimitsIn(object);
  if (!TryTakeMessage(env_, PropertyOf(object, "args"), mailbox_->releases(), &request.arguments)) return;
  if (!TryTakeMessage(env_, PropertyOf(object, "globals"), mailbox_->releases(), &request.globals)) return;
  request.script_arguments = TextsOf(PropertyOf(object, "scriptArg"));
  Napi::Value preludes = PropertyOf(object, "preludes");
  if (preludes.IsArray()) {
    auto list = preludes.As<Napi::Array>();
    for (uint32_t i = 0; i < list.Length(); i++) {
      Napi::Value element = ElementOf(list, i);
      if (!element.IsObject()) return;  // the environment is going
      auto item = element.As<Napi::Object>();
      Prelude prelude{Text(item, "chunkName"), BytesOf(PropertyOf(item, "source")), sloth::Value(), Flag(item, "keepsToItself")};
      if (!TryTakeMessage(env_, PropertyOf(item, "args"), mailbox_->releases(), &prelude.arguments)) return;
      request.preludes.push_back(std::move(prelude));
    }
  }
  if (env_.IsExceptionPending()) return;
  if (closer_started_ || !runtime_->Start(std::move(request))) {
    Napi::Error::New(env_, "the runtime is closed").ThrowAsJavaScriptException();
  }
}

// call(runId, function, arguments, atHome, failFast, timeoutMs)
void JsRuntime::JsCall(const Napi::CallbackInfo& info) {
  CallRequest request;
  request.id = static_cast<uint64_t>(IntegerOf(info[0]));
  request.function = LuaFunctionIn(info[1]);
  if (!request.function) {
    Napi::TypeError::New(env_, "the Lua function was released").ThrowAsJavaScriptException();
    return;
  }
  request.at_home = FlagOf(info[3]);
  request.options.fail_fast = FlagOf(info[4]);
  request.timeout_ns = Nanoseconds(NumberOf(info[5]));
  if (info[6].IsObject()) request.limits = LimitsIn(info[6].As<Napi::Object>());
  if (!TryTakeMessage(env_, info[2], mailbox_->releases(), &request.arguments)) return;
  if (closer_started_ || !runtime_->Call(std::move(request))) {
    Napi::Error::New(env_, "the runtime is closed").ThrowAsJavaScriptException();
  }
}

// limit({memoryBytes, workers}): what is missing stays as it is; a memoryBytes of 0 is no limit.
void JsRuntime::JsLimit(const Napi::CallbackInfo& info) {
  if (!info[0].IsObject() || closer_started_) return;
  auto object = info[0].As<Napi::Object>();
  if (PropertyOf(object, "memoryBytes").IsNumber()) runtime_->LimitMemory(static_cast<size_t>(Count(object, "memoryBytes")));
  if (int workers = WorkerCount(object, "workers")) runtime_->LimitWorkers(workers);
}

void JsRuntime::JsCancel(const Napi::CallbackInfo& info) {
  runtime_->Cancel(static_cast<uint64_t>(IntegerOf(info[0])), TextOf(info[1]));
}

// settle(callId, ok, values): the results, or the error.
void JsRuntime::JsSettle(const Napi::CallbackInfo& info) {
  sloth::Value values;
  if (!TryTakeMessage(env_, info[2], mailbox_->releases(), &values)) return;
  mailbox_->Settle(static_cast<uint64_t>(IntegerOf(info[0])), FlagOf(info[1]), std::move(values), {});
}

// setModuleResolver(hostId): the host function that gives the source of modules
void JsRuntime::JsSetModuleResolver(const Napi::CallbackInfo& info) {
  if (runtime_) runtime_->SetModuleResolver(MakeRef<HostFunction>(static_cast<uint32_t>(IntegerOf(info[0])), "resolver", mailbox_->releases()));
}

// defineModule(name, fields)
void JsRuntime::JsDefineModule(const Napi::CallbackInfo& info) {
  sloth::Value fields;
  if (!TryTakeMessage(env_, info[1], mailbox_->releases(), &fields)) return;
  if (runtime_) runtime_->DefineModule(TextOf(info[0]), std::move(fields));
}

// addModule(module): before the first run
void JsRuntime::JsAddModule(const Napi::CallbackInfo& info) {
  sloth::Ref<Module> module = TryReadModule(env_, info[0], mailbox_->releases());
  if (module && runtime_) runtime_->AddModule(std::move(module));
}

void JsRuntime::JsReleaseHandle(const Napi::CallbackInfo& info) {
  if (HandleHolder* holder = HandleHolderOf(info[0])) holder->Release();
}

// advance(ms): answered by a `clock` message; of a held virtual clock
void JsRuntime::JsAdvance(const Napi::CallbackInfo& info) {
  int64_t duration = Nanoseconds(NumberOf(info[0]));
  if (runtime_ && virtual_clock_) runtime_->Advance(duration);
}

// watch(kinds): bits of GoroutineEvent::Kind
void JsRuntime::JsWatch(const Napi::CallbackInfo& info) {
  if (runtime_) runtime_->Watch(static_cast<uint8_t>(IntegerOf(info[0])));
}

// holdOutput(stream, held): `stdout` or `stderr`
void JsRuntime::JsHoldOutput(const Napi::CallbackInfo& info) {
  if (mailbox_) mailbox_->HoldText(TextOf(info[0]) == "stderr" ? Message::Kind::kErr : Message::Kind::kOut, FlagOf(info[1]));
}

// divertOutput(): from now on scripts' output goes to the listener, also where it was the process's own
void JsRuntime::JsDivertOutput(const Napi::CallbackInfo&) {
  for (ScriptSink* sink : {out_.get(), err_.get()}) {
    if (sink) sink->Divert();
  }
}

// resume(): in the turn of the event loop after a `more`
void JsRuntime::JsResume(const Napi::CallbackInfo&) {
  if (mailbox_) mailbox_->Resume();
}

// makeStream(id): its channel, to be received from
Napi::Value JsRuntime::JsMakeStream(const Napi::CallbackInfo& info) {
  HandleRef reference;
  reference.handle = mailbox_->MakeStream(static_cast<uint64_t>(IntegerOf(info[0])), runtime_ ? runtime_->turns() : nullptr);
  reference.view = HandleView::kReceiveOnly;
  HostEnd::Of(reference.handle.get())->Hold();
  return WrapHandle(env_, reference);
}

// feed(id, values): one value answers its pull; none ends the stream
void JsRuntime::JsFeed(const Napi::CallbackInfo& info) {
  HostStream* stream = mailbox_->StreamOf(static_cast<uint64_t>(IntegerOf(info[0])));
  if (!stream) return;
  if (!info[1].IsArray()) return stream->End();
  sloth::Value values;
  if (TryTakeMessage(env_, info[1], mailbox_->releases(), &values)) stream->Give(std::move(values));
}

// dropStream(id): it is fed no more
void JsRuntime::JsDropStream(const Napi::CallbackInfo& info) {
  uint64_t id = static_cast<uint64_t>(IntegerOf(info[0]));
  if (HostStream* stream = mailbox_->StreamOf(id)) stream->End();
  mailbox_->DropStream(id);
}

// close(deadlineMs)
void JsRuntime::JsClose(const Napi::CallbackInfo& info) {
  if (closer_started_) return;
  int64_t patience = Nanoseconds(NumberOf(info[0]));
  close_deadline_ = DeadlineAfter(clock_.Now(), patience);
  mailbox_->LetGoOfText();
  SignalsBlocked blocked;
  closer_started_ = pthread_create(&closer_, nullptr, CloserMain, this) == 0;
  if (!closer_started_) Napi::Error::New(env_, "no thread could be started for closing").ThrowAsJavaScriptException();
}

// dump(): answered by a message. The one before has been answered.
void JsRuntime::JsDump(const Napi::CallbackInfo&) {
  if (closer_started_) {
    Napi::Error::New(env_, "the runtime is closed").ThrowAsJavaScriptException();
    return;
  }
  JoinDumper();
  SignalsBlocked blocked;
  dumper_started_ = pthread_create(&dumper_, nullptr, DumperMain, this) == 0;
  if (!dumper_started_) Napi::Error::New(env_, "no thread could be started for a dump").ThrowAsJavaScriptException();
}

void JsRuntime::JsRef(const Napi::CallbackInfo&) { mailbox_->Ref(env_); }
void JsRuntime::JsUnref(const Napi::CallbackInfo&) { mailbox_->Unref(env_); }

// traceSummary(), once closed
Napi::Value JsRuntime::JsTraceSummary(const Napi::CallbackInfo&) {
  Napi::Object object = Napi::Object::New(env_);
  if (!runtime_) return object;
  const TraceSummary& summary = runtime_->trace_summary();
  object.Set("events", Napi::Number::New(env_, static_cast<double>(summary.events)));
  object.Set("dropped", Napi::Number::New(env_, static_cast<double>(summary.dropped)));
  if (!summary.error.empty()) object.Set("error", Napi::String::New(env_, summary.error));
  return object;
}

Napi::Value JsRuntime::JsStats(const Napi::CallbackInfo&) {
  Napi::Object object = Napi::Object::New(env_);
  if (!runtime_) return object;
  const SchedulerCounters& counters = runtime_->counters();
  auto set = [&](const char* name, int64_t value) { object.Set(name, Napi::Number::New(env_, static_cast<double>(value))); };
  set("workers", runtime_->workers());
  set("memoryBytes", static_cast<int64_t>(runtime_->memory_used()));
  set("runs", static_cast<int64_t>(runtime_->live_runs()));
  set("goroutines", counters.records);
  set("islands", counters.heaps);
  set("spawned", counters.spawned);
  set("parallel", counters.parallel);
  set("shared", counters.shared);
  set("preemptions", counters.preemptions);
  set("steals", counters.steals);
  SnapshotStore& snapshots = runtime_->snapshots();
  set("cloned", snapshots.cloned);
  set("built", snapshots.built);
  set("refusedSnapshots", snapshots.refused());
  set("blockedInPlace", counters.blocked_in_place);
  set("stuck", counters.stuck);
  const MailboxCounters& drained = mailbox_->counters();
  set("messages", drained.messages);
  set("turns", drained.turns);
  set("mostMessagesPerTurn", drained.most_in_turn);
  object.Set("latestDeliveryMs", Napi::Number::New(env_, static_cast<double>(drained.latest_delivery) / kMillisecond));
  return object;
}

}  // namespace sloth
