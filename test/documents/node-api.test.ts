import {spawn} from 'node:child_process';
import {readFile} from 'node:fs/promises';
import ts from 'typescript';
import {describe, expect, test} from 'vitest';

const pages = ['node-api', 'sync-engine'];
const texts = pages.map((page) => readFile(new URL(`../../docs/${page}.md`, import.meta.url), 'utf8'));
const guide = (await Promise.all(texts)).join('\n');
const library = new URL('../../dist/index.js', import.meta.url).href;
const testing = new URL('../../dist/testing.js', import.meta.url).href;
const blocks = [...guide.matchAll(/^## (?<title>.*)$|^```ts\n(?<code>[\s\S]*?)^```$/gm)];

interface Example {
  readonly title: string;
  readonly code: string;
}

// Each example under the title of its section.
const examples: Example[] = [];
let title = 'The guide';
for (const {groups} of blocks) {
  if (groups?.['title']) title = groups['title'];
  else if (groups?.['code']) examples.push({title, code: groups['code']});
}

/** What the comments behind `console.log` calls say it prints, one line each; a comma separates the rounds of a loop. */
function promised(code: string): string[] {
  return [...code.matchAll(/console\.log\(.*\/\/ (.*)$/gm)].flatMap(([, text = '']) =>
    /^(?:[A-Z_]+|\d+)(?:, (?:[A-Z_]+|\d+))+$/.test(text) ? text.split(', ') : [text],
  );
}

function run(code: string): Promise<{readonly status: number | null; readonly output: string}> {
  const {outputText} = ts.transpileModule(
    code.replace("'sloth-runner'", JSON.stringify(library)).replace("'sloth-runner/testing'", JSON.stringify(testing)),
    {
      compilerOptions: {module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: true},
    },
  );
  const child = spawn(process.execPath, ['--input-type=module', '-e', outputText], {timeout: 60_000});
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve({status, output}));
  });
}

describe('the examples of the guide print what they say', () => {
  test.each(examples.map((example) => [example.title, example] as const))('%s', async (_, {code}) => {
    expect(promised(code).length).toBeGreaterThan(0);
    expect(await run(code)).toEqual({status: 0, output: `${promised(code).join('\n')}\n`});
  });

  test('are all there', () => {
    expect(examples.length).toBe(guide.split('```ts\n').length - 1);
  });
});
