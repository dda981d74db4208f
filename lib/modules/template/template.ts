import type {ModuleDeclaration} from '../declaration.js';

/** Texts with places that are filled in. */
export const template: ModuleDeclaration = {
  name: 'template',
  functions: [
    {
      name: 'render',
      arguments: 'text: string, values: table',
      results: 'text: string',
      summary:
        'Fills in `{{ a.b }}`, `{{#each list}}...{{/each}}` with `this`, `@index` and the fields of each, and `{{#if a}}...{{else}}...{{/if}}`. Filters: `{{ a | html }}` and `{{ a | sh }}` make it safe there, `raw` is as without.',
      errors: 'raises for a name that has no value, an unknown filter, and blocks that do not end, with the line',
      since: '1.0',
      pure: true,
      example:
        'print(template.render("{{#each names}}<{{ this | html }}>{{/each}}", {names = {"a", "b&c"}})) --> <a><b&amp;c>',
    },
    {
      name: 'load',
      arguments: 'path: string',
      results: 'text: string',
      summary: 'Reads a template from a file, for `template.render`.',
      errors: 'raises when the file may not or cannot be read',
      since: '1.0',
      permission: 'allow-read',
      example:
        'local path = fs.tmpname() fs.write(path, "Hi {{ name }}") print(template.render(template.load(path), {name = "Ann"})) fs.rm(path) --> Hi Ann',
    },
  ],
  load: () => import('./functions.js'),
};
