import {async} from './async/async.js';
import {crypto} from './crypto/crypto.js';
import {data} from './data/data.js';
import type {ModuleDeclaration} from './declaration.js';
import {env} from './env/env.js';
import {error} from './error/error.js';
import {event} from './event/event.js';
import {exec} from './exec/exec.js';
import {fileOps} from './file-ops/file-ops.js';
import {flow} from './flow/flow.js';
import {fs} from './fs/fs.js';
import {http} from './http/http.js';
import {llm} from './llm/llm.js';
import {math} from './math/math.js';
import {metrics} from './metrics/metrics.js';
import {net} from './net/net.js';
import {notifications} from './notifications/notifications.js';
import {perf} from './perf/perf.js';
import {regex} from './regex/regex.js';
import {reliability} from './reliability/reliability.js';
import {stack} from './stack/stack.js';
import {state} from './state/state.js';
import {strings} from './strings/strings.js';
import {template} from './template/template.js';
import {time} from './time/time.js';
import {tools} from './tools/tools.js';
import {utils} from './utils/utils.js';
import {validate} from './validate/validate.js';
import {watcher} from './watcher/watcher.js';
import {workdir} from './workdir/workdir.js';

/** Every module of the product, in alphabetical order. What they import here is their declaration: their code comes later. */
export const declarations: readonly ModuleDeclaration[] = [
  async,
  crypto,
  data,
  env,
  error,
  event,
  exec,
  fileOps,
  flow,
  fs,
  http,
  llm,
  math,
  metrics,
  net,
  notifications,
  perf,
  regex,
  reliability,
  stack,
  state,
  strings,
  template,
  time,
  tools,
  utils,
  validate,
  watcher,
  workdir,
];
