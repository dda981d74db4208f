#include "sync/context.h"

namespace sloth {

Context::Context(Scheduler* scheduler, Ref<Context> parent, ContextDeadline deadline, bool timed, std::string key, Value value)
    : WaitEnder(HandleKind::kContext), scheduler_(scheduler), parent_(parent.Leak()), deadline_(deadline), key_(std::move(key)),
      value_(std::move(value)) {
  if (timed) timer_.target = this;
}

Context::~Context() {
  if (timer_.target) scheduler_->timers()->Stop(&timer_);
  if (!parent_) return;
  parent_->RemoveChild(this);
  parent_->ReleaseChained();
}

Ref<Context> Context::Make(Scheduler* scheduler, Ref<Context> parent, ContextDeadline deadline) {
  bool timed = deadline.at_ns != kForever;
  if (parent && parent->deadline_.at_ns <= deadline.at_ns) {
    deadline = parent->deadline_;
    timed = false;
  }
  auto context = Ref<Context>::Adopt(new Context(scheduler, std::move(parent), deadline, timed, "", Value()));
  return Enter(std::move(context));
}

Ref<Context> Context::MakeWithValue(Ref<Context> parent, std::string key, Value value) {
  ContextDeadline deadline = parent->deadline_;
  Scheduler* scheduler = parent->scheduler_;
  auto* context = new Context(scheduler, std::move(parent), deadline, false, std::move(key), std::move(value));
  return Enter(Ref<Context>::Adopt(context));
}

// Makes a new one part of its tree.
Ref<Context> Context::Enter(Ref<Context> context) {
  bool timed = context->timer_.target != nullptr;
  Context* parent = context->parent_;
  if (parent && !parent->AddChild(context.get())) {
    context->End(parent->cause(), parent->reason());
  } else if (timed && context->deadline_.at_ns <= context->scheduler_->clock()->Now()) {
    context->End(Cause::kDeadline, "");
  } else if (timed) {
    context->scheduler_->StartTimer(&context->timer_, context->deadline_.at_ns);
    // Its parent may have ended it meanwhile.
    if (context->ended()) context->scheduler_->timers()->Stop(&context->timer_);
  }
  return context;
}

const char* Context::error() const {
  switch (cause()) {
    case Cause::kNone: return nullptr;
    case Cause::kCancelled: return "context canceled";
    case Cause::kDeadline: return "context deadline exceeded";
  }
  return nullptr;
}

std::string Context::reason() {
  MutexLock lock(mutex_);
  return reason_;
}

std::string Context::end_reason() {
  std::string why = reason();
  return why.empty() ? error() : error() + (": " + why);
}

Value Context::Find(const std::string& key) const {
  for (const Context* context = this; context; context = context->parent_) {
    if (context->key_ == key) return context->value_;
  }
  return Value();
}

void Context::End(Cause cause, const std::string& reason) {
  WakeList woken;  // last: whoever goes on finds everything below ended
  Children below;
  if (!MarkEnded(cause, reason, &woken, &below)) return;
  for (Context* context = below.front(); context; context = below.Next(context)) {
    (void)context->MarkEnded(cause, reason, &woken, &below);
  }
  TellEnd();
  while (Context* context = below.PopFront()) {
    context->TellEnd();
    context->ReleaseChained();
  }
}

// False when it had ended. Claims who waits for it, and moves its children to `children`, with a reference each.
bool Context::MarkEnded(Cause cause, const std::string& reason, WakeList* woken, Children* children) {
  MutexLock lock(mutex_);
  if (ended()) return false;
  reason_ = reason;
  cause_.store(cause, std::memory_order_release);
  while (Waiter* waiter = ClaimFirst(waiters_)) woken->Add(waiter->wait);
  while (Context* child = children_.PopFront()) {
    if (child->TryAddRef()) children->PushBack(child);
  }
  if (timer_.target) scheduler_->timers()->Stop(&timer_);
  return true;
}

// Once it has ended, without locks, by anyone and any number of times: closes its channel, cancels who is bound to it.
void Context::TellEnd() {
  Ref<Channel> done;
  {
    MutexLock lock(mutex_);
    if (done_ && done_->TryAddRef()) done = Ref<Channel>::Adopt(done_);
  }
  if (done) (void)done->Close();
  for (;;) {
    Ref<Goroutine> goroutine;
    {
      MutexLock lock(mutex_);
      while (!goroutine) {
        Bond* bond = bound_.PopFront();
        if (!bond) return;
        if (bond->goroutine->TryAddRef()) goroutine = Ref<Goroutine>::Adopt(bond->goroutine);
      }
    }
    goroutine->EnderEnded(this);
  }
}

Ref<Channel> Context::Done() {
  Ref<Channel> done;
  {
    MutexLock lock(mutex_);
    if (done_ && done_->TryAddRef()) return Ref<Channel>::Adopt(done_);
    done = MakeRef<Channel>(0, static_cast<ChannelFeeder*>(this));
    done_ = done.get();
  }
  if (ended()) (void)done->Close();
  return done;
}

void Context::ChannelGone(Channel* channel) {
  MutexLock lock(mutex_);
  if (done_ == channel) done_ = nullptr;
}

bool Context::AddChild(Context* child) {
  MutexLock lock(mutex_);
  if (ended()) return false;
  children_.PushBack(child);
  return true;
}

void Context::RemoveChild(Context* child) {
  MutexLock lock(mutex_);
  if (child->sibling_link_.linked()) Children::Remove(child);
}

bool Context::AddWaiter(Waiter* waiter) {
  MutexLock lock(mutex_);
  if (ended()) return false;
  waiters_.PushBack(waiter);
  return true;
}

void Context::RemoveWaiter(Waiter* waiter) {
  MutexLock lock(mutex_);
  if (waiter->link.linked()) WaiterList::Remove(waiter);
}

bool Context::Bind(Bond* bond) {
  MutexLock lock(mutex_);
  if (ended()) return false;
  bound_.PushBack(bond);
  return true;
}

void Context::Unbind(Bond* bond) {
  MutexLock lock(mutex_);
  if (bond->link.linked()) List<Bond, &Bond::link>::Remove(bond);
}

}  // namespace sloth
