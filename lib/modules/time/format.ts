/** A moment as a zone's clocks and calendars show it. */
export interface Shown {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly min: number;
  readonly sec: number;
  readonly ms: number;
  /** 1 is Sunday, as in `os.date`. */
  readonly wday: number;
  readonly yday: number;
  /** Seconds east of UTC. */
  readonly offset: number;
}

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const msPerDay = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Milliseconds east of UTC that a zone's clocks are at a moment. @throws Error for a zone that nobody knows. */
export function offsetAt(ms: number, zone: string): number {
  if (zone === 'UTC') return 0;
  const fixed = /^([+-])(\d\d):?(\d\d)$/.exec(zone);
  if (fixed) return (fixed[1] === '-' ? -1 : 1) * (Number(fixed[2]) * 60 + Number(fixed[3])) * 60_000;
  let format = formats.get(zone);
  if (!format) {
    format = formatOf(zone);
    formats.set(zone, format);
  }
  const found: Record<string, number> = {};
  for (const {type, value} of format.formatToParts(ms)) found[type] = Number(value);
  const {year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0} = found;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1000) * 1000;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: zone === 'local' ? undefined : zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    throw new Error(`there is no time zone '${zone}'; UTC, local, +02:00 and names such as Europe/Berlin are known`);
  }
}

/** What a zone's clocks and calendars show. @throws Error for a moment that no calendar has. */
export function shownAt(ms: number, zone: string): Shown {
  if (!(Math.abs(ms) <= 8.64e15 - msPerDay)) throw new Error(`${ms / 1000} s is no time that a calendar has`);
  const offset = offsetAt(ms, zone);
  const date = new Date(ms + offset);
  const year = date.getUTCFullYear();
  const first = new Date(0);
  first.setUTCFullYear(year, 0, 1);
  return {
    year,
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    min: date.getUTCMinutes(),
    sec: date.getUTCSeconds(),
    ms: date.getUTCMilliseconds(),
    wday: date.getUTCDay() + 1,
    yday: Math.floor((date.getTime() - first.getTime()) / msPerDay) + 1,
    offset: offset / 1000,
  };
}

/** Milliseconds since 1970 of what a zone's clocks show; of two such moments the first, of none the one behind the gap. */
export function momentOf(
  shown: Pick<Shown, 'year' | 'month' | 'day' | 'hour' | 'min' | 'sec' | 'ms'>,
  zone: string,
): number {
  const date = new Date(0);
  date.setUTCFullYear(shown.year, shown.month - 1, shown.day);
  date.setUTCHours(shown.hour, shown.min, shown.sec, shown.ms);
  const wall = date.getTime();
  if (Number.isNaN(wall)) throw new Error('no time that a calendar has');
  const early = wall - offsetAt(wall - msPerDay, zone);
  if (offsetAt(early, zone) === wall - early) return early;
  const late = wall - offsetAt(wall + msPerDay, zone);
  return offsetAt(late, zone) === wall - late ? late : early;
}

/** Writes a moment. `iso`, or a layout with the letters of `os.date`. @throws Error for a letter that stands for nothing. */
export function formatTime(ms: number, layout: string, zone: string): string {
  const shown = shownAt(ms, zone);
  if (layout === 'iso') return isoOf(shown);
  return layout.replace(/%(.?)/gs, (_, letter: string) => written(letter, shown, ms, zone));
}

function isoOf({year, month, day, hour, min, sec, ms, offset}: Shown): string {
  const date = `${yearOf(year)}-${two(month)}-${two(day)}`;
  return `${date}T${two(hour)}:${two(min)}:${two(sec)}${ms ? `.${three(ms)}` : ''}${offset === 0 ? 'Z' : offsetText(offset, ':')}`;
}

function written(letter: string, shown: Shown, at: number, zone: string): string {
  const {year, month, day, hour, min, sec, ms, wday, yday, offset} = shown;
  const name = (names: readonly string[], index: number): string => names[index] ?? '';
  switch (letter) {
    case 'Y':
      return yearOf(year);
    case 'y':
      return two(((year % 100) + 100) % 100);
    case 'm':
      return two(month);
    case 'd':
      return two(day);
    case 'e':
      return String(day).padStart(2);
    case 'H':
      return two(hour);
    case 'I':
      return two(hour % 12 || 12);
    case 'M':
      return two(min);
    case 'S':
      return two(sec);
    case 'L':
      return three(ms);
    case 'p':
      return hour < 12 ? 'AM' : 'PM';
    case 'A':
      return name(days, wday - 1);
    case 'a':
      return name(days, wday - 1).slice(0, 3);
    case 'B':
      return name(months, month - 1);
    case 'b':
      return name(months, month - 1).slice(0, 3);
    case 'j':
      return three(yday);
    case 'u':
      return String(wday === 1 ? 7 : wday - 1);
    case 'F':
      return `${yearOf(year)}-${two(month)}-${two(day)}`;
    case 'T':
      return `${two(hour)}:${two(min)}:${two(sec)}`;
    case 'R':
      return `${two(hour)}:${two(min)}`;
    case 's':
      return String(Math.floor(at / 1000));
    case 'z':
      return offsetText(offset, '');
    case 'Z':
      return zone === 'local' ? new Intl.DateTimeFormat().resolvedOptions().timeZone : zone;
    case '%':
      return '%';
    default:
      throw new Error(`layout: %${letter} stands for nothing; known: Y y m d e H I M S L p A a B b j u F T R s z Z %`);
  }
}

