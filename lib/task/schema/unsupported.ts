/**
 * Keys whose machinery comes later. What only observes gives one warning; what promises protection, place or work of the runner is
 * an error, unless its value is `false` or `--allow-unsupported` is given; the rest is an error. Removing an entry here is how a
 * change takes a key over.
 */
export interface UnsupportedKey {
  readonly on: 'task' | 'workflow' | 'runner_config';
  /** From the top of what it is on, with dots. */
  readonly path: string;
  readonly promises: 'observation' | 'protection' | 'function';
  /** Values that need nothing that is missing. */
  readonly supported?: readonly string[] | undefined;
}

export const unsupportedKeys: readonly UnsupportedKey[] = [
  {on: 'runner_config', path: 'enable_metrics', promises: 'observation'},
  {on: 'runner_config', path: 'metrics_interval', promises: 'observation'},
  {on: 'runner_config', path: 'enable_tracing', promises: 'observation'},
  {on: 'task', path: 'delegate_to', promises: 'protection'},
  {on: 'workflow', path: 'delegate_to', promises: 'protection'},
  {on: 'runner_config', path: 'state_encryption', promises: 'protection'},
  {on: 'runner_config', path: 'state_store', promises: 'protection', supported: ['memory', 'sqlite']},
  ...['workflow', 'runner_config'].flatMap((on) =>
    ['rbac', 'enable_rbac', 'require_tls', 'secret_encryption', 'audit_logging', 'secrets'].map((name) => ({
      on: on as 'workflow' | 'runner_config',
      path: `security.${name}`,
      promises: 'protection' as const,
    })),
  ),
  {on: 'runner_config', path: 'lazy_loading', promises: 'protection'},
  {on: 'task', path: 'next_if_fail', promises: 'function'},
  {on: 'workflow', path: 'on_abort', promises: 'function'},
  {on: 'workflow', path: 'abort_if', promises: 'function'},
  {on: 'workflow', path: 'metadata', promises: 'function'},
  {on: 'workflow', path: 'create_workdir_before_run', promises: 'function'},
  {on: 'workflow', path: 'clean_workdir_after_run', promises: 'function'},
];

/** The entry for a key, if it is one of them. */
export function unsupportedKey(on: UnsupportedKey['on'], path: string): UnsupportedKey | undefined {
  return unsupportedKeys.find((candidate) => candidate.on === on && candidate.path === path);
}
