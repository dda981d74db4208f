import {mkdirSync, writeFileSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';

/**
 * The folder `.sloth` beside a task file: everything that outlives a run.
 *
 * | path | what |
 * |---|---|
 * | `journal.db` | journals of runs, in SQLite |
 * | `runs/<id>.jsonl` | journals of runs, as JSON lines |
 * | `locks/` | which process works on which run |
 * | `logs/<run>/<n>.log` | what the tasks of a run wrote |
 * | `cache/` | results by the hash of what they were made from |
 *
 * It may hold what tasks handed on, so only its owner can read it, and it keeps itself out of git.
 */
export class SlothFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** The one that belongs to a task file; standard input's is in the working directory. */
  static of(taskFile: string): SlothFolder {
    const beside = taskFile === '-' ? process.cwd() : dirname(resolve(taskFile));
    return new SlothFolder(join(beside, '.sloth'));
  }

  get database(): string {
    return join(this.path, 'journal.db');
  }

  get runs(): string {
    return join(this.path, 'runs');
  }

  get locks(): string {
    return join(this.path, 'locks');
  }

  get logs(): string {
    return join(this.path, 'logs');
  }

  get cache(): string {
    return join(this.path, 'cache');
  }

  /** Makes the folder if there is none. */
  create(): this {
    mkdirSync(this.path, {recursive: true, mode: 0o700});
    try {
      writeFileSync(join(this.path, '.gitignore'), '*\n', {flag: 'wx'});
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    return this;
  }
}
