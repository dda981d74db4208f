/*
** What upstream draws from the time and from addresses, drawn from the island's seed instead, so that a run can be repeated
** (lua/chance.h).
*/
#ifndef SLOTH_UPSTREAM_CHANCE_H
#define SLOTH_UPSTREAM_CHANCE_H

#if defined(__cplusplus)
extern "C" {
#endif

unsigned int sloth_hash_seed(void);
unsigned int sloth_random_pivot(void);

#if defined(__cplusplus)
}
#endif

#endif
