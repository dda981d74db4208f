import {SlothError} from '../../errors.js';

/**
 * The files that globs match, as sorted paths relative to `folder`. `*` stays within a folder, `**` crosses them, a
 * leading `!` takes out, names that begin with a dot are matched too, links are followed. What lies in `.sloth` or `.git` never is.
 *
 * @throws SlothError `E_VALUE` for a glob that is empty.
 */
export async function findFiles(folder: string, globs: readonly string[]): Promise<readonly string[]> {
  if (globs.some((pattern) => pattern === '')) throw new SlothError('E_VALUE', 'a glob is empty');
  const {glob} = await import('tinyglobby');
  const found = await glob([...globs], {
    cwd: folder,
    dot: true,
    onlyFiles: true,
    followSymbolicLinks: true,
    expandDirectories: true,
    ignore: ['**/.sloth/**', '**/.git/**'],
  });
  return [...new Set(found)].sort();
}
