import {STATUS_CODES} from 'node:http';
import type {Sendable} from '../../sendable.js';
import type {AnswerHead} from './client.js';

/** What Lua gets of an answer; `body` apart. */
export function answerTable({status, statusText, headers, url}: AnswerHead): Record<string, Sendable> {
  const told: Record<string, Sendable> = {};
  for (const name of Object.keys(headers)) told[name] = joined(name, headers[name]);
  return {
    status,
    status_code: status,
    status_text: statusText || STATUS_CODES[status] || '',
    headers: told,
    url,
    success: status >= 200 && status < 300,
  };
}

// RFC 9110, 5.3: lines of one header are one list, but for cookies.
function joined(name: string, value: string | string[] | undefined): Sendable {
  if (!Array.isArray(value)) return value;
  return name === 'set-cookie' ? value : value.join(', ');
}
