import {dirname, relative, resolve} from 'node:path';
import {SlothError} from '../../errors.js';
import {tellRunEvents} from '../../modules/event/run-events.js';
import {CacheKeeper, type CacheKeeperOptions} from '../../task/cache/cache-keeper.js';
import {definitionPrint} from '../../task/journal/definition-print.js';
import {Journal} from '../../task/journal/journal.js';
import {JournalingStore} from '../../task/journal/journaling-store.js';
import {recallNothing} from '../../task/journal/recall.js';
import type {EndState, RunSettings} from '../../task/journal/run-records.js';
import {SlothFolder} from '../../task/journal/sloth-folder.js';
import type {Plan} from '../../task/plan.js';
import {type PreparedFile, prepareTaskFile, runPlan, type TaskFileOutcome} from '../../task/run-task-file.js';
import {selectFrom} from '../../task/select.js';
import type {Script} from '../../util/read-script.js';
import {SecretMask} from '../../util/secret-mask.js';
import {sourceText} from '../../util/source-text.js';
import {textOf} from '../../util/text-of.js';
import {exitCode} from '../exit-code.js';
import {chooseView} from '../output/choose-view.js';
import type {LuaOutput} from '../output/lua-output.js';
import type {OutputView, Stream} from '../output/output-view.js';
import {untilDrained} from '../output/until-drained.js';
import {paletteFor} from '../palette.js';
import {renderReport, uncaughtText} from '../render-report.js';
import type {RunFlags} from '../run-command.js';
import {type RunContext, runInRuntime} from '../run-in-runtime.js';
import {type ChosenRun, chooseRun, type RunChoice} from './choose-run.js';
import {moduleConfig} from './module-config.js';
import {planText} from './plan-text.js';
import {predictPlan} from './predict-plan.js';
import {problemsText, problemText} from './problems-text.js';
import {readAssignments} from './read-assignments.js';
import {readConfig} from './read-config.js';
import {readSecrets, type Secrets} from './read-secrets.js';
import {readValues} from './read-values.js';
import {settingsFor, storeChoice} from './run-settings.js';
import type {TaskRunFlags} from './task-flags.js';

/** Used where `resource_limits.max_disk` says nothing. */
const defaultCacheBytes = 2 * 1024 ** 3;

/** Runs a `.sloth` file and returns the exit code. */
export async function runTaskCommand(script: Script, args: readonly string[], flags: RunFlags): Promise<number> {
  const palette = paletteFor(process.stderr);
  try {
    return await new TaskCommand(script, flags).run(args);
  } catch (error) {
    if (!(error instanceof SlothError)) throw error;
    process.stderr.write(`${palette.bad('error:')} ${error.message}\n`);
    return error.code === 'E_VALUE' || error.code === 'E_FILE' ? exitCode.usage : exitCode.luaError;
  }
}

type ReadyFile = Extract<PreparedFile, {kind: 'ready'}>;

class TaskCommand {
  readonly #script: Script;
  readonly #flags: RunFlags;
  readonly #folder: SlothFolder;
  #plan: Plan | undefined;
  #isReading = false;
  #mask = new SecretMask();

  constructor(script: Script, flags: RunFlags) {
    this.#script = script;
    this.#flags = flags;
    this.#folder = SlothFolder.of(script.path);
  }

