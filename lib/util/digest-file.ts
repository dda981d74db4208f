import {createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';

/** The digest of a file's content, in hex, however large it is. */
export async function digestFile(algorithm: string, path: string): Promise<string> {
  const hash = createHash(algorithm);
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest('hex');
}
