import {readFile} from 'node:fs/promises';
import {fileProblem} from '../util/file-problem.js';
import {exitCode} from './exit-code.js';
import {findNotes} from './migration/find-notes.js';
import {paletteFor} from './palette.js';

/** Tells what of an older script is different here, or gone; returns the exit code. Does not run it. */
export async function migrateCommand(path: string, {json}: {readonly json: boolean}): Promise<number> {
  let source: string;
  try {
    source = await readFile(path, 'utf8');
  } catch (error) {
    process.stderr.write(`error: ${fileProblem(error, path) ?? String(error)}\n`);
    return exitCode.usage;
  }
  const found = findNotes(source);
  if (json) {
    process.stdout.write(`${JSON.stringify({version: 1, file: path, notes: found}, undefined, 2)}\n`);
    return exitCode.ok;
  }
  const palette = paletteFor(process.stdout);
  for (const {line, name, kind, note} of found) {
    const text = kind === 'gone' ? `${palette.bad('gone')}; instead: ${note}` : note;
    process.stdout.write(`${path}:${line}: ${name}: ${text}\n`);
  }
  const gone = found.filter(({kind}) => kind === 'gone').length;
  process.stdout.write(
    found.length === 0
      ? `${path}: no name in it is listed as different or gone\n`
      : `${path}: ${found.length - gone} different, ${gone} gone\n`,
  );
  return exitCode.ok;
}
