import type {CommandEntry, FlagEntry} from './command-tree.js';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** The text that makes a shell complete `sloth-runner`. */
export function completionScript(shell: Shell, commands: readonly CommandEntry[]): string {
  return {bash, zsh, fish}[shell](commands);
}

function bash(commands: readonly CommandEntry[]): string {
  const cases = commands.map(({name, flags, choices, takesPath}) => {
    const values = flags
      .filter((flag) => flag.choices.length > 0)
      .map(
        (flag) =>
          `        ${flag.names.join('|')}) COMPREPLY=($(compgen -W '${flag.choices.join(' ')}' -- "$word")); return ;;`,
      );
    const others = flags.filter((flag) => flag.takesValue && flag.choices.length === 0).flatMap(({names}) => names);
    const words = flags.flatMap(({names}) => names).join(' ');
    const rest = takesPath
      ? 'COMPREPLY=($(compgen -f -- "$word"))'
      : `COMPREPLY=($(compgen -W '${choices.join(' ')}' -- "$word"))`;
    return [
      `    ${name})`,
      '      case "$before" in',
      ...values,
      ...(others.length > 0 ? [`        ${others.join('|')}) COMPREPLY=($(compgen -f -- "$word")); return ;;`] : []),
      '      esac',
      `      if [[ $word == -* ]]; then COMPREPLY=($(compgen -W '${words}' -- "$word"))`,
      `      else ${rest}; fi ;;`,
    ].join('\n');
  });
  return `# sloth-runner completion bash > /etc/bash_completion.d/sloth-runner, or: source <(sloth-runner completion bash)
_sloth_runner() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W '${commands.map(({name}) => name).join(' ')} --help --version' -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
}
complete -o filenames -F _sloth_runner sloth-runner
`;
}

function zsh(commands: readonly CommandEntry[]): string {
  const cases = commands.map(({name, flags, choices, takesPath}) => {
    const specs = flags.flatMap((flag) => flag.names.map((spelling) => zshFlag(spelling, flag)));
    const rest = choices.length > 0 ? `'1: :(${choices.join(' ')})'` : takesPath ? "'*:file:_files'" : '';
    return `    ${name}) _arguments ${[...specs, rest].filter(Boolean).join(' ')} ;;`;
  });
  const list = commands.map(({name, summary}) => `    ${quoted(`${name}:${summary}`)}`);
  return `#compdef sloth-runner
# sloth-runner completion zsh > "\${fpath[1]}/_sloth-runner"
_sloth_runner() {
  local -a commands
  commands=(
${list.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe 'command' commands
    return
  fi
  local command=\${words[2]}
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join('\n')}
  esac
}
if [ "$funcstack[1]" = _sloth_runner ]; then _sloth_runner "$@"; else compdef _sloth_runner sloth-runner; fi
`;
}

function zshFlag(spelling: string, {description, takesValue, choices}: FlagEntry): string {
  const about = description.replaceAll(/[[\]:\\]/g, (sign) => `\\${sign}`);
  const value = choices.length > 0 ? `: :(${choices.join(' ')})` : takesValue ? ': :_files' : '';
  return quoted(`${spelling}[${about}]${value}`);
}

function fish(commands: readonly CommandEntry[]): string {
  const lines = commands.flatMap(({name, summary, flags, choices, takesPath}) => {
    const within = `-n '__fish_seen_subcommand_from ${name}'`;
    return [
      `complete -c sloth-runner -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`,
      ...(choices.length > 0 ? [`complete -c sloth-runner ${within} -f -a '${choices.join(' ')}'`] : []),
      ...(takesPath || choices.length > 0 ? [] : [`complete -c sloth-runner ${within} -f`]),
      ...flags.map((flag) => {
        const names = flag.names.map((spelling) =>
          spelling.startsWith('--') ? `-l ${spelling.slice(2)}` : `-s ${spelling[1]}`,
        );
        const value = flag.choices.length > 0 ? ` -x -a '${flag.choices.join(' ')}'` : flag.takesValue ? ' -r' : '';
        return `complete -c sloth-runner ${within} ${names.join(' ')}${value} -d ${quoted(flag.description)}`;
      }),
    ];
  });
  return `# sloth-runner completion fish > ~/.config/fish/completions/sloth-runner.fish\n${lines.join('\n')}\n`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
