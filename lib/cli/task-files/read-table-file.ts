import {readFile} from 'node:fs/promises';
import {SlothError} from '../../errors.js';
import type {Sendable} from '../../sendable.js';
import {textOf} from '../../util/text-of.js';
import {isTable, type Values} from './read-assignments.js';

/**
 * Reads a file, YAML or JSON, that has names and values at its top.
 *
 * @param flag named in what is raised.
 * @throws SlothError `E_FILE` for a file that cannot be read, `E_VALUE` for one that is no table.
 */
export async function readTableFile(flag: string, path: string): Promise<Values> {
  const {parseDocument} = await import('yaml');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new SlothError('E_FILE', `${flag} ${path} cannot be read: ${textOf(error)}`, {cause: error});
  }
  const document = parseDocument(text, {prettyErrors: true});
  const [problem] = document.errors;
  if (problem) throw new SlothError('E_VALUE', `${flag} ${path}: ${problem.message}`);
  let value: Sendable;
  try {
    value = (document.toJS() ?? {}) as Sendable;
  } catch (error) {
    // Aliases that would grow without end.
    throw new SlothError('E_VALUE', `${flag} ${path}: ${textOf(error)}`, {cause: error});
  }
  if (!isTable(value)) throw new SlothError('E_VALUE', `${flag} ${path}: a table of values was expected at the top`);
  return value;
}
