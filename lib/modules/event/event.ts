import type {ModuleDeclaration} from '../declaration.js';
import lua from './event.lua';

const since = '1.0';

/** Events. */
export const event: ModuleDeclaration = {
  name: 'event',
  functions: [
    {
      name: 'dispatch',
      arguments: 'type: string, data?: table',
      results: 'true',
      summary:
        'Tells everybody who listens for events of that type. A run that dispatched something ends when its handlers are done, but waits no longer than 5 s.',
      errors: 'raises where `runner_config.enable_events` is false',
      since,
      inLua: true,
      example: `local heard = channel.make(1)
event.on("deploy.*", function(e) heard:send(e.type .. " " .. e.data.version) end)
event.dispatch("deploy.done", {version = "1.2"})
print((heard:receive())) --> deploy.done 1.2`,
    },
    {
      name: 'dispatch_custom',
      arguments: 'name: string, message: string',
      results: 'true',
      summary: 'Dispatches an event of the type `custom` with a name and a message.',
      errors: 'raises where `runner_config.enable_events` is false',
      since,
      inLua: true,
      example: 'print(event.dispatch_custom("release", "1.2 is out")) --> true',
    },
    {
      name: 'dispatch_file',
      arguments: "action: 'created' | 'modified' | 'deleted', path: string, watcher?: string",
      results: 'true',
      summary: 'Dispatches an event of the type `file.created`, `file.modified` or `file.deleted`.',
      errors: 'raises for another action, and where `runner_config.enable_events` is false',
      since,
      inLua: true,
      example: 'print(event.dispatch_file("created", "/tmp/a")) --> true',
    },
    {
      name: 'on',
      arguments: 'pattern: string, f: function, options?: {buffer?: integer}',
      results: 'subscription: subscription',
      summary:
        'Calls `f{type =, time =, data =}` for each event whose type matches, `*` being anything: in a goroutine of its own, one after the other. It listens until the task or script that called this ends; where a task file calls it while it is read, until the run ends. When more wait than the buffer holds (1000), the oldest are dropped and counted.',
      errors: 'raises where `runner_config.enable_events` is false',
      since,
      inLua: true,
      callsArguments: true,
      example: `local done = goroutine.wait_group()
done:add(1)
local subscription = event.on("*", function(e) print(e.type) done:done() end)
event.dispatch("hello") --> hello
done:wait()
print(subscription:cancel(), subscription:dropped()) --> true 0`,
    },
  ],
  methods: [
    {
      of: 'subscription',
      name: 'cancel',
      arguments: '',
      results: 'true',
      summary: 'Ends it: no more events are handled.',
      since,
    },
    {
      of: 'subscription',
      name: 'dropped',
      arguments: '',
      results: 'count: integer',
      summary: 'Tells how many events were dropped because too many waited.',
      since,
    },
  ],
  lua,
  internals: ['dispatch_event', 'subscribe', 'next', 'dropped', 'cancel', 'when_idle', 'attend'],
  load: () => import('./functions.js'),
};
