import type {HostCall} from '../../host-function.js';
import {LuaFunction} from '../../lua-function.js';
import {results} from '../../results.js';
import type {Sendable} from '../../sendable.js';
import {asText, textOf} from '../../util/text-of.js';
import type {Implementations} from '../declaration.js';
import {UnreachableError} from '../http/client.js';
import {httpClientOf} from '../http/functions.js';
import {parseJson} from '../http/json-text.js';
import {planRequest} from '../http/request-plan.js';
import type {ModuleServices} from '../services.js';
import {toolsOf} from './tools-of.js';

/** Implementations of the module `tools`. `execute_tool` answers `true, results...` or `false, message`. */
export function create(services: ModuleServices): Implementations {
  const tools = toolsOf(services);
  services.onClose(() => tools.clear());
  return {
    register: (name, schema, fn) => {
      if (!(fn instanceof LuaFunction)) throw new TypeError('tools.register: a function expected');
      tools.registerLua(asText(name), schema, fn);
    },
    list: () => [...tools.list()],
    async execute_tool(this: HostCall, toolName, given) {
      const name = asText(toolName);
      const params = given ?? {};
      const tool = tools.find(name);
      if (!tool) return await callRemote(services, name, params, this.signal);
      const problems = tool.check(params);
      if (problems.length > 0) return results(false, `wrong params for tool '${name}': ${problems.join('; ')}`);
      try {
        return results(true, ...(await tool.run(params, this.signal)));
      } catch (error) {
        if (this.signal.aborted) throw error;
        return results(false, `tool '${name}' failed: ${textOf(error)}`);
      }
    },
  };
}

async function callRemote(services: ModuleServices, name: string, params: Sendable, signal: AbortSignal) {
  const base = services.env['SLOTH_TOOLS_URL'];
  if (!base) return results(false, `no such tool: ${name}`);
  const url = `${base.replace(/\/+$/, '')}/tools/${encodeURIComponent(name)}`;
  const plan = planRequest('tools.execute', 'POST', url, {json: params, timeout: '2m'});
  try {
    const {status, body, headers} = await httpClientOf(services).send(plan, signal);
    const text = body.toString();
    if (status === 404) return results(false, `no such tool: ${name}`);
    if (status < 200 || status > 299)
      return results(false, `tool '${name}' failed: status ${status}: ${text.slice(0, 500)}`);
    const isJson = /\bjson\b/.test([headers['content-type']].flat().join(' '));
    return results(true, isJson && text !== '' ? parseJson(text) : text);
  } catch (error) {
    if (error instanceof UnreachableError) return results(false, `tool '${name}' failed: ${error.message}`);
    throw error;
  }
}
