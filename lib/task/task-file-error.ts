import {SlothError} from '../errors.js';
import {formatProblem, type Problem} from './problem.js';

/** A task file that cannot run (`E_TASK_FILE`): all that is wrong with it. Its message is one line for each problem. */
export class TaskFileError extends SlothError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], cause?: unknown) {
    super('E_TASK_FILE', problems.map(formatProblem).join('\n'), cause === undefined ? {} : {cause});
    this.problems = problems;
  }

  static {
    TaskFileError.prototype.name = 'TaskFileError';
  }
}
