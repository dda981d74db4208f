import type {TaskResult} from '../../task/outcome.js';

/**
 * Commands that the runner of GitHub Actions reads from output
 * (https://docs.github.com/actions/reference/workflow-commands-for-github-actions).
 */
export const annotations = {
  /** Everything until {@link annotations.endGroup} is folded under the title. */
  group: (title: string): string => `::group::${data(title)}\n`,
  endGroup: '::endgroup::\n',
  /** Marks a failed task, at the line its message names. */
  failure: ({task, outcome}: TaskResult): string => {
    if (outcome.kind !== 'failed') return '';
    const {message} = outcome.failure;
    const [, file, line] = /^([^\s:]+):(\d+): /.exec(message) ?? [];
    const place = file && line ? `file=${property(file)},line=${line},` : '';
    return `::error ${place}title=${property(`task ${task} failed`)}::${data(message)}\n`;
  },
};

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
