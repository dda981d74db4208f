import {Runtime} from '../../dist/index.js';
import {workers} from '../support/lua.mjs';
import {atMost} from '../support/targets.mjs';

// Each call's time is taken in Lua, so that a median can be told.
const oneAfterTheOther = `
local count = ...
for i = 1, count // 10 do add(i, 1) end
local times = {}
for i = 1, count do
    local started = goroutine.now()
    add(i, 1)
    times[i] = (goroutine.now() - started) * 1000
end
table.sort(times)
return times[#times // 2]`;

const allAtOnce = `
local count, in_flight = ...
local function work(left, calls)
    for i = 1, calls do add(i, 1) end
    left:done()
end
local function round(calls)
    local left = goroutine.wait_group()
    left:add(in_flight)
    for i = 1, in_flight do goroutine.shared(work, left, calls) end
    left:wait()
end
round(1)
local best = math.huge
for _ = 1, 5 do
    local started = goroutine.now()
    round(count // in_flight)
    best = math.min(best, (goroutine.now() - started) * 1000 / count)
end
return best`;

export const row = {
  figures: {
    alone: {
      title: 'a call of an async JavaScript function from Lua, one after the other, p50',
      unit: 'us',
      promise: atMost('P11', 25, 'us', 12),
    },
    together: {title: 'the same, 1,000 goroutines at once', unit: 'us', promise: atMost('P11', 4, 'us', 2)},
  },
  async measure({quick}) {
    const count = quick ? 1000 : 10_000;
    const runtime = new Runtime({workers});
    const globals = {add: async (a, b) => a + b};
    try {
      const [alone] = await runtime.run(oneAfterTheOther, {args: [count], globals});
      const [together] = await runtime.run(allAtOnce, {args: [count * 2, 1000], globals});
      return {alone, together};
    } finally {
      await runtime.close();
    }
  },
};
