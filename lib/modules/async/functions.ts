import {parseDuration} from '../../util/parse-duration.js';
import {asText} from '../../util/text-of.js';
import type {Implementations} from '../declaration.js';

export function create(): Implementations {
  return {
    milliseconds(duration) {
      const text = asText(duration);
      const ms = parseDuration(text);
      if (ms === undefined) throw new Error(`duration: seconds or a duration such as "10s" expected, got "${text}"`);
      return ms;
    },
  };
}
