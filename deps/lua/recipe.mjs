// Obtains Lua's source. The repository holds this recipe and never the source itself.
//
// The first of these wins: a copy unpacked earlier, the file named by SLOTH_LUA_TARBALL, Debian's source package,
// lua.org. Whatever a source hands over is accepted only with the release's SHA-256. A source that has nothing is
// passed over; a source that has something else ends the build, because that is never an accident to ignore.
import {spawnSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {fetchFromDebian} from './debian.mjs';
import {lua547} from './release.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const stampName = '.unpacked-from-sha256';

/**
 * Asks one source. `bytes` is the tarball, unchecked; without it `passed` says why this source has none.
 * @typedef {(release: typeof lua547) => Promise<{source: string, bytes?: Buffer, passed?: string}>} Fetcher
 */

/**
 * Makes `<folder>/<release.name>` exist; `source` says in words where it came from.
 * @param {{folder?: string, env?: NodeJS.ProcessEnv, release?: typeof lua547, fetchers?: readonly Fetcher[]}} options
 * @returns {Promise<{directory: string, source: string}>}
 */
export async function obtainLua({
  folder = here,
  env = process.env,
  release = lua547,
  fetchers = [fetchFromDebian, fetchFromLuaOrg],
} = {}) {
  const directory = join(folder, release.name);
  const stamp = join(directory, stampName);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8').trim() === release.sha256) {
    return {directory, source: 'the copy unpacked earlier'};
  }
  const {bytes, source} = await firstTarball(env.SLOTH_LUA_TARBALL, fetchers, release);
  const came = createHash('sha256').update(bytes).digest('hex');
  if (came !== release.sha256) {
    throw new Error(
      `Lua ${release.version} from ${source} has the wrong SHA-256.\n` +
        `  expected ${release.sha256}\n  came     ${came}\n${cure(release)}`,
    );
  }
  unpack(bytes, folder, release);
  return {directory, source};
}

async function firstTarball(given, fetchers, release) {
  const expected = `  expected ${release.tarball} with SHA-256 ${release.sha256}`;
  if (given) {
    if (existsSync(given)) return {bytes: readFileSync(given), source: `SLOTH_LUA_TARBALL (${given})`};
    throw new Error(
      `SLOTH_LUA_TARBALL names ${resolve(given)}, and there is no such file.\n${expected}\n${cure(release)}`,
    );
  }
  const reasons = [];
  for (const fetcher of fetchers) {
    const {source, bytes, passed} = await fetcher(release);
    if (bytes) return {bytes, source};
    reasons.push(`  ${source}: ${passed}`);
  }
  throw new Error(
    [`No source of Lua ${release.version} could be reached.`, expected, ...reasons, cure(release)].join('\n'),
  );
}

function cure({url, sha256, tarball}) {
  return (
    `Download ${url} on any machine, check that its SHA-256 is ${sha256}, and run the build again with ` +
    `SLOTH_LUA_TARBALL=/path/to/${tarball}.`
  );
}

/**
 * lua.org's download area.
 * @type {Fetcher}
 */
export async function fetchFromLuaOrg({url}) {
  const source = 'lua.org';
  try {
    const response = await fetch(url, {signal: AbortSignal.timeout(60_000)});
    if (!response.ok) return {source, passed: `HTTP status ${response.status} for ${url}`};
    return {source, bytes: Buffer.from(await response.arrayBuffer())};
  } catch (error) {
    return {source, passed: `${error.cause?.message ?? error.message} (${url})`};
  }
}

// Unpacks beside the final place and renames, so that an interrupted build never leaves half a copy with a stamp.
function unpack(bytes, folder, {name, tarball, sha256}) {
  mkdirSync(folder, {recursive: true});
  const scratch = mkdtempSync(join(folder, `${name}-`));
  const directory = join(folder, name);
  try {
    const result = spawnSync('tar', ['-xzf', '-', '--no-same-owner', '-C', scratch], {
      input: bytes,
      stdio: ['pipe', 'inherit', 'inherit'],
    });
    if (result.status !== 0) {
      throw new Error(`tar could not unpack ${tarball}: ${result.error?.message ?? `exit code ${result.status}`}`);
    }
    writeFileSync(join(scratch, name, stampName), `${sha256}\n`);
    rmSync(directory, {recursive: true, force: true});
    renameSync(join(scratch, name), directory);
  } finally {
    rmSync(scratch, {recursive: true, force: true});
  }
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    const {source} = await obtainLua();
    console.log(`Lua ${lua547.version}: ${source}`);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
