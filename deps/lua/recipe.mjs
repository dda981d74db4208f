// Obtains Lua's source. The repository holds this recipe and never the source itself.
//
// The first of these wins: a copy unpacked earlier, the file named by SLOTH_LUA_TARBALL, Debian's source package,
// lua.org. Whatever a source hands over is accepted only with the release's SHA-256. A source that has nothing is
// passed over; a source that has something else ends the build, because that is never an accident to ignore.
import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {spawnSync} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {fetchFromDebian} from './debian.mjs';
import {name, sha256, tarball, url, version} from './release.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const stampName = '.unpacked-from-sha256';
const cure =
  `Download ${url} on any machine, check that its SHA-256 is ${sha256}, and run the build again with ` +
  `SLOTH_LUA_TARBALL=/path/to/${tarball}.`;

/**
 * Makes `<folder>/lua-5.4.7` exist and returns `{directory, source}`; `source` says in words where it came from.
 * `fetchers` are tried in order and answer with a tarball's bytes, or with undefined plus a reason in `passed`.
 */
export async function obtainLua({folder = here, env = process.env, fetchers = [fetchFromDebian, fetchFromLuaOrg]} = {}) {
  const directory = join(folder, name);
  const stamp = join(directory, stampName);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8').trim() === sha256) {
    return {directory, source: 'the copy unpacked earlier'};
  }
  const {bytes, source} = await firstTarball(env, fetchers);
  const came = createHash('sha256').update(bytes).digest('hex');
  if (came !== sha256) {
    throw new Error(
      `Lua ${version} from ${source} has the wrong SHA-256.\n  expected ${sha256}\n  came     ${came}\n${cure}`,
    );
  }
  unpack(bytes, folder, directory);
  return {directory, source};
}

async function firstTarball(env, fetchers) {
  const given = env.SLOTH_LUA_TARBALL;
  if (given) {
    if (!existsSync(given)) {
      throw new Error(
        `SLOTH_LUA_TARBALL names ${resolve(given)}, and there is no such file.\n  expected ${tarball} with SHA-256 ${sha256}\n${cure}`,
      );
    }
    return {bytes: readFileSync(given), source: `SLOTH_LUA_TARBALL (${given})`};
  }
  const reasons = [];
  for (const fetcher of fetchers) {
    const answer = await fetcher();
    if (answer.bytes) return answer;
    reasons.push(`  ${answer.source}: ${answer.passed}`);
  }
  throw new Error(
    `No source of Lua ${version} could be reached.\n  expected ${tarball} with SHA-256 ${sha256}\n${reasons.join('\n')}\n${cure}`,
  );
}

/** lua.org's download area. */
export async function fetchFromLuaOrg() {
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
function unpack(bytes, folder, directory) {
  mkdirSync(folder, {recursive: true});
  const scratch = mkdtempSync(join(folder, `${name}-`));
  try {
    const result = spawnSync('tar', ['-xzf', '-', '-C', scratch], {input: bytes, stdio: ['pipe', 'inherit', 'inherit']});
    if (result.error || result.status !== 0) {
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
    console.log(`Lua ${version}: ${source}`);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
