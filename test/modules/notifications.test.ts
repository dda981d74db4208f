import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {Permissions} from '../../lib/modules/permissions.js';
import {serve, textOf} from './http/loopback.js';
import {errorWithModules, hundredTimes, runWithModules, valuesWithModules} from './module-script.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sloth-notify-'));
});
afterEach(() => rm(folder, {recursive: true, force: true}));

/** A receiver that keeps what it got. */
async function receiver(): Promise<{url: string; got: unknown[]}> {
  const got: unknown[] = [];
  const url = await serve(async (request, response) => {
    got.push({
      ...JSON.parse(await textOf(request)),
      ...(request.headers['x-team'] && {team: request.headers['x-team']}),
    });
    response.end('ok');
  });
  return {url, got};
}

const send =
  'return notifications.send{type = "critical", title = "Disk", message = "full", fields = {host = "db-1", used = 99}}';

describe('notifications.send', () => {
  it('sends to all channels of the type', async () => {
    const {url, got} = await receiver();
    const notifications = {
      critical: [
        {slack: url},
        {webhook: {url, headers: {'X-Team': 'ops'}}},
        {ntfy: {server: url, topic: 'disks', priority: 'high'}},
      ],
      default: {webhook: 'http://127.0.0.1:1'},
    };
    expect(await valuesWithModules(send, {config: () => ({notifications})})).toEqual([true]);
    expect(got).toHaveLength(3);
    expect(got).toEqual(
      expect.arrayContaining([
        {
          text: '*Disk*\nfull',
          attachments: [
            {
              fields: [
                {title: 'host', value: 'db-1', short: true},
                {title: 'used', value: '99', short: true},
              ],
            },
          ],
        },
        {type: 'critical', title: 'Disk', message: 'full', fields: {host: 'db-1', used: '99'}, team: 'ops'},
        {topic: 'disks', title: 'Disk', message: 'full\nhost: db-1\nused: 99', tags: ['critical'], priority: 4},
      ]),
    );
  });

  it('sends to the default where the type has none', async () => {
    const {url, got} = await receiver();
    const config = () => ({notifications: {default: {webhook: url}}});
    expect(await valuesWithModules('return notifications.send{message = "hello"}', {config})).toEqual([true]);
    expect(got).toEqual([{type: 'info', message: 'hello', fields: {}}]);
  });

  it('warns once where there is no channel', async () => {
    const source = `${send.replace('return', 'local a, b =')} ${send.replace('return', 'local c, d =')} return a, b, c, d`;
    const {values, stderr} = await runWithModules(source);
    const none = "no notification channel for 'critical'";
    expect(values).toEqual([undefined, none, undefined, none]);
    expect(stderr.split('\n').filter((line) => line.includes(none))).toHaveLength(1);
  });

  it('answers nil and what failed, and sends the others', async () => {
    const {url, got} = await receiver();
    const config = () => ({notifications: {default: [{webhook: 'http://127.0.0.1:1'}, {slack: url}]}});
    const [sent, message] = await valuesWithModules(send, {config});
    expect(sent).toBeUndefined();
    expect(message).toContain('ECONNREFUSED');
    expect(got).toHaveLength(1);
  });

  it('runs a command with the message in its environment and on its input', async () => {
    const command = `printf '%s/%s/' "$SLOTH_NOTIFY_TYPE" "$SLOTH_NOTIFY_MESSAGE" > ${folder}/got; cat >> ${folder}/got`;
    const config = () => ({notifications: {critical: {command}}});
    expect(await valuesWithModules(send, {config})).toEqual([true]);
    const [, words, json] = /^(critical\/full\/)(.*)$/s.exec(await readFile(join(folder, 'got'), 'utf8')) ?? [];
    expect(words).toBe('critical/full/');
    expect(JSON.parse(json ?? '')).toMatchObject({title: 'Disk', fields: {host: 'db-1'}});
  });

  it('tells why a command failed', async () => {
    const config = () => ({notifications: {critical: {command: 'echo no pager >&2; exit 3'}}});
    expect(await valuesWithModules(send, {config})).toEqual([undefined, 'command: no pager']);
  });

  it('sends mail', async () => {
    const {url, mails} = await smtpServer();
    const email = {to: 'ops@example.org', from: 'sloth@example.org', server: url};
    expect(await valuesWithModules(send, {config: () => ({notifications: {critical: {email}}})})).toEqual([true]);
    expect(mails[0]).toMatch(/^Subject: Disk\r$/m);
    expect(mails[0]).toContain('host: db-1');
  });

  it('lets no message write headers of a mail, or recipients', async () => {
    const {url, mails} = await smtpServer();
    const email = {to: 'ops@example.org', from: 'sloth@example.org', server: url, subject: 'a\r\nBcc: eve@example.org'};
    const settings = {config: () => ({notifications: {critical: {email}}})};
    expect(await valuesWithModules(send, settings)).toEqual([true]);
    const source =
      'return notifications.send{type = "critical", message = "m\\r\\nX-Planted: 1", title = "t\\r\\nX-Planted: 2"}';
    const {subject: _, ...plain} = email;
    expect(await valuesWithModules(source, {config: () => ({notifications: {critical: {email: plain}}})})).toEqual([
      true,
    ]);
    const heads = mails.map((mail) => mail.split('\r\n\r\n', 1)[0]);
    expect(heads).toHaveLength(2);
    for (const head of heads) expect(head).not.toMatch(/^(?:Bcc|X-Planted):/m);
  });

  it('complains about what is no message', async () => {
    expect(await errorWithModules('notifications.send{message = 5 > 3}')).toContain('message must be text, got true');
    expect(await errorWithModules('notifications.send{message = "x", titel = "y"}')).toContain(
      "there is no field 'titel'",
    );
    expect(await errorWithModules('notifications.send("x")')).toContain("bad argument #1 to 'notifications.send'");
  });

  it('complains about channels there are not', async () => {
    const config = () => ({notifications: {default: {pigeon: 'coop'}}});
    expect(await errorWithModules(send, {config})).toContain(
      "there is no channel 'pigeon'; there are slack, ntfy, webhook, email, command",
    );
  });

  it('does what it may, and names the flag', async () => {
    const config = () => ({notifications: {default: {command: 'true'}}});
    const [sent, message] = await valuesWithModules(send, {config, permissions: new Permissions({net: true})});
    expect([sent, message]).toEqual([
      undefined,
      'starting sh is not allowed: it needs --allow-exec or --allow-exec=sh',
    ]);
  });

  it('may be called by a hundred goroutines at once, and inside pcall', async () => {
    const {url, got} = await receiver();
    const config = () => ({notifications: {default: {webhook: url}}});
    await valuesWithModules(hundredTimes('return select(2, pcall(notifications.send, {message = "n" .. i}))'), {
      config,
    });
    expect(new Set(got.map((one) => (one as {message: string}).message)).size).toBe(100);
  });
});

