/*
** What makes Lua's C loops interruptible: a thread-local word that the interrupt handler sets, and a function that raises
** the pending cancellation. Read at places where upstream may raise an error anyway.
*/
#ifndef SLOTH_UPSTREAM_POLL_H
#define SLOTH_UPSTREAM_POLL_H

#if defined(__cplusplus)
extern "C" {
#endif

extern __thread volatile int sloth_interrupted __attribute__((tls_model("initial-exec")));
void sloth_poll(void);

#if defined(__cplusplus)
}
#endif

#define SLOTH_POLL() (__builtin_expect(sloth_interrupted, 0) ? sloth_poll() : (void)0)

#endif
