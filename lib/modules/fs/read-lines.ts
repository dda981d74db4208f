import type {FileHandle} from 'node:fs/promises';

const pieceBytes = 1 << 16;

/** The lines of an open file as bytes, without their ends; closes it at the end. */
export async function* readLines(file: FileHandle): AsyncGenerator<Uint8Array> {
  try {
    let rest = Buffer.alloc(0);
    for (;;) {
      const {bytesRead, buffer} = await file.read(Buffer.allocUnsafe(pieceBytes), 0, pieceBytes);
      if (bytesRead === 0) break;
      rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      let start = 0;
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, start)) {
        yield rest.subarray(start, end);
        start = end + 1;
      }
      rest = rest.subarray(start);
    }
    if (rest.length > 0) yield rest;
  } finally {
    await file.close();
  }
}
