import {type Diagnosis, diagnose} from '../diagnosis.js';
import {packageInfo} from '../util/package-info.js';
import {exitCode} from './exit-code.js';

const cure = 'Cure: npx sloth-runner build-native compiles one; it needs a C++20 compiler, make and Python 3.';

/** Prints what the native part finds on this machine; the exit code tells whether it loads. */
export function doctorCommand(): number {
  const diagnosis = diagnose();
  process.stdout.write(renderDiagnosis(diagnosis));
  return diagnosis.lua === undefined ? exitCode.luaError : exitCode.ok;
}

/** Turns a diagnosis into text. */
export function renderDiagnosis({platform, libc, node, nodeApi, lua, attempts}: Diagnosis): string {
  const rows = [
    ['sloth-runner', packageInfo().version],
    ['platform', `${platform}, ${libc}`],
    ['node', `${node}, Node-API ${nodeApi}`],
    ['lua', lua ?? 'none: no native binary loads here'],
  ];
  const facts = rows.map(([name = '', value = '']) => `${name.padEnd(13)} ${value}`);
  const tried = attempts.map(({path, reason}) =>
    reason === undefined ? `  loads   ${path}` : `  fails   ${path}: ${reason}`,
  );
  return `${[...facts, 'binaries', ...tried, ...(lua === undefined ? [cure] : [])].join('\n')}\n`;
}
