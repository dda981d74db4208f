import {SlothError} from '../../errors.js';
import {type PreparedFile, type PrepareOptions, prepareTaskFile} from '../../task/run-task-file.js';
import {readScript, type Script} from '../../util/read-script.js';
import type {SecretMask} from '../../util/secret-mask.js';
import {sourceText} from '../../util/source-text.js';
import {exitCode} from '../exit-code.js';
import {maskedOutput} from '../output/lua-output.js';
import {processStreams} from '../output/output-view.js';
import {type Palette, paletteFor} from '../palette.js';
import {renderReport} from '../render-report.js';
import {noRunFlags, type RunContext, runInRuntime} from '../run-in-runtime.js';
import {problemsText, problemText} from './problems-text.js';
import {readAssignments} from './read-assignments.js';
import {readConfig} from './read-config.js';
import {readSecrets, type Secrets} from './read-secrets.js';
import {readValues} from './read-values.js';
import type {TaskFileFlags} from './task-flags.js';

export type ReadyFile = Extract<PreparedFile, {kind: 'ready'}>;

/** A task file that was read and checked. */
export interface OpenTaskFile {
  readonly script: Script;
  readonly file: ReadyFile;
  readonly mask: SecretMask;
  readonly values: PrepareOptions['values'];
  readonly secrets: Secrets;
  readonly context: RunContext;
}

/** Reads and checks a task file without running any task; effects of its top level are refused. */
export async function withTaskFile(
  path: string,
  flags: TaskFileFlags,
  work: (file: OpenTaskFile) => Promise<number> | number,
): Promise<number> {
  const palette = paletteFor(process.stderr);
  try {
    const script = await readScript(path);
    const {values, mask} = await readValues(flags.values, flags.set);
    const secrets = await readSecrets(flags.secrets, mask);
    const params = readAssignments('--param', flags.param);
    const output = maskedOutput(mask, processStreams);
    const surroundings = {scriptArg: [path], flags: noRunFlags, output, secrets, onlyDescribes: true};
    return await runInRuntime(surroundings, async (context) => {
      const {runtime, options: run, signal, plugins} = context;
      const config = await readConfig(runtime, path, flags.config);
      const {allowUnsupported} = flags;
      const common = {run, values, params, config, allowUnsupported, signal, plugins, onlyDescribes: true};
      const prepared = await prepareTaskFile(runtime, script, common);
      if (prepared.kind !== 'ready') return refuse(prepared, script, palette, mask);
      return work({script, file: prepared, mask, values, secrets, context});
    });
  } catch (error) {
    if (!(error instanceof SlothError)) throw error;
    process.stderr.write(`${palette.bad('error:')} ${error.message}\n`);
    return exitCode.usage;
  }
}

function refuse(
  prepared: Exclude<PreparedFile, ReadyFile>,
  script: Script,
  palette: Palette,
  mask: SecretMask,
): number {
  const say = (text: string): void => void process.stderr.write(`${mask.text(text)}\n`);
  switch (prepared.kind) {
    case 'script':
      say(`${palette.bad('error:')} ${script.path} defines neither a task nor a workflow`);
      return exitCode.syntax;
    case 'invalid':
      for (const warning of prepared.warnings) say(problemText(warning, palette, 'warning'));
      say(problemsText(prepared.problems, palette));
      return exitCode.syntax;
    case 'unreadable': {
      const {text, code} = renderReport(prepared.report, sourceText(script.source), palette);
      for (const problem of prepared.problems) say(problemText(problem, palette));
      say(text);
      return code;
    }
  }
}
