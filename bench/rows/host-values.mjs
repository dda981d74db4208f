import {Runtime} from '../../dist/index.js';
import {workers} from '../support/lua.mjs';

const oneAfterTheOther = `
local count = ...
local order = {id = 17, name = "pears", price = 2.5, tags = {"fresh", "green"}, sold = false}
for i = 1, count do
    local answer = echo(order)
    assert(answer.id == 17)
end`;

const allAtOnce = `
local count = ...
local order = {id = 17, name = "pears", price = 2.5, tags = {"fresh", "green"}, sold = false}
local left = goroutine.wait_group()
for i = 1, count do
    left:add(1)
    goroutine.shared(function()
        local answer = echo(order)
        assert(answer.id == 17)
        left:done()
    end)
end
left:wait()`;

async function microsecondsEach(runtime, source, count) {
  const started = process.hrtime.bigint();
  await runtime.run(source, {args: [count], globals: {echo: (order) => order}});
  return Number(process.hrtime.bigint() - started) / 1000 / count;
}

export const row = {
  figures: {
    alone: {title: 'a host call with a small object each way, one after the other', unit: 'us'},
    together: {title: 'the same, 1,000 goroutines at once', unit: 'us'},
  },
  async measure({quick}) {
    const count = 1000;
    const rounds = quick ? 2 : 20;
    const runtime = new Runtime({workers});
    try {
      const figures = {};
      for (const [name, source] of Object.entries({alone: oneAfterTheOther, together: allAtOnce})) {
        await microsecondsEach(runtime, source, count);
        let best = Number.POSITIVE_INFINITY;
        for (let i = 0; i < rounds; i++) best = Math.min(best, await microsecondsEach(runtime, source, count));
        figures[name] = best;
      }
      return figures;
    } finally {
      await runtime.close();
    }
  },
};
