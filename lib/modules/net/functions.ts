import type {HostCall} from '../../host-function.js';
import {results} from '../../results.js';
import {asText} from '../../util/text-of.js';
import type {Implementations} from '../declaration.js';
import {answerTable} from '../http/answer-table.js';
import {UnreachableError} from '../http/client.js';
import {download} from '../http/download.js';
import {httpClientOf} from '../http/functions.js';
import {type Options, planRequest, readOptions} from '../http/request-plan.js';
import type {ModuleServices} from '../services.js';

/** Implementations of the module `net`: the shapes older scripts know, on the client of `http`. */
export function create(services: ModuleServices): Implementations {
  const client = httpClientOf(services);
  const send = async (call: string, method: string, url: string, options: Options, signal: AbortSignal) => {
    try {
      const answer = await client.send(planRequest(call, method, url, options), signal);
      return results(answer.body, answer.status, answerTable(answer)['headers'], undefined);
    } catch (error) {
      if (error instanceof UnreachableError) return results(undefined, undefined, undefined, error.message);
      throw error;
    }
  };
  return {
    http_get(this: HostCall, url, table) {
      return send('net.http_get', 'GET', asText(url), readOptions('net.http_get', table), this.signal);
    },
    http_post(this: HostCall, url, body, table) {
      const options = readOptions('net.http_post', table);
      return send('net.http_post', 'POST', asText(url), body === undefined ? options : {...options, body}, this.signal);
    },
    async download(this: HostCall, url, path) {
      const plan = planRequest('net.download', 'GET', asText(url), {max_bytes: Number.MAX_SAFE_INTEGER});
      const target = await services.permissions.checkPath('write', asText(path));
      const done = await download(client, plan, target, this.signal);
      return done.saved ? results(undefined) : done.message;
    },
  };
}
