import type {Sendable} from '../../sendable.js';
import {asText} from '../../util/text-of.js';
import {httpClientOf} from '../http/functions.js';
import {kindOf, type Options, planRequest} from '../http/request-plan.js';
import type {ModuleServices} from '../services.js';
import {runNotifyCommand} from './command.js';
import {sendMail} from './mail.js';
import {type Message, plainText} from './message.js';
import {tableOf, text} from './settings.js';

/** Sends a message one way. It throws what went wrong. */
type Sender = (settings: Sendable, message: Message, services: ModuleServices, signal: AbortSignal) => Promise<void>;

/** Each way a message can go, by the name it has in `runner_config.notifications`. */
export const senders: Readonly<Record<string, Sender>> = {
  slack: sendToSlack,
  ntfy: sendToNtfy,
  webhook: sendToWebhook,
  email: sendMail,
  command: runNotifyCommand,
};

async function sendToSlack(
  settings: Sendable,
  message: Message,
  services: ModuleServices,
  signal: AbortSignal,
): Promise<void> {
  const {webhook_url: url, channel} = tableOf('slack', settings, 'webhook_url', ['webhook_url', 'channel']);
  const fields = Object.entries(message.fields).map(([title, value]) => ({title, value, short: value.length < 40}));
  const json = {
    text: message.title === undefined ? message.text : `*${message.title}*\n${message.text}`,
    ...(channel !== undefined && {channel}),
    ...(fields.length > 0 && {attachments: [{fields}]}),
  };
  await post('slack', text('slack', 'webhook_url', url), {json}, services, signal);
}

async function sendToNtfy(
  settings: Sendable,
  message: Message,
  services: ModuleServices,
  signal: AbortSignal,
): Promise<void> {
  const names = ['server', 'topic', 'priority', 'token'];
  const {server = 'https://ntfy.sh', topic, priority, token} = tableOf('ntfy', settings, 'topic', names);
  // JSON, since headers cannot carry every letter: https://docs.ntfy.sh/publish/#publish-as-json
  const json = {
    topic: text('ntfy', 'topic', topic),
    message: plainText(message),
    tags: [message.type],
    ...(message.title !== undefined && {title: message.title}),
    ...(priority !== undefined && {priority: priorityOf(priority)}),
  };
  const auth = token === undefined ? {} : {auth: {bearer: text('ntfy', 'token', token)}};
  await post('ntfy', text('ntfy', 'server', server), {json, ...auth}, services, signal);
}

async function sendToWebhook(
  settings: Sendable,
  message: Message,
  services: ModuleServices,
  signal: AbortSignal,
): Promise<void> {
  const {url, headers} = tableOf('webhook', settings, 'url', ['url', 'headers']);
  const {type, title, text: words, fields} = message;
  const json = {type, message: words, fields, ...(title !== undefined && {title})};
  await post('webhook', text('webhook', 'url', url), {json, ...(headers !== undefined && {headers})}, services, signal);
}

async function post(
  way: string,
  url: string,
  options: Options,
  services: ModuleServices,
  signal: AbortSignal,
): Promise<void> {
  const {status, body} = await httpClientOf(services).send(
    planRequest(`notifications.${way}`, 'POST', url, options),
    signal,
  );
  if (status < 200 || status > 299) throw new Error(`${way}: status ${status}: ${asText(body).trim().slice(0, 200)}`);
}

function priorityOf(priority: Sendable): number {
  const words = ['min', 'low', 'default', 'high', 'urgent'];
  const number = typeof priority === 'string' ? words.indexOf(priority) + 1 : Number(priority);
  if (Number.isInteger(number) && number >= 1 && number <= 5) return number;
  throw new TypeError(
    `notifications: ntfy.priority must be 1 to 5 or one of ${words.join(', ')}, got ${kindOf(priority)}`,
  );
}
