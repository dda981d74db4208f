import {lstat, mkdir, rm} from 'node:fs/promises';
import {resolve} from 'node:path';
import type {HostCall} from '../../host-function.js';
import {type Results, results} from '../../results.js';
import {textOf} from '../../util/text-of.js';
import type {Implementations} from '../declaration.js';
import type {ModuleServices} from '../services.js';

type Done = true | Results;

export function create({permissions, workdirOf}: ModuleServices): Implementations {
  /** What was made here, as it is resolved. */
  const made = new Set<string>();
  const pathOf = ({runId}: HostCall): string => resolve(workdirOf(runId)?.path ?? '.');

  async function make(call: HostCall): Promise<Done> {
    const path = pathOf(call);
    const target = await permissions.checkPath('write', path);
    return told(`cannot make ${path}`, async () => {
      const isThere = await lstat(target).then(
        () => true,
        () => false,
      );
      await mkdir(target, {recursive: true});
      if (!isThere) made.add(target);
    });
  }

  async function remove(call: HostCall): Promise<Done> {
    const path = pathOf(call);
    const target = await permissions.checkPath('write', path);
    if (!made.has(target) && !workdirOf(call.runId)?.isMade) {
      return results(false, `${path} stays: it was there before, and what is in it may be needed`);
    }
    return told(`cannot remove ${path}`, async () => {
      await rm(target, {recursive: true, force: true});
      made.delete(target);
    });
  }

  return {
    get() {
      return pathOf(this);
    },
    async exists() {
      const target = await permissions.checkPath('read', pathOf(this));
      return lstat(target).then(
        (found) => found.isDirectory(),
        () => false,
      );
    },
    create() {
      return make(this);
    },
    ensure() {
      return make(this);
    },
    cleanup() {
      return remove(this);
    },
    async recreate() {
      const removed = await remove(this);
      return removed === true ? make(this) : removed;
    },
  };
}

async function told(what: string, work: () => Promise<void>): Promise<Done> {
  try {
    await work();
    return true;
  } catch (error) {
    return results(false, `${what}: ${textOf(error)}`);
  }
}
