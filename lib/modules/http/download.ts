import {randomUUID} from 'node:crypto';
import {mkdir, open, rename, rm} from 'node:fs/promises';
import {dirname} from 'node:path';
import {type BodySource, readChunks} from './body-reader.js';

/**
 * Writes a body into a file, which is there as a whole or not at all.
 *
 * @returns how many bytes it has.
 * @throws Error when the body breaks off, or the file cannot be written.
 */
export async function writeBody(source: BodySource, path: string): Promise<number> {
  await mkdir(dirname(path), {recursive: true});
  const part = `${path}.${randomUUID()}.part`;
  const file = await open(part, 'wx');
  let bytes = 0;
  try {
    for await (const chunk of readChunks(source)) {
      for (let written = 0; written < chunk.length; ) {
        written += (await file.write(chunk, written)).bytesWritten;
      }
      bytes += chunk.length;
    }
    await file.sync();
    await file.close();
    await rename(part, path);
  } catch (error) {
    await file.close().catch(() => {});
    await rm(part, {force: true});
    throw error;
  }
  return bytes;
}
