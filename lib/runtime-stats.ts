/** Live counts of a runtime; {@link Runtime.stats} reads them. */
export type RuntimeStats = {
  /** OS threads that run Lua at the same time. */
  readonly workers: number;
  /** What the heaps of all islands have taken, in bytes; a little more than they use. */
  readonly memoryBytes: number;
  /** Runs that have not ended. */
  readonly runs: number;
  /** Goroutines alive, and those whose handles are. */
  readonly goroutines: number;
  /** Lua heaps. */
  readonly islands: number;
  /** Goroutines ever made. */
  readonly spawned: number;
  /** Spawns that got an island of their own. */
  readonly parallel: number;
  /** Spawns that stayed on their parent's island. */
  readonly shared: number;
  /** How often a goroutine that computed was interrupted for others. */
  readonly preemptions: number;
  /** Islands that an idle worker took from a busy one. */
  readonly steals: number;
  /** Islands that began as copies of a pristine heap. */
  readonly cloned: number;
  /** Islands whose heaps were built. */
  readonly built: number;
  /** Kinds of islands that could not be copied because a check failed: they are built, which takes longer. */
  readonly refusedSnapshots: number;
  /** Calls that had to wait where Lua cannot yield. */
  readonly blockedInPlace: number;
  /** How often a goroutine ignored the interrupt for a second. */
  readonly stuck: number;
  /** What Lua told JavaScript: host calls, ends of runs, output. */
  readonly messages: number;
  /** Turns of the event loop that took messages. */
  readonly turns: number;
  /** The most messages in one turn: at most 1,000. */
  readonly mostMessagesPerTurn: number;
  /** How far into its turn any message was begun, in ms: at most 2. What is left then waits for the next turn. */
  readonly latestDeliveryMs: number;
};
