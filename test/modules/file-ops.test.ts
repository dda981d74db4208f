import {createHash} from 'node:crypto';
import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {gzipSync} from 'node:zlib';
import {Header} from 'tar';
import {afterAll, beforeEach, describe, expect, it} from 'vitest';
import {Permissions} from '../../lib/modules/permissions.js';
import {serve} from './http/loopback.js';
import {errorWithModules, valuesWithModules} from './module-script.js';

const top = mkdtempSync(join(tmpdir(), 'file-ops-'));
afterAll(() => rmSync(top, {recursive: true}));
let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(top, 'case-'));
});

const values = (source: string, options: {permissions?: Permissions} = {}) =>
  valuesWithModules(`local dir = ... ${source}`, {args: [dir], ...options});
const error = (source: string, options: {permissions?: Permissions} = {}) =>
  errorWithModules(`local dir = ... ${source}`, {args: [dir], ...options});
const write = (name: string, text: string | Uint8Array) => writeFileSync(join(dir, name), text);
const read = (name: string) => readFileSync(join(dir, name), 'utf8');
/** What a call changes when it is made twice. */
const twice = async (call: string) =>
  values(`local first, second = ${call}, ${call} return first.changed, second.changed, (select(2, ${call})).changed`);

interface Packed {
  readonly path: string;
  readonly type?: 'File' | 'Directory' | 'SymbolicLink' | 'Link' | 'CharacterDevice';
  readonly content?: string;
  readonly linkpath?: string;
  readonly size?: number;
}

