import {createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {copyFile, constants as fsConstants, mkdir, open, readFile, rename, rm, stat, utimes} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {hashFile} from './hash-file.js';
import {digestOf} from './ingredient.js';

let serial = 0;

/** Content by its SHA-256, each in a file of its own under `cas/<two digits>/`, as caches of Bazel lay it out. */
export class BlobStore {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  pathOf(digest: string): string {
    if (!/^[\da-f]{64}$/.test(digest)) throw new Error(`${JSON.stringify(digest)} is no digest`);
    return join(this.folder, digest.slice(0, 2), digest);
  }

  /** Keeps bytes and answers their digest. */
  async put(content: Uint8Array): Promise<string> {
    const digest = digestOf(content);
    if (await this.#touch(digest)) return digest;
    await this.#place(digest, async (path) => {
      await using file = await open(path, 'wx', 0o600);
      await file.writeFile(content);
    });
    return digest;
  }

  /** Keeps a file's content, which is copied first: what is hashed is what is kept. */
  async putFile(source: string, size: number): Promise<string> {
    const known = await hashFile(source, size);
    if (await this.#touch(known)) return known;
    const fresh = await this.#freshPath();
    try {
      await copyFile(source, fresh, fsConstants.COPYFILE_FICLONE);
      const digest = await hashFile(fresh, size);
      await this.#move(fresh, digest);
      return digest;
    } finally {
      await rm(fresh, {force: true});
    }
  }

  /** @throws Error when it is missing or its content is not what its name says. */
  async get(digest: string): Promise<Buffer> {
    const content = await readFile(this.pathOf(digest));
    if (digestOf(content) !== digest) throw await this.#damaged(digest);
    return content;
  }

  /**
   * Copies content to a file that is not there yet.
   *
   * @throws Error when it is missing or its content is not what its name says; nothing is left at `target` then.
   */
  async copyTo(digest: string, target: string, mode: number): Promise<void> {
    const hash = createHash('sha256');
    try {
      await using file = await open(target, 'wx', mode);
      for await (const piece of createReadStream(this.pathOf(digest))) {
        hash.update(piece as Buffer);
        await file.writeFile(piece as Buffer);
      }
      await file.chmod(mode);
      if (hash.digest('hex') !== digest) throw await this.#damaged(digest);
    } catch (error) {
      await rm(target, {force: true});
      throw error;
    }
  }

  // Content that is used again is not old, so that nobody clears it away meanwhile.
  async #touch(digest: string): Promise<boolean> {
    const path = this.pathOf(digest);
    try {
      const now = new Date();
      await utimes(path, now, now);
      return (await stat(path)).isFile();
    } catch {
      return false;
    }
  }

  async #damaged(digest: string): Promise<Error> {
    await rm(this.pathOf(digest), {force: true});
    return new Error(`the content ${digest} is damaged`);
  }

  async #place(digest: string, write: (path: string) => Promise<void>): Promise<void> {
    const fresh = await this.#freshPath();
    try {
      await write(fresh);
      await this.#move(fresh, digest);
    } finally {
      await rm(fresh, {force: true});
    }
  }

  async #move(fresh: string, digest: string): Promise<void> {
    const path = this.pathOf(digest);
    await mkdir(dirname(path), {recursive: true, mode: 0o700});
    await rename(fresh, path);
  }

  async #freshPath(): Promise<string> {
    await mkdir(this.folder, {recursive: true, mode: 0o700});
    serial += 1;
    return join(this.folder, `new-${process.pid}-${serial}`);
  }
}
