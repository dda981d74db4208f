import {describe, expect, it} from 'vitest';
import {errorWithModules, hundredTimes, runWithModules, valuesWithModules} from './module-script.js';

describe('time', () => {
  it.each([
    [
      'time.format(0), time.format(1.5), time.format(0, "iso", "+05:30")',
      ['1970-01-01T00:00:00Z', '1970-01-01T00:00:01.500Z', '1970-01-01T05:30:00+05:30'],
    ],
    [
      'time.format(1796113800, "%a %d %B %Y %I:%M %p %j %u %z %Z", "Europe/Berlin")',
      ['Tue 01 December 2026 09:30 AM 335 2 +0100 Europe/Berlin'],
    ],
    [
      'time.format(1782900000, "%F %T.%L %s %y %e %b %%", "America/New_York")',
      ['2026-07-01 06:00:00.000 1782900000 26  1 Jul %'],
    ],
    ['time.format(-62135596800, "%Y"), time.format(-1, "%T")', ['0001', '23:59:59']],
    [
      'time.parse("2026-12-01T09:30:00+01:00"), time.parse("2026-12-01"), time.parse("2026-12-01 09:30", nil, "Europe/Berlin")',
      [1796113800, 1796083200, 1796113800],
    ],
    [
      'time.parse("01.12.2026 9:05 pm", "%d.%m.%Y %I:%M %p"), time.parse("5 Mar 2001", "%d %b %Y"), time.parse("12", "%s")',
      [1796159100, 983750400, 12],
    ],
    [
      'time.parse("2026-12-01T00:00:00.25Z"), time.parse("1999-12-31T23:59:59-0330", "%FT%T%z")',
      [1796083200.25, 946697399],
    ],
    [
      'time.parts(1796113800.5, "Europe/Berlin")',
      [{year: 2026, month: 12, day: 1, hour: 9, min: 30, sec: 0, ms: 500, wday: 3, yday: 335, offset: 3600}],
    ],
    [
      'time.make({year = 2000, month = 1, day = 1, hour = 1}, "Europe/Berlin"), time.make(time.parts(5))',
      [946684800, 5],
    ],
    ['time.add(10, "1h30m"), time.add(10, 5), time.sub(10, "500ms")', [5410, 15, 9.5]],
    [
      'time.seconds("1m30s"), time.seconds(2), time.duration_text(95), time.duration_text(-0.25)',
      [90, 2, '1m35s', '-250ms'],
    ],
    [
      'time.next("30 4 * * *", 0), time.next("0 0 29 2 *", 0), time.next("*/10 * * * * *", 3), time.next("0 12 * * MON", 0, "Asia/Tokyo")',
      [16200, 68169600, 10, 356400],
    ],
    ['time.next("0 0 0 1 1 * 1999", 1e9)', [undefined]],
  ])('%s', async (source, values) => {
    expect(await valuesWithModules(`return ${source}`)).toEqual(values);
  });

  it('knows summer time: of two moments the first, of none the one behind the gap', async () => {
    const source = `
      local function at(text) return time.format(time.parse(text, nil, "Europe/Berlin")) end
      return at("2026-10-25 02:30"), at("2026-03-29 02:30"), at("2026-03-29 03:30"), at("2026-10-25 03:30")`;
    expect(await valuesWithModules(source)).toEqual([
      '2026-10-25T00:30:00Z',
      '2026-03-29T01:30:00Z',
      '2026-03-29T01:30:00Z',
      '2026-10-25T02:30:00Z',
    ]);
  });

  it('follows a virtual clock', async () => {
    const source = `
      local began, seen = time.now(), {}
      local handle
      handle = time.every("1h", function(n)
        seen[n] = (time.now() - began) // 3600 | 0
        if n == 2 then time.sleep("150m") end
        if n == 4 then handle:cancel() end
      end)
      handle:await()
      local due = {}
      local nightly
      nightly = time.cron("0 3 * * *", function(t) due[#due + 1] = time.format(t, "%H:%M") if #due == 3 then nightly:cancel() end end)
      nightly:await()
      time.sleep(86400)
      return seen, due, time.unix() == os.time()`;
    const {values} = await runWithModules(source, {timeoutMs: 1e9, runtime: {clock: 'virtual'}});
    expect(values).toEqual([[1, 2, 5, 6], ['03:00', '03:00', '03:00'], true]);
  });

  it('goes on when a call of every raises, and logs why', async () => {
    const source = `
      local count, handle = 0, nil
      handle = time.every("1ms", function(n) count = n if n == 3 then handle:cancel() end error("no " .. n) end)
      handle:await()
      return count`;
    const {values, stderr} = await runWithModules(source);
    expect(values).toEqual([3]);
    expect(stderr).toContain('time.every: script:3: no 1');
  });

  it.each([
    ['time.format(0, "%Q")', 'layout: %Q stands for nothing'],
    [
      'time.format(0, "iso", "Mars/Olympus")',
      "there is no time zone 'Mars/Olympus'; UTC, local, +02:00 and names such as Europe/Berlin are known",
    ],
    ['time.format(1/0)', 'Infinity s is no time that a calendar has'],
    ['time.parse("yesterday")', "'yesterday' is no time such as 2026-12-01T08:30:00Z"],
    ['time.parse("2026-02-30")', "'2026-02-30': no calendar or clock shows this"],
    ['time.parse("1", "%Y")', "'1' is not written as '%Y'"],
    ['time.parse("1", "%Q")', 'layout: %Q cannot be read'],
    ['time.parse("1 1", "%d %d")', "layout: '%d %d' has a letter twice"],
    ['time.make({year = 1})', 'month'],
    ['time.add(0, "soon")', "'soon' is no duration such as 1h30m, 10s, 500ms or a number of seconds"],
    ['time.sleep(-1)', "bad argument #1 to 'time.sleep' (a duration of 0 or more expected)"],
    ['time.every(0, print)', "bad argument #1 to 'time.every' (a duration of at least 1 ms expected)"],
    ['time.next("61 * * * *")', "'61 * * * *' is no cron expression: "],
    ['time.cron("* * * * *", print, "Nowhere")', "there is no time zone 'Nowhere'"],
  ])('refuses %s', async (source, message) => {
    expect(await errorWithModules(source)).toContain(message);
  });

  it('ends a sleep, every and cron that are cancelled', async () => {
    const source = `
      local handles = {goroutine.spawn(time.sleep, "1h"), time.every("1h", print), time.cron("0 0 1 1 *", print)}
      goroutine.yield()
      for _, handle in ipairs(handles) do handle:cancel() end
      local states = {}
      for i, handle in ipairs(handles) do handle:await(5000) states[i] = handle:status() end
      return states`;
    expect(await valuesWithModules(source)).toEqual([['cancelled', 'cancelled', 'cancelled']]);
  });

  it('serves a hundred goroutines at once, and pcall', async () => {
    const body = 'return select(2, pcall(time.format, i, "%S"))';
    const wanted = Array.from({length: 100}, (_, i) => String((i + 1) % 60).padStart(2, '0'));
    expect(await valuesWithModules(hundredTimes(body))).toEqual([wanted]);
  });
});
