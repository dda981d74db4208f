/** Programs that share memory mean what their authors wrote, wherever their goroutines run. */
import {expect, test} from 'vitest';
import {runLua} from './run-lua.js';

const programs: [name: string, source: string, output: string[]][] = [
  [
    'ten goroutines count to 1000 under a mutex, a thousand times in a row',
    `for round = 1, 1000 do
       local count, mu, wg = 0, goroutine.mutex(), goroutine.wait_group()
       for _ = 1, 10 do
         wg:go(function() for _ = 1, 100 do mu:lock() count = count + 1 mu:unlock() end end)
       end
       wg:wait()
       assert(count == 1000, count)
     end
     print('exact')`,
    ['exact'],
  ],
  [
    'a hundred goroutines without a lock lose no update',
    `local counter, wg = 0, goroutine.wait_group()
     for _ = 1, 100 do wg:go(function() counter = counter + 1 end) end
     wg:wait()
     print(counter)`,
    ['100'],
  ],
  [
    'a loop on a captured local ends after the parent sets it',
    `local ready, done = false, channel.make()
     go.spawn(function() while not ready do goroutine.sleep(1) end done:send('ended') end)
     goroutine.sleep(5)
     ready = true
     print((done:receive()))`,
    ['ended'],
  ],
  [
    'a loop on a field of a captured table ends after the parent sets it',
    `local ctl, done = {stop = false}, channel.make()
     go.spawn(function() while not ctl.stop do goroutine.sleep(1) end done:send('ended') end)
     goroutine.sleep(5)
     ctl.stop = true
     print((done:receive()))`,
    ['ended'],
  ],
  [
    'a method that sets a field ends a goroutine that another method started',
    `local Server = {}
     Server.__index = Server
     function Server:start()
       self.done = channel.make()
       go.spawn(function() while not self.stopped do goroutine.sleep(1) end self.done:send('stopped') end)
     end
     function Server:stop() self.stopped = true end
     local server = setmetatable({stopped = false}, Server)
     server:start()
     goroutine.sleep(5)
     server:stop()
     print((server.done:receive()))`,
    ['stopped'],
  ],
  [
    'the parent sees what was appended to a captured table, an argument and a global table, and a new global',
    `local list, wg = {}, goroutine.wait_group()
     shared = {}
     local argument = {}
     wg:go(function() list[#list + 1] = 'a' end)
     wg:go(function(t) table.insert(t, 'b') end, argument)
     wg:go(function() shared.c = 'c' end)
     wg:go(function() fresh = 'd' end)
     wg:wait()
     print(list[1], argument[1], shared.c, fresh)`,
    ['a\tb\tc\td'],
  ],
  [
    "a method that changes its captured object changes the parent's object",
    `local Account = {}
     Account.__index = Account
     function Account:deposit(n) self.balance = self.balance + n end
     local account, wg = setmetatable({balance = 0}, Account), goroutine.wait_group()
     for i = 1, 10 do wg:go(function() account:deposit(i) end) end
     wg:wait()
     print(account.balance)`,
    ['55'],
  ],
  [
    'two closures that share an upvalue still share it',
    `local function counter()
       local n = 0
       return function() n = n + 1 end, function() return n end
     end
     local add, get = counter()
     local wg = goroutine.wait_group()
     for _ = 1, 20 do wg:go(add) end
     wg:wait()
     print(get())`,
    ['20'],
  ],
  [
    'a captured open file works',
    `local path = os.tmpname()
     local file, wg = assert(io.open(path, 'w')), goroutine.wait_group()
     for i = 1, 3 do wg:go(function() file:write(i, '\\n') end) end
     wg:wait()
     file:close()
     local lines = {}
     for line in io.lines(path) do lines[#lines + 1] = line end
     os.remove(path)
     table.sort(lines)
     print(table.concat(lines, ','))`,
    ['1,2,3'],
  ],
  [
    'a captured generator works',
    `local numbers = coroutine.wrap(function() for i = 1, 6 do coroutine.yield(i) end end)
     local sum, wg = 0, goroutine.wait_group()
     for _ = 1, 3 do wg:go(function() for _ = 1, 2 do sum = sum + numbers() end end) end
     wg:wait()
     print(sum)`,
    ['21'],
  ],
  [
    'a module configured before the spawn is seen configured',
    `package.preload.settings = function() return {mode = 'plain'} end
     local settings = require('settings')
     settings.mode = 'configured'
     local done = channel.make()
     go.spawn(function() done:send(require('settings').mode) end)
     print((done:receive()))`,
    ['configured'],
  ],
  [
    'a counter printed between its read and its write stays exact',
    `local n, wg = 0, goroutine.wait_group()
     for _ = 1, 50 do
       wg:go(function()
         local before = n
         io.stderr:write(before, ' ')
         n = before + 1
       end)
     end
     wg:wait()
     print(n)`,
    ['50'],
  ],
  [
    'a replaced library function is seen replaced',
    `math.random = function() return 4 end
     local done = channel.make()
     go.spawn(function() done:send(math.random()) end)
     print((done:receive()))`,
    ['4'],
  ],
  [
    'a method added to strings is there in goroutines',
    `function string.twice(s) return s .. s end
     local done = channel.make()
     go.spawn(function(s) done:send(s:twice()) end, 'ab')
     print((done:receive()))`,
    ['abab'],
  ],
];

for (const workers of [1, 2, 4]) {
  test.concurrent.each(programs)(`%s (${workers} workers)`, async (_name, source, output) => {
    const ran = await runLua(source, {workers});
    expect(ran.message).toBe('');
    expect(ran.kind).toBe('succeeded');
    expect(ran.out).toEqual(output);
  });
}