function yearOf(year: number): string {
  return year < 0 ? `-${String(-year).padStart(4, '0')}` : String(year).padStart(4, '0');
}

function two(n: number): string {
  return String(n).padStart(2, '0');
}

function three(n: number): string {
  return String(n).padStart(3, '0');
}

function offsetText(seconds: number, between: string): string {
  const minutes = Math.abs(Math.round(seconds / 60));
  return `${seconds < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${between}${two(minutes % 60)}`;
}

const lettersRead: Readonly<Record<string, string>> = {
  Y: '(?<Y>\\d{4})',
  m: '(?<m>\\d{1,2})',
  d: '(?<d>\\d{1,2})',
  H: '(?<H>\\d{1,2})',
  I: '(?<I>\\d{1,2})',
  M: '(?<M>\\d{1,2})',
  S: '(?<S>\\d{1,2})',
  L: '(?<L>\\d{1,3})',
  p: '(?<p>[AaPp][Mm])',
  b: `(?<b>${months.map((name) => name.slice(0, 3)).join('|')})`,
  B: `(?<B>${months.join('|')})`,
  z: '(?<z>Z|[+-]\\d\\d:?\\d\\d)',
  s: '(?<s>-?\\d+)',
};
const isoPattern =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|z|[+-]\d\d:?\d\d)?)?$/;

/** Reads a moment: milliseconds since 1970. @throws Error that says what was expected. */
export function parseTime(text: string, layout: string, zone: string): number {
  if (layout === 'iso') {
    const found = isoPattern.exec(text.trim());
    if (!found) throw new Error(`'${text}' is no time such as 2026-12-01T08:30:00Z`);
    const [, Y, m, d, H = '0', M = '0', S = '0', fraction = '0', own] = found;
    return read({Y, m, d, H, M, S, L: fraction.padEnd(3, '0').slice(0, 3), z: own?.toUpperCase()}, text, zone);
  }
  const found = patternOf(layout).exec(text.trim());
  if (!found) throw new Error(`'${text}' is not written as '${layout}'`);
  return read(found.groups ?? {}, text, zone);
}

function patternOf(layout: string): RegExp {
  const full = layout.replaceAll('%F', '%Y-%m-%d').replaceAll('%T', '%H:%M:%S').replaceAll('%R', '%H:%M');
  const source = full.replace(/%(.?)|[\\^$.*+?()[\]{}|/]/gs, (whole, letter: string | undefined) => {
    if (letter === undefined) return `\\${whole}`;
    if (letter === '%') return '%';
    const pattern = Object.hasOwn(lettersRead, letter) ? lettersRead[letter] : undefined;
    if (pattern === undefined)
      throw new Error(`layout: %${letter} cannot be read; known: Y m d H I M S L p b B z s F T R %`);
    return pattern;
  });
  try {
    return new RegExp(`^${source}$`, 'i');
  } catch {
    throw new Error(`layout: '${layout}' has a letter twice`);
  }
}

function read(parts: Readonly<Record<string, string | undefined>>, text: string, zone: string): number {
  if (parts['s'] !== undefined) return Number(parts['s']) * 1000;
  const number = (name: string, otherwise: number): number =>
    parts[name] === undefined ? otherwise : Number(parts[name]);
  const named = parts['b'] ?? parts['B'];
  const month = named === undefined ? number('m', 1) : monthNamed(named);
  const shown = {
    year: number('Y', 1970),
    month,
    day: number('d', 1),
    hour:
      parts['I'] === undefined
        ? number('H', 0)
        : (number('I', 12) % 12) + (parts['p']?.toLowerCase() === 'pm' ? 12 : 0),
    min: number('M', 0),
    sec: number('S', 0),
    ms: Number((parts['L'] ?? '0').padEnd(3, '0')),
  };
  const fits =
    month >= 1 &&
    month <= 12 &&
    shown.day >= 1 &&
    shown.day <= lengthOf(shown.year, month) &&
    shown.hour < 24 &&
    shown.min < 60 &&
    shown.sec < 60;
  if (!fits) throw new Error(`'${text}': no calendar or clock shows this`);
  const own = parts['z'];
  return momentOf(shown, own === undefined ? zone : own === 'Z' ? 'UTC' : own);
}

function monthNamed(name: string): number {
  return months.findIndex((month) => month.slice(0, 3).toLowerCase() === name.slice(0, 3).toLowerCase()) + 1;
}

function lengthOf(year: number, month: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month, 0);
  return date.getUTCDate();
}