/** A tar archive with just these headers, however wrong. */
function archive(entries: readonly Packed[]): Buffer {
  const blocks: Buffer[] = [];
  for (const {path, type = 'File', content = '', linkpath, size = Buffer.byteLength(content)} of entries) {
    const header = new Header({
      path,
      type,
      ...(linkpath !== undefined && {linkpath}),
      size,
      mode: 0o644,
      mtime: new Date(1e12),
      uid: 0,
      gid: 0,
    });
    header.encode();
    const padded = Buffer.alloc(Math.ceil(Buffer.byteLength(content) / 512) * 512);
    padded.write(content);
    blocks.push(header.block as Buffer, padded);
  }
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

describe('file_ops', () => {
  it('copies files and directories once', async () => {
    write('a', 'text');
    mkdirSync(join(dir, 'tree/deep'), {recursive: true});
    mkdirSync(join(dir, 'into'));
    write('tree/deep/x', '1');
    expect(await twice('file_ops.copy({src = dir .. "/a", dest = dir .. "/b", mode = "0600"})')).toEqual([
      true,
      false,
      false,
    ]);
    expect([read('b'), statSync(join(dir, 'b')).mode & 0o777]).toEqual(['text', 0o600]);
    expect(await values('return file_ops.copy({src = dir .. "/a", dest = dir .. "/into"}).path')).toEqual([
      `${dir}/into/a`,
    ]);
    expect(await twice('file_ops.copy({src = dir .. "/tree", dest = dir .. "/other"})')).toEqual([true, false, false]);
    expect(read('other/deep/x')).toBe('1');
    expect(await values('return file_ops.copy({src = dir .. "/none", dest = dir .. "/x"})')).toEqual([
      undefined,
      `${dir}/none: no such file or directory`,
    ]);
  });

  it('keeps the old content when it is asked to', async () => {
    write('a', 'new');
    write('b', 'old');
    const [path] = await values('return file_ops.copy({src = dir .. "/a", dest = dir .. "/b", backup = true}).backup');
    expect([read('b'), readFileSync(String(path), 'utf8')]).toEqual(['new', 'old']);
  });

  it.each([
    ['a\nb\n', 'line = "c"', 'a\nb\nc\n'],
    ['a\nb', 'line = "c"', 'a\nb\nc\n'],
    ['', 'line = "c"', 'c\n'],
    ['a=1\na=2\nb\n', 'regexp = "^a=", line = "a=9"', 'a=1\na=9\nb\n'],
    ['x\n', 'regexp = "^a=", line = "a=9", insertbefore = "BOF"', 'a=9\nx\n'],
    ['x\ny\n', 'line = "z", insertafter = "^x"', 'x\nz\ny\n'],
    ['x\ny\n', 'line = "z", insertbefore = "y$"', 'x\nz\ny\n'],
    ['x\ny\n', 'line = "z", insertafter = "none"', 'x\ny\nz\n'],
    ['a\r\nb\r\n', 'line = "c"', 'a\r\nb\r\nc\r\n'],
    ['a\nb\na\n', 'line = "a", state = "absent"', 'b\n'],
    ['a1\nb\na2\n', 'regexp = "^a", state = "absent"', 'b\n'],
  ])('lineinfile: %j with %s', async (before, options, after) => {
    write('f', before);
    expect(await twice(`file_ops.lineinfile({path = dir .. "/f", ${options}})`)).toEqual([true, false, false]);
    expect(read('f')).toBe(after);
  });

  it('makes a file only when it may', async () => {
    expect(await values('return file_ops.lineinfile({path = dir .. "/f", line = "a"})')).toEqual([
      undefined,
      `${dir}/f: no such file or directory`,
    ]);
    expect(await twice('file_ops.lineinfile({path = dir .. "/f", line = "a", create = true})')).toEqual([
      true,
      false,
      false,
    ]);
    expect(read('f')).toBe('a\n');
  });

  it('keeps a block as it is to be', async () => {
    write('f', 'top\nend\n');
    const block = (rest: string) => `file_ops.blockinfile({path = dir .. "/f", marker = "-- {mark}", ${rest}})`;
    expect(await twice(block('block = "x\\ny", insertbefore = "^end"'))).toEqual([true, false, false]);
    expect(read('f')).toBe('top\n-- BEGIN\nx\ny\n-- END\nend\n');
    expect(await twice(block('block = "z"'))).toEqual([true, false, false]);
    expect(read('f')).toBe('top\n-- BEGIN\nz\n-- END\nend\n');
    expect(await twice(block('state = "absent"'))).toEqual([true, false, false]);
    expect(read('f')).toBe('top\nend\n');
  });

  it('replaces in lines', async () => {
    write('f', 'port 80\nport 81\n');
    const call = 'file_ops.replace({path = dir .. "/f", regexp = "^port (\\\\d)(\\\\d)$", replace = "port $2$1"})';
    expect(await values(`local done = ${call} return done.changed, done.count`)).toEqual([true, 2]);
    expect(read('f')).toBe('port 08\nport 18\n');
  });

  it('writes a template once', async () => {
    write('t', 'Hi {{ name }}');
    expect(await twice('file_ops.template({src = dir .. "/t", dest = dir .. "/out", vars = {name = "Ann"}})')).toEqual([
      true,
      false,
      false,
    ]);
    expect(read('out')).toBe('Hi Ann');
  });

  it('loses no edit of a hundred goroutines on one file', async () => {
    const source = `
      local handles = {}
      for i = 1, 100 do handles[i] = goroutine.parallel(function(dir, i) return assert(file_ops.lineinfile({path = dir .. "/f", line = "line " .. i, create = true})).changed end, dir, i) end
      for _, result in ipairs(goroutine.await_all(handles)) do assert(result.success, result.error) end`;
    await values(source);
    expect(new Set(read('f').trim().split('\n')).size).toBe(100);
  });

  it('tells of a path', async () => {
    write('f', 'abc');
    const [info, none] = await values(
      'return file_ops.stat({path = dir .. "/f", checksum = "sha1"}), file_ops.stat({path = dir .. "/none"})',
    );
    expect(info).toMatchObject({
      exists: true,
      type: 'file',
      size: 3,
      checksum: 'a9993e364706816aba3e25717850c26c9cd0d89d',
    });
    expect(none).toEqual({exists: false, path: `${dir}/none`});
  });

  it.each([
    ['file_ops.copy({src = "a"})', "option 'dest' is missing: string expected"],
    ['file_ops.copy({src = "a", dest = "b", mod = 1})', "there is no option 'mod'; did you mean 'mode'?"],
    ['file_ops.copy({src = dir, dest = "b", mode = "rw"})', `option 'mode': a text such as "0644"`],
    ['file_ops.lineinfile({path = dir .. "/f"})', "'line' or 'regexp' expected"],
    [
      'file_ops.lineinfile({path = dir .. "/f", line = "a\\nb"})',
      "option 'line': one line expected; blockinfile takes several",
    ],
    [
      'file_ops.lineinfile({path = dir .. "/f", line = "a", state = "gone"})',
      "option 'state': 'present' or 'absent' expected, got 'gone'",
    ],
    ['fs.write(dir .. "/f", "") file_ops.lineinfile({path = dir .. "/f", line = "a", regexp = "("})', 'no pattern: '],
    [
      'file_ops.blockinfile({path = dir .. "/f", marker = "x"})',
      "option 'marker': one line with {mark} in it expected",
    ],
    [
      'fs.write(dir .. "/f", "# BEGIN MANAGED BLOCK\\n") file_ops.blockinfile({path = dir .. "/f"})',
      'line 1: the block begins, and',
    ],
    ['file_ops.template({dest = dir .. "/x"})', "one of 'src' and 'content' expected"],
    [
      'file_ops.fetch({url = "http://x", dest = dir .. "/x", checksum = "crc:1"})',
      `option 'checksum': a text such as "sha256:<hex>" expected`,
    ],
    [
      'file_ops.stat({path = dir, checksum = "crc"})',
      "option 'checksum': md5, sha1, sha256 or sha512 expected, got 'crc'",
    ],
    ['file_ops.unarchive({src = "a", dest = "b", strip = -1})', "option 'strip': 0 or more expected, got -1"],
  ])('refuses %s', async (source, message) => {
    expect(await error(source)).toContain(message);
  });

  it('does only what it may', async () => {
    write('f', 'a\n');
    const permissions = new Permissions({read: [dir]});
    expect(await error('file_ops.lineinfile({path = dir .. "/f", line = "b"})', {permissions})).toContain(
      '--allow-write',
    );
    const writes = new Permissions({read: [join(dir, 'in')], write: [join(dir, 'in')]});
    mkdirSync(join(dir, 'in'));
    symlinkSync('..', join(dir, 'in/out'));
    expect(await error('file_ops.copy({src = dir .. "/f", dest = dir .. "/in/g"})', {permissions: writes})).toContain(
      '--allow-read',
    );
    expect(
      await error('file_ops.template({content = "x", dest = dir .. "/in/out/x"})', {permissions: writes}),
    ).toContain('--allow-write');
    expect(read('f')).toBe('a\n');
  });
});

describe('file_ops.fetch', () => {
  it('downloads what is not there or another thing', async () => {
    let asked = 0;
    const url = await serve((_request, response) => {
      asked += 1;
      response.end('content');
    });
    const sum = createHash('sha256').update('content').digest('hex');
    const call = `file_ops.fetch({url = "${url}", dest = dir .. "/f", checksum = "sha256:${sum}"})`;
    expect(await twice(call)).toEqual([true, false, false]);
    write('f', 'damaged');
    expect(await twice(call)).toEqual([true, false, false]);
    expect([asked, read('f')]).toEqual([2, 'content']);
    expect(await values(`return file_ops.fetch({url = "${url}", dest = dir .. "/f", force = true}).changed`)).toEqual([
      false,
    ]);
  });

  it('leaves the file alone when another checksum or status comes', async () => {
    const url = await serve((request, response) => {
      response.statusCode = request.url === '/none' ? 404 : 200;
      response.end('content');
    });
    write('f', 'old');
    const [, problem] = await values(
      `return file_ops.fetch({url = "${url}", dest = dir .. "/f", checksum = "md5:00"})`,
    );
    expect(problem).toContain('its checksum is md5:9a0364b9e99bb480dd25e1f0284c8555, not the one that was asked for');
    const [none, status] = await values(`return file_ops.fetch({url = "${url}/none", dest = dir .. "/g"})`);
    expect([none, status]).toEqual([undefined, `GET ${url}/none: status 404`]);
    expect([read('f'), readdirSync(dir)]).toEqual(['old', ['f']]);
  });

  it.each([
    'file_ops.fetch({url = url, dest = dir .. "/f"})',
    'http.download(url, dir .. "/f")',
    'net.download(url, dir .. "/f")',
  ])('is not led by %s to a host that may not be talked to', async (call) => {
    const secret = await serve((_request, response) => response.end('secret'));
    const url = await serve((_request, response) => {
      response.writeHead(302, {location: secret}).end();
    });
    const permissions = new Permissions({read: true, write: true, net: [new URL(url).host]});
    expect(await error(`local url = "${url}" ${call}`, {permissions})).toContain('--allow-net');
    expect(readdirSync(dir)).toEqual([]);
  });

  it('ends with its goroutine', async () => {
    const url = await serve(() => {});
    const source = `
      local handle = goroutine.spawn(function(url, dir) return file_ops.fetch({url = url, dest = dir .. "/f"}) end, "${url}", dir)
      goroutine.sleep(20)
      handle:cancel()
      return handle:await(10000), handle:status()`;
    expect((await values(source)).at(-1)).toBe('cancelled');
    expect(readdirSync(dir)).toEqual([]);
  });
});

describe('file_ops.unarchive', () => {
  const call = (rest = '') => `file_ops.unarchive({src = dir .. "/a.tar", dest = dir .. "/out"${rest}})`;

  it.each([
    ['tar', (bytes: Buffer) => bytes],
    ['tar.gz', (bytes: Buffer) => gzipSync(bytes)],
  ])('unpacks %s once', async (_kind, packed) => {
    const entries: Packed[] = [
      {path: 'top/', type: 'Directory'},
      {path: 'top/file', content: 'text'},
      {path: 'top/link', type: 'SymbolicLink', linkpath: 'file'},
    ];
    write('a.tar', packed(archive(entries)));
    expect(await twice(call(', strip = 1'))).toEqual([true, false, false]);
    expect([read('out/file'), read('out/link')]).toEqual(['text', 'text']);
    write('out/file', 'changed');
    expect(await twice(call(', strip = 1'))).toEqual([true, false, false]);
    expect(read('out/file')).toBe('text');
  });

  it.each([
    ['a path that climbs', [{path: '../x', content: 'x'}], '../x: it would leave the folder'],
    ['a path from the root', [{path: '/tmp/x', content: 'x'}], '/tmp/x: it would leave the folder'],
    ['a path that climbs later', [{path: 'a/../../x', content: 'x'}], 'a/../../x: it would leave the folder'],
    [
      'a link that climbs',
      [{path: 'l', type: 'SymbolicLink', linkpath: '../..'}],
      'l -> ../..: it would leave the folder',
    ],
    [
      'a link to the root',
      [{path: 'l', type: 'SymbolicLink', linkpath: '/etc'}],
      'l -> /etc: it would leave the folder',
    ],
    ['a hard link that climbs', [{path: 'l', type: 'Link', linkpath: '../x'}], 'l -> ../x: it would leave the folder'],
    ['a device', [{path: 'd', type: 'CharacterDevice'}], 'd: a CharacterDevice is not unpacked'],
    [
      'too much',
      [{path: 'big', content: 'x'.repeat(5000)}],
      "more than 4096 bytes would come out of it; option 'max_bytes' allows more",
    ],
    [
      'a size that is a lie',
      [{path: 'big', content: 'x', size: 2 ** 32}],
      "more than 4096 bytes would come out of it; option 'max_bytes' allows more",
    ],
  ] as [string, Packed[], string][])('writes nothing of an archive with %s', async (_name, entries, problem) => {
    write('a.tar', archive([{path: 'before', content: 'x'}, ...entries]));
    expect(await values(`return ${call(', max_bytes = 4096')}`)).toEqual([undefined, `${dir}/a.tar: ${problem}`]);
    expect(readdirSync(dir)).toEqual(['a.tar']);
  });

  it('breaks off a bomb, also behind the end of the archive', async () => {
    write('a.tar', gzipSync(Buffer.concat([archive([{path: 'x', content: 'x'}]), Buffer.alloc(300 * 2 ** 20)])));
    expect(await values(`return ${call(', max_bytes = 4096')}`)).toEqual([
      undefined,
      `${dir}/a.tar: more than 4096 bytes would come out of it; option 'max_bytes' allows more`,
    ]);
  }, 60_000);

  it('says what is no archive', async () => {
    write('a.tar', 'PK\u0003\u0004');
    expect(await values(`return ${call()}`)).toEqual([
      undefined,
      `${dir}/a.tar: it is a zip file; tar and tar.gz are unpacked`,
    ]);
    write('a.tar', 'no archive at all '.repeat(100));
    const [none, problem] = await values(`return ${call()}`);
    expect(none).toBeUndefined();
    expect(problem).toContain(`${dir}/a.tar: `);
    write('a.tar', gzipSync('x'.repeat(2000)).subarray(0, 20));
    expect((await values(`return ${call()}`))[0]).toBeUndefined();
    expect(readdirSync(dir)).toEqual(['a.tar']);
  });
});
