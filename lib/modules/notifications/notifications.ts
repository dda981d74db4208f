import type {ModuleDeclaration} from '../declaration.js';
import lua from './notifications.lua';

/** Messages to people. */
export const notifications: ModuleDeclaration = {
  name: 'notifications',
  lua,
  functions: [
    {
      name: 'send',
      arguments: 'message: {message: string, type?: string, title?: string, fields?: table}',
      results: 'true | nil, message: string',
      summary:
        'Sends a message to the channels that runner_config.notifications has for its type (info by default), else for default. A channel is {slack = webhook_url or {webhook_url =, channel =}}, {ntfy = topic or {topic =, server =, priority =, token =}}, {webhook = url or {url =, headers =}}, {email = {to =, from =, server = "smtp://..."}} or {command = line or list}. Where there is none, that is warned of once.',
      errors: 'raises for a wrong message; wrong channels and failures come back as nil and a message',
      since: '1.0',
      permission: 'allow-net',
      inLua: true,
    },
    {
      name: 'slack',
      arguments: 'message: {webhook_url: string, message: string, pipeline?: string, error_details?: string}',
      results: 'true | nil, message: string',
      summary: 'Sends a message to a webhook of Slack.',
      errors: 'raises for a wrong message',
      since: '1.0',
      permission: 'allow-net',
      example: `local server = http.serve{handler = function(request) print(request.body) return "ok" end}
notifications.slack{webhook_url = server.url, message = "deployed"} --> {"text":"deployed"}
server:close()`,
    },
    {
      name: 'ntfy',
      arguments:
        'message: {topic: string, message: string, server?: string, title?: string, priority?: string | integer}',
      results: 'true | nil, message: string',
      summary: 'Publishes a message on a topic of ntfy.',
      errors: 'raises for a wrong message',
      since: '1.0',
      permission: 'allow-net',
      example: `local server = http.serve{handler = function() return "ok" end}
print(notifications.ntfy{server = server.url, topic = "deploys", message = "deployed"}) --> true
server:close()`,
    },
  ],
  internals: ['dispatch'],
  load: () => import('./functions.js'),
};
