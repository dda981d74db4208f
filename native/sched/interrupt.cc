#include "sched/interrupt.h"

#include <cerrno>
#include <csignal>
#include <mutex>

#include "base/check.h"

#if !defined(__linux__)
#error "sloth-runner interrupts running Lua with Linux signals; other systems are not supported until somebody can test them."
#endif

namespace sloth {
namespace {

#if defined(SLOTH_SANITIZER_BUILD)
constexpr int kSignal = SIGSYS;
#else
constexpr int kSignal = SIGURG;
#endif

// initial-exec: reading it in a signal handler never allocates.
__attribute__((tls_model("initial-exec"))) thread_local InterruptTarget* current_target = nullptr;

struct sigaction previous_action;

void Handle(int signal, siginfo_t* info, void* context) {
  int saved_errno = errno;
  if (InterruptTarget* target = current_target) {
    if (auto strike = target->strike.load(std::memory_order_relaxed)) strike(target->context);
  } else if (previous_action.sa_flags & SA_SIGINFO) {
    if (previous_action.sa_sigaction) previous_action.sa_sigaction(signal, info, context);
  } else if (previous_action.sa_handler != SIG_DFL && previous_action.sa_handler != SIG_IGN) {
    previous_action.sa_handler(signal);
  }
  errno = saved_errno;
}

std::once_flag installed;

}  // namespace

void InstallInterruptHandler() {
  std::call_once(installed, [] {
    struct sigaction action = {};
    action.sa_sigaction = Handle;
    action.sa_flags = SA_RESTART | SA_ONSTACK | SA_SIGINFO;
    sigemptyset(&action.sa_mask);
    CHECK(sigaction(kSignal, &action, &previous_action) == 0);
  });
}

void SetInterruptTarget(InterruptTarget* target) {
  current_target = target;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, kSignal);
  pthread_sigmask(target ? SIG_UNBLOCK : SIG_BLOCK, &set, nullptr);
}

InterruptTarget* ExchangeInterruptTarget(InterruptTarget* target) {
  InterruptTarget* before = current_target;
  current_target = target;
  return before;
}

void SendInterrupt(pthread_t thread) { pthread_kill(thread, kSignal); }

SignalsBlocked::SignalsBlocked() {
  sigset_t all;
  sigfillset(&all);
  // Faults stay deliverable: blocking them would turn a crash into silence.
  for (int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP}) sigdelset(&all, signal);
  pthread_sigmask(SIG_SETMASK, &all, &previous_);
}

SignalsBlocked::~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &previous_, nullptr); }

}  // namespace sloth
