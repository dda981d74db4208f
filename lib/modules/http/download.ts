import {randomUUID} from 'node:crypto';
import {mkdir, open, rename, rm} from 'node:fs/promises';
import {dirname} from 'node:path';
import {type BodySource, discardBody, readChunks} from './body-reader.js';
import {type AnswerHead, explained, type HttpClient, UnreachableError} from './client.js';
import type {RequestPlan} from './request-plan.js';

/** What a download came to; `head` is there when somebody answered. */
export type Download =
  | {readonly saved: true; readonly head: AnswerHead; readonly bytes: number}
  | {readonly saved: false; readonly head?: AnswerHead; readonly message: string};

/**
 * Sends a request and writes the body of a good answer into a file.
 *
 * @throws Error when it was aborted, or the host may not be talked to.
 */
export async function download(
  client: HttpClient,
  plan: RequestPlan,
  path: string,
  signal: AbortSignal,
): Promise<Download> {
  try {
    const {head, source} = await client.open(plan, signal);
    if (head.status < 200 || head.status > 299) {
      discardBody(source.body);
      return {saved: false, head, message: `${plan.method} ${plan.url.href}: status ${head.status}`};
    }
    return {saved: true, head, bytes: await writeFile(chunksOf(plan, {...source, signal}), path)};
  } catch (error) {
    if (signal.aborted) throw error;
    if (error instanceof UnreachableError) return {saved: false, message: error.message};
    if (error instanceof Error && 'code' in error)
      return {saved: false, message: `cannot write ${path}: ${error.message}`};
    throw error;
  }
}

// What goes wrong with the body is told as what goes wrong before it, apart from what goes wrong with the file.
async function* chunksOf(plan: RequestPlan, source: BodySource): AsyncGenerator<Buffer> {
  try {
    yield* readChunks(source);
  } catch (error) {
    throw explained(error, plan, source.signal);
  }
}

/**
 * Writes chunks into a file, which is there as a whole or not at all.
 *
 * @returns how many bytes it has.
 * @throws Error when the chunks break off, or the file cannot be written.
 */
async function writeFile(chunks: AsyncIterable<Buffer>, path: string): Promise<number> {
  await mkdir(dirname(path), {recursive: true});
  const part = `${path}.${randomUUID()}.part`;
  const file = await open(part, 'wx');
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
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
