/*
** For lstrlib.c: the pattern matcher asks `luai_unlikely` whether it recursed too deep, each time it recurses. Every use of
** the macro in that file guards an error, so each may raise.
*/
#include "lua/upstream/poll.h"

#define luai_likely(x) (__builtin_expect(((x) != 0), 1))
#define luai_unlikely(x) (SLOTH_POLL(), __builtin_expect(((x) != 0), 0))

/* The plain search compares at each place where the first character fits. Declared before the name becomes a macro. */
#include <string.h>
#define memcmp(a, b, n) (SLOTH_POLL(), (memcmp)(a, b, n))
