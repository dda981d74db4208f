import {execFile} from 'node:child_process';
import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import * as door from '../../lib/index.js';
import * as testing from '../../lib/testing.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const typedoc = join(root, 'node_modules', 'typedoc', 'bin', 'typedoc');

let folder: string;
let said: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'api-reference-'));
  said = await new Promise<string>((resolve) => {
    const words = [typedoc, '--out', folder, '--logLevel', 'Warn'];
    execFile(process.execPath, words, {cwd: root, env: {...process.env, NO_COLOR: '1'}}, (_, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });
}, 300_000);
afterAll(() => rmSync(folder, {recursive: true, force: true}));

/** All pages of an entry, as one text. */
function pagesOf(entry: string): string {
  const entries = readdirSync(join(folder, entry), {recursive: true, withFileTypes: true});
  const pages = entries.filter((file) => file.name.endsWith('.md'));
  return pages.map((file) => readFileSync(join(file.parentPath, file.name), 'utf8')).join('\n');
}

describe('the API reference that is made from the source', () => {
  // typedoc.json says what must be documented, and makes broken links and missing types failures.
  test('is complete: everything exported is documented, and so is what it refers to', () => {
    expect(said).toBe('');
  });

  test.each([
    ['index', door],
    ['testing', testing],
  ])('has a page for each value of %s', (entry, exported) => {
    const pages = pagesOf(entry);
    for (const name of Object.keys(exported))
      expect(pages).toMatch(new RegExp(`^# (?:Class|Function|Variable): ${name}\\b`, 'm'));
  });

  test('tells of parameters, errors and examples', () => {
    const pages = pagesOf('index');
    expect(pages).toContain('How long [Runtime.close]');
    expect(pages).toMatch(/## Throws\s+SlothError|#### Throws/);
    expect(pages).toContain('```ts');
  });
});
