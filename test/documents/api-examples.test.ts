import {readdirSync, readFileSync} from 'node:fs';
import {inspect} from 'node:util';
import ts from 'typescript';
import {describe, expect, test} from 'vitest';
import * as door from '../../lib/index.js';
import * as modules from '../../lib/modules/index.js';
import * as testing from '../../lib/testing.js';

const lib = new URL('../../lib/', import.meta.url);

interface Example {
  readonly of: string;
  readonly code: string;
}

// What stands behind @example in the comments of the public door's files.
const examples: Example[] = readdirSync(lib)
  .filter((name) => name.endsWith('.ts'))
  .flatMap((name) => {
    const blocks = readFileSync(new URL(name, lib), 'utf8').matchAll(/\* @example\n\s*\* ```ts\n([\s\S]*?)\s*\* ```/g);
    return [...blocks].map(([, text = ''], i) => ({of: `${name} ${i + 1}`, code: text.replaceAll(/^\s*\* ?/gm, '')}));
  });

/** What comments behind `console` calls, or at the end of a line that prints, say. */
function promised(code: string): string[] {
  return [...code.matchAll(/^.*(?:console\.\w+|print)\(.*\/\/ (.*)$/gm)].map(([, text = '']) => plain(text));
}

const plain = (text: string) => text.replaceAll(/\s+/g, ' ').replaceAll(/\[ | \]/g, (bracket) => bracket.trim());

/** Runs an example with the library's exports in scope, and a runtime if it makes none; answers with what was printed. */
async function run(code: string): Promise<string[]> {
  const lines: string[] = [];
  const note = (...values: unknown[]) => {
    const text = values.map((value) => (typeof value === 'string' ? value : inspect(value))).join(' ');
    lines.push(...text.trimEnd().split('\n').map(plain));
  };
  const runtime = new door.Runtime({workers: 1, stdout: note, stderr: note});
  const scope: Record<string, unknown> = {...door, ...modules, ...testing, runtime, console: {log: note, error: note}};
  scope['fetch'] = async () => ({text: async () => '<title>Example</title>'});
  if (/const runtime\b/.test(code)) delete scope['runtime'];
  const {outputText} = ts.transpileModule(`async function example() {\n${code}\n}`, {
    compilerOptions: {target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext},
  });
  const start = new Function(...Object.keys(scope), `${outputText}\nreturn example();`);
  try {
    await start(...Object.values(scope));
  } finally {
    await runtime.close();
  }
  return lines;
}

describe('the examples of the API reference run, and print what they say', () => {
  test('are found', () => {
    expect(examples.length).toBeGreaterThanOrEqual(16);
  });

  test.each(examples.map((example) => [example.of, example] as const))('%s', async (_, {code}) => {
    const lines = await run(code);
    const wanted = promised(code);
    expect(wanted.length === 0 ? [] : lines).toEqual(wanted);
  });
});
