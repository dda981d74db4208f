import type {FunctionDeclaration, ModuleDeclaration} from '../declaration.js';

function about(name: string, rest: Omit<FunctionDeclaration, 'name' | 'arguments' | 'since'>): FunctionDeclaration {
  return {name, arguments: '', since: '1.0', ...rest};
}

const done = 'true | false, message: string';

/** The folder that a program works in: of a running task its `workdir`, else the current one. */
export const workdir: ModuleDeclaration = {
  name: 'workdir',
  functions: [
    about('get', {
      results: 'path: string',
      summary: 'Tells the folder, as an absolute path: that of the running task, else the current one.',
      example: 'print(fs.basename(workdir.get()) ~= "") --> true',
    }),
    about('exists', {
      results: 'boolean',
      summary: 'Tells whether it is there.',
      errors: 'raises when it may not be read',
      permission: 'allow-read',
      example: 'print(workdir.exists()) --> true',
    }),
    about('create', {
      results: done,
      summary: 'Makes it, with the folders above, unless it is there.',
      errors: 'raises when it may not be written',
      permission: 'allow-write',
      example: 'print(workdir.create()) --> true',
    }),
    about('ensure', {
      results: done,
      summary: 'As create: what is there stays.',
      errors: 'raises when it may not be written',
      permission: 'allow-write',
      example: 'print(workdir.ensure()) --> true',
    }),
    about('cleanup', {
      results: done,
      summary:
        'Removes it with all that is in it, if this run has made it, for the task or by workdir.create. What was there before stays, and a message says so.',
      errors: 'raises when it may not be written',
      permission: 'allow-write',
      example: 'print((workdir.cleanup())) --> false',
    }),
    about('recreate', {
      results: done,
      summary:
        'As cleanup and then create: an empty folder. What was there before this run stays as it is, and a message says so.',
      errors: 'raises when it may not be written',
      permission: 'allow-write',
      example: 'print((workdir.recreate())) --> false',
    }),
  ],
  load: () => import('./functions.js'),
};
