// One stress program in a process of its own: `node run-program.mjs <JSON>`. Prints what it counted.
import {Runtime} from '../../dist/index.js';
import {programs, runProgram} from './programs.mjs';

const {name, form, workers, seed} = JSON.parse(process.argv[2] ?? '{}');
const program = programs.find((candidate) => candidate.name === name);
try {
  const counted = await runProgram({Runtime, program, size: program[form], workers, seed});
  console.log(JSON.stringify(counted));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
