import type {ModuleDeclaration} from '../declaration.js';

/** What a run is configured with. */
export const utils: ModuleDeclaration = {
  name: 'utils',
  functions: [
    {
      name: 'env',
      arguments: 'name: string, default?: any',
      results: 'value: any',
      summary: 'Tells the value of an environment variable, or the default where there is none.',
      errors: 'raises when the variable may not be read',
      since: '1.0',
      permission: 'allow-env',
      passesOn: true,
      example: 'print(utils.env("NO_SUCH_VARIABLE", "nothing")) --> nothing',
    },
    {
      name: 'secret',
      arguments: 'name: string',
      results: 'secret: string',
      summary:
        'Tells a secret: an environment variable, else what a file given with --secrets has under that name (a.b for what is nested). sloth-runner shows *** instead of it from then on, whatever prints it; one shorter than four characters is not hidden.',
      errors: 'raises when there is none of that name',
      since: '1.0',
      permission: 'allow-env',
      example: 'print((pcall(utils.secret, "NO_SUCH_SECRET"))) --> false',
    },
    {
      name: 'config',
      arguments: 'path: string, default?: any',
      results: 'value: any',
      summary: 'Tells what `runner_config` has at a path such as `resource_limits.max_memory`, or the default.',
      since: '1.0',
      passesOn: true,
      example: 'print(utils.config("no.such.key", 5)) --> 5',
    },
  ],
  load: () => import('./functions.js'),
};
