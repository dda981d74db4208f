// Lua on the JavaScript thread: calls in both directions and a table of records, beside other Lua engines of npm.
import {Lua} from '../../dist/index.js';
import {callsOfFengari, callsOfWasmoon} from '../support/npm-engines.mjs';
import {atMost} from '../support/targets.mjs';

const source = `
local records = {}
for i = 1, 1000 do records[i] = {id = i, name = "name " .. i} end
function add(a, b) return a + b end
function give() return records end
function ask(count)
    local sum = 0
    for i = 1, count do sum = sum + host_add(i, 2) end
    return sum
end`;

const hostAdd = (a, b) => a + b;

function callsOfOurs() {
  const lua = new Lua();
  lua.set('host_add', hostAdd);
  lua.eval(source);
  const [add, give, ask] = ['add', 'give', 'ask'].map((name) => lua.get(name));
  return {add, give, ask, close: () => lua.close()};
}

/** The best of some rounds, in us for one. */
function best(rounds, count, work) {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const started = process.hrtime.bigint();
    work(count);
    least = Math.min(least, Number(process.hrtime.bigint() - started) / 1000 / count);
  }
  return least;
}

function times(work) {
  return (count) => {
    for (let i = 0; i < count; i++) work(i);
  };
}

function measureAll({add, give, ask, close}, scale) {
  try {
    const count = Math.ceil(100_000 * scale);
    if (add(1, 2) !== 3 || give().length !== 1000 || ask(2) !== 7) throw new Error('the engine does not do its work');
    return {
      into: best(
        7,
        count,
        times((i) => add(i, 2)),
      ),
      out: best(7, count, ask),
      records: best(7, Math.ceil(100 * scale), times(give)),
    };
  } finally {
    close();
  }
}

export const row = {
  figures: {
    into: {title: 'JavaScript calls Lua on its own thread', unit: 'us', promise: atMost('P12', 0.2, 'us', 0.12)},
    out: {title: 'Lua calls JavaScript on its own thread', unit: 'us', promise: atMost('P12', 0.24, 'us', 0.15)},
    records: {
      title: '1,000 records {id, name} from Lua to JavaScript',
      unit: 'us',
      promise: atMost('P12', 900, 'us', 600),
    },
  },
  async measure({quick}) {
    const scale = quick ? 0.05 : 1;
    const ours = measureAll(callsOfOurs(), scale);
    const wasmoon = measureAll(await callsOfWasmoon(source, hostAdd), scale / 50);
    const fengari = measureAll(callsOfFengari(source, hostAdd), scale / 20);
    const figure = (name) => ({ours: ours[name], peer: {wasmoon: wasmoon[name], fengari: fengari[name]}});
    return {into: figure('into'), out: figure('out'), records: figure('records')};
  },
};
