import {expect, it} from 'vitest';
import {CommandLine} from './command-line.js';

const line = new CommandLine();

/** What bash offers for a command line whose last word is being typed. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const array = words.map((word) => `'${word}'`).join(' ');
  const {stdout, stderr} = await line.shell(
    `eval "$(sloth-runner completion bash)"
     COMP_WORDS=(sloth-runner ${array}); COMP_CWORD=${words.length}; _sloth_runner; printf '%s\\n' "\${COMPREPLY[@]}"`,
  );
  expect(stderr).toBe('');
  return stdout.split('\n').filter(Boolean);
}

it('bash completes commands, their flags, choices of flags and arguments, and files', async () => {
  line.write('build.sloth', '');
  expect(await offered('exp')).toEqual(['explore']);
  expect(await offered('run', '--log')).toEqual(['--log-level']);
  expect(await offered('run', '--log-level', 'w')).toEqual(['warn']);
  expect(await offered('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  expect(await offered('run', 'bui')).toEqual(['build.sloth']);
});

it('scripts for every shell name every command', async () => {
  const help = await line.run(['--help']);
  const commands = [...(help.stdout.split('Commands:')[1]?.split('\n\n')[0] ?? '').matchAll(/^ {2}([a-z-]+) /gm)]
    .map(([, name]) => name ?? '')
    .filter((name) => name !== 'help');
  expect(commands.length).toBeGreaterThan(5);
  for (const shell of ['bash', 'zsh', 'fish']) {
    const {stdout, code} = await line.run(['completion', shell]);
    expect(code).toBe(0);
    for (const command of commands) expect(stdout).toMatch(new RegExp(`\\b${command}\\b`));
  }
});

it('another shell is wrong usage that names those there are', async () => {
  const {code, stderr} = await line.run(['completion', 'tcsh']);
  expect(code).toBe(2);
  expect(stderr).toContain('bash, zsh, fish');
});
