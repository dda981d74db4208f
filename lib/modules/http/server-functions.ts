import type {Sendable} from '../../sendable.js';
import {textOf} from '../../util/text-of.js';
import type {Implementations} from '../declaration.js';
import type {ModuleServices} from '../services.js';
import {type Bandwidth, bandwidthOf} from './bandwidth.js';
import {toJsonText} from './json-text.js';
import {kindOf, type Options} from './request-plan.js';
import {type Reply, RequestServer, type ServerOptions} from './server.js';

/** The internal functions behind `http.serve`. */
export function serverFunctions(services: ModuleServices): Implementations {
  const servers = new Map<number, RequestServer>();
  let last = 0;
  services.onClose(() => {
    for (const server of servers.values()) server.close();
  });
  return {
    listen: async (table) => {
      const options = readServerOptions(table as Options, bandwidthOf(services));
      services.permissions.checkNet(options.host, options.port);
      const server = new RequestServer(options);
      let port: number;
      try {
        port = await server.listen();
      } catch (error) {
        throw new Error(`http.serve: cannot listen on ${options.host}:${options.port}: ${textOf(error)}`);
      }
      last += 1;
      servers.set(last, server);
      return {id: last, port, host: options.host};
    },
    requests: (id) => {
      const server = servers.get(Number(id));
      if (!server) throw new Error('http.serve: this server was closed');
      return server.requests();
    },
    reply: (id, request, answer) => servers.get(Number(id))?.reply(Number(request), readReply(answer)),
    shut: (id) => {
      servers.get(Number(id))?.close();
      servers.delete(Number(id));
    },
  };
}

function readServerOptions(table: Options, bandwidth: Bandwidth): ServerOptions {
  const {host = '127.0.0.1', port = 0, max_bytes: maxBytes = 10 * 2 ** 20, max_waiting: maxWaiting = 10_000} = table;
  const known = ['host', 'port', 'max_bytes', 'max_waiting'];
  const odd = Object.keys(table).find((name) => !known.includes(name));
  if (odd !== undefined)
    throw new TypeError(`http.serve: there is no option '${odd}'; there are handler, ${known.join(', ')}`);
  if (typeof host !== 'string' || host === '')
    throw new TypeError(`http.serve: host must be a name or address, got ${kindOf(host)}`);
  const whole = (name: string, value: Sendable, most: number): number => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most) return value;
    throw new TypeError(`http.serve: ${name} must be a whole number from 0 to ${most}, got ${kindOf(value)}`);
  };
  return {
    host,
    port: whole('port', port, 65_535),
    maxBytes: whole('max_bytes', maxBytes, 2 ** 30),
    maxWaiting: whole('max_waiting', maxWaiting, 1_000_000),
    bandwidth,
  };
}

// nil: nothing to say; text: that; a table: {status =, headers =, body =} or {status =, headers =, json =}.
function readReply(answer: Sendable): Reply {
  if (answer === undefined) return {status: 204, headers: {}, body: ''};
  if (typeof answer === 'string' || answer instanceof Uint8Array) {
    return {status: 200, headers: {'content-type': 'text/plain; charset=utf-8'}, body: answer};
  }
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) throw wrongReply(kindOf(answer));
  const {status = 200, headers = {}, body = '', json, ...others} = answer as Options;
  const odd = Object.keys(others)[0];
  if (odd !== undefined) throw wrongReply(`a table with the field '${odd}'`);
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 200 || status > 599) {
    throw new TypeError(`http.serve: status must be a whole number from 200 to 599, got ${kindOf(status)}`);
  }
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) {
    throw new TypeError(`http.serve: headers must be a table of texts by name, got ${kindOf(headers)}`);
  }
  const given = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.map(String) : String(value),
    ]),
  );
  if (json !== undefined)
    return {status, headers: {'content-type': 'application/json', ...given}, body: toJsonText(json, 'json')};
  if (typeof body !== 'string' && !(body instanceof Uint8Array))
    throw new TypeError(`http.serve: body must be a string, got ${kindOf(body)}`);
  return {status, headers: given, body};
}

function wrongReply(got: string): TypeError {
  return new TypeError(
    `http.serve: a handler returns nothing, text, or {status =, headers =, body = or json =}, got ${got}`,
  );
}
