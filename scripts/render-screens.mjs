// Draws what `run` shows on a terminal into docs/images/run-*.svg: runs the task file below in a pseudo terminal, keeps the screen
// in the middle of the run and at its end. Needs `script` of util-linux and a build (`npm run build`).
import {spawn} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import xterm from '@xterm/headless';

const columns = 76;
const rows = 16;
const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const images = new URL('../docs/images/', import.meta.url);

const program = `
task("prepare"):command("sleep 0.4; echo prepared")
task("compile"):depends_on("prepare"):command(function()
    for part = 1, 4 do print("compiling part " .. part) goroutine.sleep(400) end
end)
task("lint"):depends_on("prepare"):command("sleep 0.7; echo clean")
task("test"):depends_on("compile"):command("sleep 0.5")
task("package"):depends_on("test", "lint"):command("sleep 0.2")
workflow.define("nightly", {tasks = {"prepare", "compile", "lint", "test", "package"}})
`;

/** When the screen is kept: the name of its image, and ms after the workflow began; nothing for the end. */
const moments = [
  {name: 'run-live', afterMs: 1500},
  {name: 'run-done', afterMs: undefined},
];

const [charWidth, lineHeight, margin] = [8.4, 19, 14];
const palette = ['#484f58', '#ff7b72', '#3fb950', '#d29922', '#58a6ff', '#bc8cff', '#39c5cf', '#b1bac4'];
const plain = '#e6edf3';

const folder = mkdtempSync(join(tmpdir(), 'sloth-screens-'));
try {
  writeFileSync(join(folder, 'build.sloth'), program);
  await capture();
} finally {
  rmSync(folder, {recursive: true});
}

async function capture() {
  const terminal = new xterm.Terminal({cols: columns, rows, allowProposedApi: true, convertEol: false});
  terminal.write('$ sloth-runner run build.sloth\r\n');
  const command = `stty cols ${columns} rows ${rows}; exec '${process.execPath}' '${main}' run build.sloth --no-journal`;
  const env = {...process.env, TERM: 'xterm-256color', FORCE_COLOR: '1', CI: ''};
  const child = spawn('script', ['-qfec', command, '/dev/null'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [live, done] = moments;
  child.stdout.on('data', (bytes) => terminal.write(bytes));
  child.stdout.once('data', () => setTimeout(() => terminal.write('', () => save(live.name, terminal)), live.afterMs));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`the run ended with ${code}`);
  await new Promise((resolve) => terminal.write('', resolve));
  save(done.name, terminal);
}

function save(name, terminal) {
  writeFileSync(new URL(`${name}.svg`, images), svgOf(terminal.buffer.active));
}

function svgOf(buffer) {
  const lines = Array.from({length: rows}, (_, row) => buffer.getLine(buffer.baseY + row));
  const used = lines.findLastIndex((line) => line?.translateToString(true)) + 1;
  const [width, height] = [columns * charWidth + 2 * margin, used * lineHeight + 2 * margin];
  const texts = lines.slice(0, used).flatMap((line, row) => runsOf(line).map((run) => textOf(run, row)));
  const family = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace";
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width.toFixed(0)}" height="${height}" role="img" aria-label="what run shows on a terminal">`,
    `<rect width="100%" height="100%" rx="8" fill="#0d1117"/>`,
    `<g font-family="${family}" font-size="14" xml:space="preserve">`,
    ...texts,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

/** Neighbours that look alike, as {from, text, color, bold}. */
function runsOf(line) {
  const runs = [];
  for (let column = 0; column < columns; column += 1) {
    const cell = line?.getCell(column);
    const text = cell?.getChars() || ' ';
    const look = {color: colorOf(cell), bold: Boolean(cell?.isBold()), dim: Boolean(cell?.isDim())};
    const last = runs.at(-1);
    if (last && last.color === look.color && last.bold === look.bold && last.dim === look.dim) last.text += text;
    else runs.push({from: column, text, ...look});
  }
  return runs.filter(({text}) => text.trim() !== '');
}

function colorOf(cell) {
  if (!cell?.isFgPalette()) return plain;
  const index = cell.getFgColor();
  return index < 16 ? palette[index % 8] : plain;
}

function textOf({from, text, color, bold, dim}, row) {
  const [x, y] = [margin + from * charWidth, margin + (row + 0.75) * lineHeight];
  const escaped = text.trimEnd().replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const look = `fill="${color}"${bold ? ' font-weight="bold"' : ''}${dim ? ' opacity="0.6"' : ''}`;
  const length = (text.trimEnd().length * charWidth).toFixed(1);
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" textLength="${length}" ${look}>${escaped}</text>`;
}
