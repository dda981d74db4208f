import type {ModuleDeclaration} from '../declaration.js';

const errors = 'raises for a URL or an option that is wrong, and for a host that may not be talked to';

/** Requests in the shapes that older scripts know; `http` has all of them. */
export const net: ModuleDeclaration = {
  name: 'net',
  functions: [
    {
      name: 'http_get',
      arguments: 'url: string, options?: table',
      results: 'body: string, status: integer, headers: table | nil, nil, nil, message: string',
      summary: 'Sends a GET request, with the options of http.get or with headers.',
      errors,
      since: '1.0',
      permission: 'allow-net',
      example: `local server = http.serve{handler = function() return "pears" end}
local body, status, headers = net.http_get(server.url)
print(body, status, headers["content-type"]) --> pears 200 text/plain; charset=utf-8
server:close()`,
    },
    {
      name: 'http_post',
      arguments: 'url: string, body?: string, options?: table',
      results: 'body: string, status: integer, headers: table | nil, nil, nil, message: string',
      summary: 'Sends a POST request, with the options of http.post or with headers.',
      errors,
      since: '1.0',
      permission: 'allow-net',
      example: `local server = http.serve{handler = function(request) return request.body end}
local body, status = net.http_post(server.url, "pears")
print(body, status) --> pears 200
server:close()`,
    },
    {
      name: 'download',
      arguments: 'url: string, path: string',
      results: 'message: string | nil',
      summary: 'Writes what a URL has into a file, as http.download does; nil when that went well.',
      errors: `${errors}, or a path that may not be written`,
      since: '1.0',
      permission: 'allow-net',
      example: `local server = http.serve{handler = function() return "pears" end}
local path = os.tmpname()
print(net.download(server.url, path)) --> nil
server:close()
os.remove(path)`,
    },
  ],
  load: () => import('./functions.js'),
};