describe('the shapes older scripts know', () => {
  it('are notifications.slack and notifications.ntfy', async () => {
    const {url, got} = await receiver();
    const source = `
      local a = notifications.slack{webhook_url = "${url}", message = "deployed", pipeline = "web", error_details = "none"}
      local b = notifications.ntfy{server = "${url}", topic = "t", message = "deployed", title = "Web", priority = 5}
      return a, b`;
    expect(await valuesWithModules(source)).toEqual([true, true]);
    expect(got).toEqual([
      expect.objectContaining({text: 'deployed'}),
      {topic: 't', message: 'deployed', title: 'Web', tags: ['info'], priority: 5},
    ]);
  });
});

/** A server that speaks as much SMTP as one mail needs. */
async function smtpServer(): Promise<{url: string; mails: string[]}> {
  const mails: string[] = [];
  const server = createServer((socket) => {
    let data: string | undefined;
    socket.on('error', () => {});
    socket.write('220 test\r\n');
    socket.on('data', (chunk) => {
      if (data !== undefined) {
        data += String(chunk);
        if (!data.endsWith('\r\n.\r\n')) return;
        mails.push(data);
        data = undefined;
        socket.write('250 kept\r\n');
        return;
      }
      for (const line of String(chunk).trimEnd().split('\r\n')) {
        if (line === 'DATA') data = '';
        socket.write(line === 'DATA' ? '354 go on\r\n' : line === 'QUIT' ? '221 bye\r\n' : '250 ok\r\n');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  const {port} = server.address() as {port: number};
  return {url: `smtp://127.0.0.1:${port}`, mails};
}
