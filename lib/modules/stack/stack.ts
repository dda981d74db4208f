import type {FunctionDeclaration, ModuleDeclaration} from '../declaration.js';

function about(
  name: string,
  signature: string,
  results: string,
  summary: string,
  rest: Partial<FunctionDeclaration>,
): FunctionDeclaration {
  return {name, arguments: signature, results, summary, since: '1.0', ...rest};
}

const resource =
  'resource: {id: string, type: string, name: string, module: string, properties: table, dependencies: table, created_at: number, updated_at: number}';
const maybe = `${resource} | nil, message: string`;
const registered = 'stack.register_resource({type = "file", name = "motd", properties = {mode = "644"}})\n';

/** What a deployment remembers from run to run: its outputs, and the resources that it has made. */
export const stack: ModuleDeclaration = {
  name: 'stack',
  functions: [
    about(
      'get_name',
      '',
      'name: string',
      'Tells the name of the stack: that of `run --stack`, else of the file that runs.',
      {
        example: 'print(#stack.get_name() > 0) --> true',
      },
    ),
    about('get_id', '', 'id: string', 'Tells the id that the stack got with its first run, a UUID.', {
      example: 'print(#stack.get_id(), stack.get_id() == stack.get_id()) --> 36 true',
    }),
    about('get_status', '', "'running'", 'Tells how the stack stands, which is running as long as a program asks.', {
      example: 'print(stack.get_status()) --> running',
    }),
    about('set_output', 'name: string, value: any', 'true', 'Keeps a value for later runs; nil removes it.', {
      errors: 'raises for what cannot be kept: functions, handles',
      example:
        'print(stack.set_output("url", "https://example.org"), stack.get_output("url")) --> true https://example.org',
    }),
    about(
      'get_output',
      'name: string, default?: any',
      'value: any',
      'Tells the value, or the default where there is none.',
      {
        passesOn: true,
        example: 'print(stack.get_output("no such", 5)) --> 5',
      },
    ),
    about(
      'register_resource',
      'resource: {type: string, name: string, module?: string, properties?: table, dependencies?: table}',
      `status: 'created' | 'changed' | 'unchanged', ${resource}`,
      'Notes a resource, and tells whether it is new, or differs from what was noted last.',
      {
        errors: 'raises for a resource without type or name, and for what cannot be kept',
        example: `${registered}print((stack.register_resource({type = "file", name = "motd", properties = {mode = "600"}}))) --> changed`,
      },
    ),
    about('get_resource', 'type: string, name: string', maybe, 'Tells what was noted of a resource.', {
      example: `${registered}print(stack.get_resource("file", "motd").properties.mode) --> 644`,
    }),
    about(
      'update_resource',
      'type: string, name: string, properties: table',
      maybe,
      'Sets properties of a resource; others stay as they are.',
      {
        errors: 'raises for what cannot be kept',
        example: `${registered}print(stack.update_resource("file", "motd", {owner = "root"}).properties.mode) --> 644`,
      },
    ),
    about('delete_resource', 'type: string, name: string', 'boolean', 'Forgets a resource; false when there is none.', {
      example: `${registered}print(stack.delete_resource("file", "motd"), stack.delete_resource("file", "motd")) --> true false`,
    }),
    about('resource_exists', 'type: string, name: string', 'boolean', 'Tells whether a resource was noted.', {
      example: 'print(stack.resource_exists("file", "no such")) --> false',
    }),
  ],
  load: () => import('./functions.js'),
};