  async run(args: readonly string[]): Promise<number> {
    const {task} = this.#flags;
    const settings = settingsFor(this.#folder, this.#script.path, task, this.#flags.stack);
    const {values, mask} = await readValues(settings.values, settings.set);
    this.#mask = mask;
    const secrets = await readSecrets(settings.secrets ?? [], mask);
    const mode = task.json ? 'json' : task.output;
    const view = await chooseView({mode, mask, plan: () => this.#plan});
    const print = (stream: Stream, text: string | Uint8Array): Promise<void> | undefined => {
      view.print(stream, bytesOf(text));
      return untilDrained();
    };
    const output: LuaOutput = {
      // What tasks write is told apart, and so it passes through here.
      isDirect: false,
      stdout: (text) => print('stdout', text),
      stderr: (text) => print('stderr', text),
      flush: () => {},
    };
    const scriptArg = [this.#script.path, ...args];
    const handlersStay = (): boolean => this.#isReading;
    const flags = {...this.#flags, ...(settings.stack !== undefined && {stack: settings.stack})};
    const onlyDescribes = task.dryRun;
    return runInRuntime({scriptArg, flags, output, secrets, handlersStay, onlyDescribes}, async (context) => {
      try {
        return await this.#runIn(context, view, settings, values, secrets);
      } finally {
        await view.close();
      }
    });
  }

  async #runIn(
    context: RunContext,
    view: OutputView,
    settings: RunSettings,
    values: Parameters<typeof runPlan>[3]['values'],
    secrets: Secrets,
  ): Promise<number> {
    const {runtime, options, signal, failFast, palette} = context;
    const {mask} = secrets;
    const {task} = this.#flags;
    const config = await readConfig(runtime, this.#script.path, settings.config);
    const params = readAssignments('--param', settings.params);
    const common = {
      run: {...options, failFast},
      values,
      params,
      config,
      allowUnsupported: task.allowUnsupported,
      onlyDescribes: task.dryRun,
      plugins: context.plugins,
      signal,
    };
    this.#isReading = true;
    const prepared = await prepareTaskFile(runtime, this.#script, common);
    this.#isReading = false;
    if (prepared.kind !== 'ready') return this.#verdict(prepared, context);
    const selected = selectFrom(prepared.plan, selectionOf(settings, task));
    if ('problems' in selected)
      return this.#verdict({kind: 'invalid', problems: selected.problems, warnings: []}, context);
    this.#plan = selected;
    context.configure(moduleConfig(selected.settings), selected.settings.permissions, (id) =>
      prepared.host.workdirOf(id),
    );
    if (task.dryRun) {
      const {path} = this.#script;
      const predictions = await predictPlan(selected, path, {sources: prepared.sources, values, secrets, signal});
      process.stdout.write(planText(selected, path, predictions, task.json));
      return exitCode.ok;
    }
    const warn = (message: string): void => {
      const problem = {file: this.#script.path, line: 0, message: mask.text(message)};
      view.emit({kind: 'warning', at: Date.now(), problem});
    };
    const journal = task.journal && prepared.plan.settings.statePersistence ? this.#openJournal() : undefined;
    const failures: unknown[] = [];
    let store: JournalingStore | undefined;
    const onFailure = (error: unknown): void => {
      failures.push(error);
      store?.fail(error);
    };
    const chosen = journal && (await this.#choose(journal, prepared, settings, {onFailure, findSecret: secrets.named}));
    const cache = this.#openCache(selected, {warn, signal, mask, findSecret: secrets.named});
    store = new JournalingStore({
      journal: chosen?.journal,
      recall: chosen?.recall ?? recallNothing,
      takesOver: chosen?.takesOver,
      folder: this.#folder.path,
      cache,
      warn,
      mask,
    });
    const tell = selected.settings.enableEvents ? tellRunEvents(context.events) : undefined;
    try {
      const outcome = await runPlan(selected, prepared, this.#script, {
        ...common,
        emit: (event) => {
          view.emit(event);
          tell?.(event);
          return untilDrained();
        },
        failFast,
        ...(task.maxConcurrency !== undefined && {maxParallel: task.maxConcurrency}),
        store,
        keepTemp: task.keepTemp,
        workers: this.#flags.workers,
        ...(chosen && {runId: chosen.journal.id}),
        ...(chosen?.resumed && {resume: {runId: chosen.journal.id}}),
      });
      await context.events.whenRested();
      await chosen?.journal.end(endStateOf(outcome, signal));
      const code = this.#verdict(outcome, context);
      if (chosen && outcome.kind === 'finished' && !outcome.success && !task.json) this.#sayHowToGoOn(chosen);
      return code;
    } catch (error) {
      await chosen?.journal.leave();
      if (failures.length === 0) throw error;
      process.stderr.write(`${palette.bad('error:')} the journal cannot be written: ${textOf(failures[0])}\n`);
      return exitCode.luaError;
    } finally {
      await cache?.close();
      journal?.close();
    }
  }

  #openJournal(): Journal {
    return Journal.open(this.#folder, storeChoice());
  }

  #choose(
    journal: Journal,
    {plan, sources}: ReadyFile,
    settings: RunSettings,
    rest: Pick<RunChoice, 'onFailure' | 'findSecret'>,
  ): Promise<ChosenRun> {
    const root = dirname(this.#folder.path);
    const named = (path: string): string => (path.includes(':') ? path : relative(root, resolve(path)));
    const definition = definitionPrint(plan, sources, named);
    return chooseRun({journal, flags: this.#flags.task, plan: this.#plan ?? plan, settings, definition, ...rest});
  }

  #openCache(
    plan: Plan,
    {warn, signal, mask, findSecret}: Pick<CacheKeeperOptions, 'warn' | 'signal' | 'mask' | 'findSecret'>,
  ): CacheKeeper | undefined {
    const isUsed = plan.workflows.some(({tasks}) => tasks.some(({cache}) => cache.enabled && cache.asked));
    const {limits, optimizationLevel} = plan.settings;
    // Results of other runs make room, too, where there is a limit.
    const mayGiveBack = limits.diskBytes !== undefined;
    if (!mayGiveBack && (!isUsed || optimizationLevel === 'none')) return undefined;
    const maxBytes = limits.diskBytes ?? defaultCacheBytes;
    return new CacheKeeper({folder: this.#folder.create().cache, maxBytes, warn, signal, mask, findSecret});
  }

  #verdict(outcome: TaskFileOutcome, {palette, signal}: RunContext): number {
    const source = sourceText(this.#script.source);
    const say = (text: string): void => {
      if (text !== '' && !signal.aborted) process.stderr.write(`${this.#mask.text(text)}\n`);
    };
    switch (outcome.kind) {
      case 'script':
      case 'unreadable': {
        const {text, code} = renderReport(outcome.report, source, palette);
        const problems = outcome.kind === 'unreadable' ? outcome.problems : [];
        say([...problems.map((problem) => problemText(problem, palette)), text].filter(Boolean).join('\n'));
        return code;
      }
      case 'invalid':
        say(problemsText(outcome.problems, palette));
        return exitCode.syntax;
      case 'finished': {
        const called = outcome.workflows.find((workflow) => workflow.exitCode !== undefined)?.exitCode;
        if (called !== undefined) return called & 0xff;
        if (outcome.workflows.some(({needsAttention}) => needsAttention)) return exitCode.needsAttention;
        if (!outcome.success) return exitCode.tasksFailed;
        if (outcome.uncaught === 0) return exitCode.ok;
        say(uncaughtText(outcome.uncaught, palette));
        return exitCode.luaError;
      }
    }
  }

  #sayHowToGoOn({journal}: ChosenRun): void {
    const {quiet} = paletteFor(process.stderr);
    if (this.#script.path === '-') return;
    process.stderr.write(quiet(`go on with it: sloth-runner run ${this.#script.path} --resume ${journal.id}\n`));
  }
}

function bytesOf(text: string | Uint8Array): Uint8Array {
  return typeof text === 'string' ? Buffer.from(text) : text;
}

function selectionOf({workflow, tasks}: RunSettings, {only}: TaskRunFlags): Parameters<typeof selectFrom>[1] {
  return {workflow, tasks: only === undefined ? tasks : [only]};
}

function endStateOf(outcome: TaskFileOutcome, {aborted}: AbortSignal): EndState {
  if (outcome.kind !== 'finished') return 'failed';
  if (outcome.workflows.some(({needsAttention}) => needsAttention)) return 'needs attention';
  if (outcome.success) return 'succeeded';
  return aborted ? 'cancelled' : 'failed';
}
