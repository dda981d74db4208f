import type {ModuleDeclaration} from '../declaration.js';

/** Environment variables. */
export const env: ModuleDeclaration = {
  name: 'env',
  functions: [
    {
      name: 'get',
      arguments: 'name: string, default?: any',
      results: 'value: any',
      summary: 'Tells the value of an environment variable, or the default where there is none.',
      errors: 'raises when the variable may not be read',
      since: '1.0',
      permission: 'allow-env',
      passesOn: true,
      example: 'print(env.get("NO_SUCH_VARIABLE", "nothing")) --> nothing',
    },
    {
      name: 'has',
      arguments: 'name: string',
      results: 'boolean',
      summary: 'Tells whether there is an environment variable of that name.',
      errors: 'raises when the variable may not be read',
      since: '1.0',
      permission: 'allow-env',
      example: 'print(env.has("NO_SUCH_VARIABLE")) --> false',
    },
    {
      name: 'all',
      arguments: '',
      results: 'variables: table',
      summary: 'Gives all environment variables that may be read, by name.',
      since: '1.0',
      permission: 'allow-env',
      example: 'print(type(env.all())) --> table',
    },
  ],
  load: () => import('./functions.js'),
};
