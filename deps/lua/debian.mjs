// Debian and its kin: the source package `lua5.4` of trixie carries upstream's release tarball unchanged. The mirror
// is the one this machine already uses; a private list asks it for sources, the machine's own lists stay as they are.
import {spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

const suite = 'trixie';
const debianSuite =
  /^(?:(?:old)*stable|testing|unstable|sid|buster|bullseye|bookworm|trixie|forky)(?:-updates|-backports)?$/;

/**
 * Answers with upstream's tarball out of Debian's source package, or says why it cannot.
 * @type {import('./recipe.mjs').Fetcher}
 */
export async function fetchFromDebian({version}) {
  const source = `Debian's source package lua5.4 (${suite})`;
  if (spawnSync('apt-get', ['--version'], {stdio: 'ignore'}).error) return {source, passed: 'there is no apt-get here'};
  const mirrors = findMirrors(readSourceLists('/etc/apt'));
  if (mirrors.length === 0) return {source, passed: 'this machine has no Debian mirror configured'};
  const reasons = [];
  for (const mirror of mirrors) {
    const scratch = mkdtempSync(join(tmpdir(), 'lua-source-'));
    try {
      const {bytes, passed} = download(mirror, `lua5.4_${version}.orig.tar.gz`, scratch);
      if (bytes) return {source, bytes};
      reasons.push(passed);
    } finally {
      rmSync(scratch, {recursive: true, force: true});
    }
  }
  return {source, passed: reasons.join('; ')};
}

// The text of every list apt reads: one-line `.list` files and deb822 `.sources` files.
function readSourceLists(etc) {
  const parts = join(etc, 'sources.list.d');
  const names = existsSync(parts)
    ? readdirSync(parts)
        .sort()
        .map((name) => join(parts, name))
    : [];
  return [join(etc, 'sources.list'), ...names]
    .filter((path) => existsSync(path) && /\.(list|sources)$/.test(path))
    .map((path) => ({deb822: path.endsWith('.sources'), text: readFileSync(path, 'utf8')}));
}

/**
 * Mirrors that carry Debian itself, each once, in the order apt would ask them.
 * @param {readonly {deb822: boolean, text: string}[]} lists
 * @returns {{uri: string, signedBy: string | undefined}[]}
 */
export function findMirrors(lists) {
  const found = new Map();
  for (const {deb822, text} of lists) {
    for (const entry of deb822 ? parseDeb822(text) : parseOneLine(text)) {
      if (!entry.suites.some((name) => debianSuite.test(name)) || !entry.components.includes('main')) continue;
      for (const uri of entry.uris) if (!found.has(uri)) found.set(uri, {uri, signedBy: entry.signedBy});
    }
  }
  return [...found.values()];
}

function parseDeb822(text) {
  const entries = [];
  const stanzas = text.replace(/^#.*\n?/gm, '').split(/\n[ \t]*(?:\n|$)/);
  for (const stanza of stanzas) {
    const fields = {};
    for (const [, key, value] of stanza.matchAll(/^([\w-]+):((?:.*)(?:\n[ \t].*)*)/gm)) {
      fields[key.toLowerCase()] = value.trim();
    }
    if (/^(no|false|0|off)$/i.test(fields.enabled ?? 'yes')) continue;
    const words = (key) => (fields[key] ?? '').split(/\s+/).filter(Boolean);
    const keyring = fields['signed-by'];
    entries.push({
      uris: words('uris'),
      suites: words('suites'),
      components: words('components'),
      signedBy: keyring?.startsWith('/') ? words('signed-by')[0] : undefined,
    });
  }
  return entries;
}

function parseOneLine(text) {
  const entries = [];
  for (const line of text.split('\n')) {
    const match = /^\s*deb(?:-src)?\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]*)/.exec(line);
    if (!match) continue;
    const [, options = '', uri, suiteName, components] = match;
    const signedBy = /signed-by=(\/[^\s,]+)/.exec(options)?.[1];
    entries.push({uris: [uri], suites: [suiteName], components: components.trim().split(/\s+/), signedBy});
  }
  return entries;
}

function download({uri, signedBy}, orig, scratch) {
  mkdirSync(join(scratch, 'lists', 'partial'), {recursive: true});
  mkdirSync(join(scratch, 'cache', 'archives', 'partial'), {recursive: true});
  const list = join(scratch, 'sources.list');
  writeFileSync(list, `deb-src ${signedBy ? `[signed-by=${signedBy}] ` : ''}${uri} ${suite} main\n`);
  const options = [
    `Dir::Etc::sourcelist=${list}`,
    'Dir::Etc::sourceparts=-',
    `Dir::State::lists=${join(scratch, 'lists')}`,
    `Dir::Cache=${join(scratch, 'cache')}`,
    'Acquire::Languages=none',
    'Acquire::Retries=2',
    'Acquire::http::Timeout=30',
    'Acquire::https::Timeout=30',
    ...(process.getuid?.() === 0 ? ['APT::Sandbox::User=root'] : []),
  ].flatMap((option) => ['-o', option]);
  const aptGet = (...words) =>
    spawnSync('apt-get', ['-q', ...options, ...words], {cwd: scratch, encoding: 'utf8', timeout: 180_000});
  const update = aptGet('update');
  const fetched = update.status === 0 ? aptGet('source', '--download-only', '--only-source', 'lua5.4') : update;
  const path = join(scratch, orig);
  if (existsSync(path)) return {bytes: readFileSync(path)};
  const words = `${fetched.stderr ?? ''}`.split('\n').filter((line) => /^[EW]:/.test(line));
  return {passed: words.join(' ').slice(0, 400) || `the mirror has no ${orig}`};
}
