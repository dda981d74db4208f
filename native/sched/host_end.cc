#include "sched/host_end.h"

#include <algorithm>

#include "sched/run.h"

namespace sloth {

HostEnd* HostEnd::Of(Handle* handle) {
  if (HostEnd* end = Find(handle)) return end;
  return static_cast<HostEnd*>(handle->SetHostEnd(new HostEnd()));
}

void HostEnd::Hold() {
  MutexLock lock(mutex_);
  holders_++;
}

void HostEnd::Attach(DeadlockDomain* domain) {
  {
    MutexLock lock(mutex_);
    if (holders_ == 0 || std::find(domains_.begin(), domains_.end(), domain) != domains_.end()) return;
    domains_.push_back(domain);
    domain->Unblocked();
  }
  domain->AddEnd(Ref<HostEnd>(this));
}

void HostEnd::Drop() {
  std::vector<Ref<DeadlockDomain>> held;
  {
    MutexLock lock(mutex_);
    if (--holders_ > 0) return;
    for (DeadlockDomain* domain : domains_) {
      if (domain->TryAddRef()) held.push_back(Ref<DeadlockDomain>::Adopt(domain));
    }
    domains_.clear();
  }
  for (Ref<DeadlockDomain>& domain : held) {
    domain->RemoveEnd(this);
    domain->Blocked();
  }
}

void HostEnd::Forget(DeadlockDomain* domain) {
  MutexLock lock(mutex_);
  std::erase(domains_, domain);
}

}  // namespace sloth
