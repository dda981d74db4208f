import type {ModuleDeclaration} from '../declaration.js';
import lua from './tools.lua';

const schema = '{type = "object", properties = {city = {type = "string"}}, required = {"city"}}';
const registered = `tools.register("weather", ${schema}, function(params)
    return "sunny in " .. params.city
end)
`;

/** Functions that are found by name, with their parameters checked. */
export const tools: ModuleDeclaration = {
  name: 'tools',
  lua,
  functions: [
    {
      name: 'register',
      arguments: 'name: string, schema: table, f: function',
      results: '',
      summary:
        'Makes a function a tool of the whole runtime. The schema is a JSON Schema of its one parameter, a table. The same name again replaces the tool. Each execution is a goroutine of its own on the island of the function.',
      errors: 'raises for a name that is none, and for a schema that is none or uses what cannot be checked',
      since: '1.0',
      example: `${registered}print(tools.execute("weather", {city = "Porto"})) --> sunny in Porto`,
    },
    {
      name: 'list',
      arguments: '',
      results: 'tools: {name: string, schema: table, kind: string}[]',
      summary:
        'Gives the tools there are, in order of their names; kind is "lua" or "host". Tools behind SLOTH_TOOLS_URL are not listed.',
      since: '1.0',
      example: `${registered}print(tools.list()[1].name) --> weather`,
    },
    {
      name: 'execute',
      arguments: 'name: string, params?: table',
      results: '...: any',
      summary:
        'Runs a tool: one that was registered, one of the host, or the endpoint SLOTH_TOOLS_URL, which gets POST /tools/NAME with the params as JSON.',
      errors: 'raises when there is no such tool, the params do not fit its schema, or it fails',
      since: '1.0',
      inLua: true,
      example: `${registered}print(pcall(tools.execute, "weather", {town = "Porto"}))`,
    },
  ],
  internals: ['execute_tool'],
  async defineTool(services, name, schema, run) {
    const {toolsOf} = await import('./tools-of.js');
    toolsOf(services).registerHost(name, schema, run);
  },
  load: () => import('./functions.js'),
};
