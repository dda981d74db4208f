// Interrupting a thread that runs Lua: a signal whose handler calls the strike function of whatever that thread runs.
//
// The handler is installed once per process and never removed; it uses one thread-local pointer, keeps errno, and passes
// signals that are not for us to the handler it found. Sanitizer builds send SIGSYS, which ThreadSanitizer delivers at once.
#pragma once

#include <pthread.h>

#include <atomic>

namespace sloth {

// What the interrupt acts on. Lives in a worker; the handler runs on that worker's thread only.
struct InterruptTarget {
  // Called in the signal handler: may only do what is safe there. Null: nothing to interrupt.
  std::atomic<void (*)(void* context)> strike{nullptr};
  void* context = nullptr;
};

// Installs the handler once per process. Thread safe.
void InstallInterruptHandler();
// Makes `target` the one the calling thread's handler uses; null before the thread ends. Unblocks the signal.
void SetInterruptTarget(InterruptTarget* target);
// The same for a while on a thread that is not ours, whose signals stay as they are. Returns the one before.
InterruptTarget* ExchangeInterruptTarget(InterruptTarget* target);
// Sends the signal. The caller guarantees that the thread has not ended.
void SendInterrupt(pthread_t thread);
// Blocks every signal for threads started inside the scope, as worker threads must not take the host's signals.
class SignalsBlocked {
 public:
  SignalsBlocked();
  ~SignalsBlocked();

 private:
  sigset_t previous_;
};

}  // namespace sloth
