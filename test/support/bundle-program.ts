import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {build} from 'rolldown';

/** A program in TypeScript as one file that Node runs. */
export interface BundledProgram extends AsyncDisposable {
  readonly path: string;
}

/** Bundles a program of these tests with what it imports from `lib/`; packages stay where they are. */
export async function bundleProgram(entry: URL): Promise<BundledProgram> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  // Inside the repository, so that packages are found from there.
  const folder = mkdtempSync(join(root, 'build', 'test-program-'));
  const path = join(folder, 'program.mjs');
  await build({
    input: fileURLToPath(entry),
    platform: 'node',
    external: /^[^./]/,
    moduleTypes: {'.lua': 'text'},
    logLevel: 'silent',
    output: {file: path, format: 'esm', codeSplitting: false},
  });
  return {path, [Symbol.asyncDispose]: async () => rmSync(folder, {recursive: true, force: true})};
}

/** An empty folder under the system's one for temporary files. */
export function temporaryFolder(): string & {} {
  return mkdtempSync(join(tmpdir(), 'sloth-test-'));
}
