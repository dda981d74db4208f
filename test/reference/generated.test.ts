import {readdirSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {describe, expect, it} from 'vitest';
import {renderMigration} from '../../lib/cli/migration/render-migration.js';
import {allFunctions} from '../../lib/cli/reference/all-functions.js';
import {catalogue, isOurFunction, spellingOf} from '../../lib/cli/reference/catalogue.js';
import {renderIndex, renderMarkdown} from '../../lib/cli/reference/render-markdown.js';
import {renderStubs, stubPages} from '../../lib/cli/reference/render-stubs.js';
import {renderTaskStubs} from '../../lib/cli/reference/render-task-stubs.js';
import {definitionsSchema} from '../../lib/task/schema/json-schema.js';
import {taskAliases, taskKeys} from '../../lib/task/schema/task-keys.js';
import {workflowKeys} from '../../lib/task/schema/workflow-keys.js';
import {valuesOf} from '../lua/script.js';

// `npm run reference` writes these files; here they must be as it would write them.
const pages = catalogue(allFunctions());
const folderOf = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));

describe('docs/reference', () => {
  const folder = folderOf('docs/reference');

  it.each(pages)('is fresh: $name', async (page) => {
    await expect(renderMarkdown(page)).toMatchFileSnapshot(`${folder}/${page.name}.md`);
  });

  it('is fresh: the list of pages', async () => {
    await expect(renderIndex(pages)).toMatchFileSnapshot(`${folder}/README.md`);
  });

  it('has no page of a module that is no more', () => {
    const names = [...pages.map(({name}) => `${name}.md`), 'README.md'];
    expect(readdirSync(folder).sort()).toEqual(names.sort());
  });

  it('mentions every function', () => {
    const text = pages.map(renderMarkdown).join('\n');
    const missing = allFunctions().filter((entry) => {
      return isOurFunction(entry)
        ? !text.includes(`\n## ${spellingOf(entry)}\n`)
        : !text.includes(`| [\`${spellingOf(entry)}\`](`);
    });
    expect(missing).toEqual([]);
  });
});

it('docs/migration.md is fresh', async () => {
  await expect(renderMigration()).toMatchFileSnapshot(folderOf('docs/migration.md'));
});

describe('types/lua', () => {
  const folder = folderOf('types/lua');
  const stubs = stubPages(pages);

  it.each(stubs)('is fresh: $name', async (page) => {
    await expect(renderStubs(page)).toMatchFileSnapshot(`${folder}/${page.name}.lua`);
  });

  it('has no file of a module that is no more', () => {
    expect(readdirSync(folder).sort()).toEqual([...stubs.map(({name}) => `${name}.lua`), 'tasks.lua'].sort());
  });

  it.each(stubs)('is Lua: $name', async (page) => {
    const check = 'local chunk, message = load(..., "=stub") return chunk ~= nil, message or ""';
    expect(await valuesOf(check, {args: [renderStubs(page)]})).toEqual([true, '']);
  });

  it('declares every function of the runtime, and none twice', () => {
    const declared = [
      ...stubs
        .map(renderStubs)
        .join('\n')
        .matchAll(/^function (?:\w+_methods:)?([\w.]+)\(/gm),
    ];
    const wanted = allFunctions()
      .filter(isOurFunction)
      .map((entry) => (spellingOf(entry).includes(':') ? entry.name : spellingOf(entry)));
    expect(declared.map(([, name]) => name).sort()).toEqual(wanted.sort());
  });

  it('writes results of several lists as one type for each place', () => {
    const receive = stubs.map(renderStubs).join('\n').split('\n\n');
    const stub = receive.find((part) => part.includes('channel_methods:try_receive'));
    expect(stub).toContain('---@return any value\n---@return boolean\n---@return "empty"|"closed"|nil\n');
  });
});

describe('the declarations of task files', () => {
  it('are fresh', async () => {
    await expect(renderTaskStubs()).toMatchFileSnapshot(`${folderOf('types/lua')}/tasks.lua`);
    const schema = `${JSON.stringify(definitionsSchema(), undefined, 2)}\n`;
    await expect(schema).toMatchFileSnapshot(folderOf('types/task-file.schema.json'));
  });

  it('are Lua', async () => {
    const check = 'local chunk, message = load(..., "=stub") return chunk ~= nil, message or ""';
    expect(await valuesOf(check, {args: [renderTaskStubs()]})).toEqual([true, '']);
  });

  it('have a method and a field for every key', () => {
    const stubs = renderTaskStubs();
    const missing = [...Object.keys(taskKeys), ...Object.keys(taskAliases)]
      .filter((key) => !stubs.includes(`function sloth_Task:${key}(`) || !stubs.includes(`---@field ${key}? `))
      .concat(Object.keys(workflowKeys).filter((key) => !stubs.includes(`function sloth_Workflow:${key}(`)));
    expect(missing).toEqual([]);
  });

  it('name the types of what is no JSON', () => {
    const {$defs} = definitionsSchema() as {
      $defs: Record<string, {properties: Record<string, Record<string, unknown>>}>;
    };
    expect($defs['task']?.properties['compensate']).toMatchObject({lua: 'fun(ctx: sloth.Ctx)'});
    expect($defs['task']?.properties['retries']).toMatchObject({anyOf: expect.any(Array)});
    expect($defs['runner_config']?.properties['max_concurrency']).toMatchObject({type: 'integer', minimum: 1});
    expect($defs['task']?.properties['run']).toEqual({$ref: '#/$defs/task/properties/command'});
  });
});
