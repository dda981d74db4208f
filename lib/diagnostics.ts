import {channel} from 'node:diagnostics_channel';
import type {NativeRuntime} from './native/binding.js';

/** What every event says: in which {@link Runtime} it happened. */
export interface RuntimeEvent {
  /** The {@link Runtime} itself. */
  readonly runtime: object;
}

/** What happened to a goroutine. */
export interface GoroutineEvent extends RuntimeEvent {
  /** As {@link Run.id}. */
  readonly runId: number;
  /** As `goroutine.id()` in Lua. */
  readonly goroutineId: number;
}

/** `sloth-runner:goroutine:spawn`: it was made. */
export interface GoroutineSpawnEvent extends GoroutineEvent {
  /** Who made it: a goroutine, or 0 for the host. */
  readonly parentId: number;
  /** `file.lua:12`, or empty when the host made it. */
  readonly spawnSite: string;
}

/** `sloth-runner:goroutine:blocked`: it has to wait. */
export interface GoroutineBlockedEvent extends GoroutineEvent {
  /** `channel receive`, `sleep`, `host call`, ... */
  readonly waitsFor: string;
}

/** `sloth-runner:goroutine:end`: it ended, however. */
export interface GoroutineEndEvent extends GoroutineEvent {
  readonly outcome: 'done' | 'failed' | 'cancelled';
}

/** `sloth-runner:goroutine:error`: it ended with an error, whether or not somebody awaits it. */
export interface GoroutineErrorEvent extends GoroutineEvent {
  /** At most its first 1,024 bytes. */
  readonly message: string;
}

/** `sloth-runner:host:call`: Lua called a host function. */
export interface HostCallEvent extends RuntimeEvent {
  /** Unique within its runtime. */
  readonly callId: number;
  /** The name of the JavaScript function. */
  readonly name: string;
}

/** `sloth-runner:host:answer`: a host function answered, or failed. */
export interface HostAnswerEvent extends HostCallEvent {
  readonly ok: boolean;
  readonly durationMs: number;
}

/** `sloth-runner:events:dropped`: subscribers did not keep up; so many events of the runtime were lost. */
export interface EventsDroppedEvent extends RuntimeEvent {
  /** Since the runtime was made. */
  readonly dropped: number;
}

const spawn = channel('sloth-runner:goroutine:spawn');
const blocked = channel('sloth-runner:goroutine:blocked');
const end = channel('sloth-runner:goroutine:end');
const error = channel('sloth-runner:goroutine:error');
const dropped = channel('sloth-runner:events:dropped');

/** Told by the addon of what is watched: as GoroutineEvent in native/sched/watcher.h. */
const kind = {dropped: 0, spawned: 1, blocked: 2, ended: 4} as const;

const fieldsOfEvent = 6;

/** The channels of host calls. */
export const hostChannels = {
  call: channel('sloth-runner:host:call'),
  answer: channel('sloth-runner:host:answer'),
} as const;

/**
 * Publishes what happens to the goroutines of one runtime. Nothing is watched that nobody subscribed to; whether somebody did is
 * looked at when a run starts.
 */
export class GoroutineDiagnostics {
  readonly #runtime: object;
  readonly #native: NativeRuntime;
  readonly #isOwn: (runId: number) => boolean;
  #watched = 0;

  /** @param isOwn whether a run is the library's own, of which nobody is told. */
  constructor(runtime: object, native: NativeRuntime, isOwn: (runId: number) => boolean) {
    this.#runtime = runtime;
    this.#native = native;
    this.#isOwn = isOwn;
  }

  /** Looks for subscribers. */
  refresh(): void {
    const wanted =
      (spawn.hasSubscribers ? kind.spawned : 0) |
      (blocked.hasSubscribers ? kind.blocked : 0) |
      (end.hasSubscribers || error.hasSubscribers ? kind.ended : 0);
    if (wanted === this.#watched) return;
    this.#watched = wanted;
    this.#native.watch(wanted);
  }

  /** Publishes events as the addon gives them (native/node/goroutine_events.h). */
  publish(events: readonly unknown[]): void {
    for (let at = 0; at < events.length; at += fieldsOfEvent) {
      const [what, runId, goroutineId, parentId, text, outcome] = events.slice(at, at + fieldsOfEvent) as [
        number,
        number,
        number,
        number,
        string,
        GoroutineEndEvent['outcome'],
      ];
      if (what === kind.dropped) dropped.publish({runtime: this.#runtime, dropped: runId} satisfies EventsDroppedEvent);
      else if (!this.#isOwn(runId)) this.#publishOne(what, {runId, goroutineId}, parentId, text, outcome);
    }
  }

  #publishOne(
    what: number,
    ids: {readonly runId: number; readonly goroutineId: number},
    parentId: number,
    text: string,
    outcome: GoroutineEndEvent['outcome'],
  ): void {
    const event = {runtime: this.#runtime, ...ids};
    if (what === kind.spawned) {
      spawn.publish({...event, parentId, spawnSite: text} satisfies GoroutineSpawnEvent);
    } else if (what === kind.blocked) {
      blocked.publish({...event, waitsFor: text} satisfies GoroutineBlockedEvent);
    } else {
      if (outcome === 'failed') error.publish({...event, message: text} satisfies GoroutineErrorEvent);
      end.publish({...event, outcome} satisfies GoroutineEndEvent);
    }
  }
}
