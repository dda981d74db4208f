import type {Sendable} from '../../sendable.js';
import type {ModuleServices} from '../services.js';
import {type Message, plainText} from './message.js';
import {tableOf, text} from './settings.js';

const names = ['to', 'from', 'server', 'subject'];

/** Sends a mail through the SMTP server `server`: `smtp://user:password@host:587` or `smtps://...`. */
export async function sendMail(
  settings: Sendable,
  message: Message,
  services: ModuleServices,
  signal: AbortSignal,
): Promise<void> {
  const {to, from, server, subject} = tableOf('email', settings, 'to', names);
  const address = text('email', 'server', server ?? services.env['SLOTH_SMTP_URL']);
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'smtp:' && url?.protocol !== 'smtps:') {
    throw new TypeError(
      `notifications: email.server must be a URL such as smtp://user:password@host:587, got '${address}'`,
    );
  }
  services.permissions.checkNet(url.hostname, url.port || (url.protocol === 'smtps:' ? 465 : 587));
  const {createTransport} = await import('nodemailer');
  const transport = createTransport({
    url: address,
    connectionTimeout: 30_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const stop = (): void => transport.close();
  signal.addEventListener('abort', stop, {once: true});
  try {
    await transport.sendMail({
      to: Array.isArray(to) ? to.map((one) => text('email', 'to', one)) : text('email', 'to', to),
      from: text('email', 'from', from),
      subject:
        subject === undefined
          ? (message.title ?? `${message.type}: ${firstLine(message.text)}`)
          : text('email', 'subject', subject),
      text: plainText(message),
    });
  } finally {
    signal.removeEventListener('abort', stop);
    transport.close();
  }
}

function firstLine(words: string): string {
  return words.split('\n', 1)[0]?.slice(0, 100) ?? '';
}
