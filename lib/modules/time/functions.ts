import {Cron} from 'croner';
import type {Sendable} from '../../sendable.js';
import {formatDuration} from '../../util/format-duration.js';
import {parseDuration} from '../../util/parse-duration.js';
import {asText} from '../../util/text-of.js';
import type {Implementations} from '../declaration.js';
import {readRequired} from '../options.js';
import {formatTime, momentOf, offsetAt, parseTime, shownAt} from './format.js';

/** The functions of `time`. Times are seconds since 1970; what the clock says comes from the Lua part. */
export function create(): Implementations {
  return {
    format_at: (t, layout, zone) => formatTime(msOf(t), layoutOf(layout), zoneOf(zone)),
    parse: (text, layout, zone) => parseTime(asText(text), layoutOf(layout), zoneOf(zone)) / 1000,
    parts_at: (t, zone) => ({...shownAt(msOf(t), zoneOf(zone))}),
    make(given, zone) {
      const parts = readRequired(
        given,
        {
          year: 'integer',
          month: 'integer',
          day: 'integer',
          hour: 'integer',
          min: 'integer',
          sec: 'integer',
          ms: 'integer',
          wday: 'integer',
          yday: 'integer',
          offset: 'number',
        },
        ['year', 'month', 'day'],
      );
      const {year, month, day, hour = 0, min = 0, sec = 0, ms = 0} = parts;
      return momentOf({year, month, day, hour, min, sec, ms}, zoneOf(zone)) / 1000;
    },
    seconds(duration) {
      const ms = parseDuration(typeof duration === 'number' ? duration : asText(duration));
      if (ms === undefined)
        throw new Error(`'${asText(duration)}' is no duration such as 1h30m, 10s, 500ms or a number of seconds`);
      return ms / 1000;
    },
    duration_text: (seconds) => (Number(seconds) < 0 ? '-' : '') + formatDuration(Math.abs(Number(seconds)) * 1000),
    next_after(expression, after, zone) {
      const next = cronOf(asText(expression), zoneOf(zone)).nextRun(new Date(msOf(after)));
      return next ? next.getTime() / 1000 : undefined;
    },
  };
}

function msOf(seconds: Sendable): number {
  return Math.round(Number(seconds) * 1000);
}

function layoutOf(layout: Sendable): string {
  return layout === undefined ? 'iso' : asText(layout);
}

function zoneOf(zone: Sendable): string {
  const name = zone === undefined ? 'UTC' : asText(zone);
  offsetAt(0, name); // raises for what is none
  return name;
}

function cronOf(expression: string, zone: string): Cron {
  const timezone = zone === 'local' ? new Intl.DateTimeFormat().resolvedOptions().timeZone : zone;
  try {
    return new Cron(expression, {timezone, paused: true});
  } catch (error) {
    throw new Error(`'${expression}' is no cron expression: ${(error as Error).message}`);
  }
}
