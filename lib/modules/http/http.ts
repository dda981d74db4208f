import type {FunctionDeclaration, ModuleDeclaration} from '../declaration.js';
import lua from './http.lua';

const results =
  'response: {status: integer, status_code: integer, status_text: string, headers: table, body: string, url: string, success: boolean} | nil, message: string';
const errors = 'raises for a URL or an option that is wrong, and for a host that may not be talked to';
const answers =
  'An answer with any status is a response; nil and a message come when nobody answered. Options: headers, query, json, form, body, timeout (a duration, 30 s by default; or a context, or both in a table), retries, auth, stream, max_bytes, max_redirects';

function withoutBody(name: string, method: string): FunctionDeclaration {
  return {
    name,
    arguments: 'url: string, options?: table',
    results,
    summary: `Sends a ${method} request. ${answers}.`,
    units: 's',
    errors,
    since: '1.0',
    permission: 'allow-net',
    inLua: true,
    example: `local server = http.serve{handler = function(request) return request.method .. " " .. request.path end}
print(http.${name}(server.url .. "/fruit").status) --> 200
server:close()`,
  };
}

function withBody(name: string, method: string): FunctionDeclaration {
  return {
    name,
    arguments: 'url: string, options?: table || url: string, body?: string, options?: table',
    results,
    summary: `Sends a ${method} request with the body given, or with json, form or body among the options. ${answers}.`,
    units: 's',
    errors,
    since: '1.0',
    permission: 'allow-net',
    inLua: true,
    example: `local server = http.serve{handler = function(request) return {status = 201, body = request.body} end}
print(http.${name}(server.url, {json = {fruit = "pear"}}).json().fruit) --> pear
server:close()`,
  };
}

/** Requests and a small server. */
export const http: ModuleDeclaration = {
  name: 'http',
  lua,
  functions: [
    withoutBody('get', 'GET'),
    withoutBody('head', 'HEAD'),
    withoutBody('delete', 'DELETE'),
    withoutBody('options', 'OPTIONS'),
    withBody('post', 'POST'),
    withBody('put', 'PUT'),
    withBody('patch', 'PATCH'),
    {
      name: 'request',
      arguments: 'request: {url: string, method?: string}',
      results,
      summary: `Sends a request; the table holds url, method and the options. ${answers}.`,
      units: 's',
      errors,
      since: '1.0',
      permission: 'allow-net',
      inLua: true,
      example: `local server = http.serve{handler = function(request) return request.method end}
print(http.request{method = "PUT", url = server.url, body = "pears"}.body) --> PUT
server:close()`,
    },
    {
      name: 'download',
      arguments: 'url: string, path: string, options?: table',
      results: 'response: {status: integer, path: string, bytes: integer} | nil, message: string, refused?: table',
      summary:
        'Writes what a URL has into a file, which is there as a whole or not at all. A status other than 200 to 299 is a failure, with the response after the message. It has no limit of bytes unless max_bytes is given.',
      units: 's',
      errors: `${errors}, or a path that may not be written`,
      since: '1.0',
      permission: 'allow-net',
      inLua: true,
      example: `local server = http.serve{handler = function() return "pears" end}
local path = os.tmpname()
print(http.download(server.url, path).bytes) --> 5
server:close()
os.remove(path)`,
    },
    {
      name: 'serve',
      arguments:
        'options: {handler: function, host?: string, port?: integer, max_bytes?: integer, max_waiting?: integer}',
      results: 'server: server',
      summary:
        'Starts a server, on a free port of 127.0.0.1 unless host and port say otherwise. Each request {method, path, query, headers, body, remote, target} is given to the handler on a goroutine of its own; it returns text, {status =, headers =, body = or json =}, or nothing (204). An error is answered with 500 and reported. The run lasts until the server is closed.',
      errors: 'raises when the port is taken or may not be used, and for wrong options',
      since: '1.0',
      permission: 'allow-net',
      inLua: true,
      callsArguments: true,
      example: `local server = http.serve{handler = function(request) return {json = {path = request.path}} end}
print(http.get(server.url .. "/fruit").json().path) --> /fruit
server:close()`,
    },
  ],
  methods: [
    {
      of: 'server',
      name: 'close',
      arguments: '',
      results: '',
      summary: 'Takes no more requests and breaks off those that are not answered. Its fields are url, host and port.',
      since: '1.0',
    },
    {
      of: 'server',
      name: 'wait',
      arguments: '',
      results: '',
      summary: 'Waits until the server is closed.',
      since: '1.0',
    },
  ],
  internals: ['exchange', 'open', 'body', 'save', 'parse', 'listen', 'requests', 'reply', 'shut'],
  load: () => import('./functions.js'),
};
