import type {AnalysisContext} from './context.js';

/** Settings of the runner that are right by themselves and yet cannot be met. */
export function checkRunnerConfig(context: AnalysisContext): void {
  const {config, configPlaces} = context.file;
  const place = (key: string): {file: string; line: number} => configPlaces.get(key) ?? {file: '', line: 0};
  const missing = (key: string, what: string): void =>
    context.problem(place(key), `runner_config: ${what} is not supported yet`);
  if (config.dependency_resolution === 'streaming')
    missing('dependency_resolution', `'dependency_resolution' "streaming"`);
  if (config.resource_limits?.max_disk !== undefined) missing('resource_limits', "'resource_limits.max_disk'");
  if (config.resource_limits?.max_network_bandwidth !== undefined) {
    missing('resource_limits', "'resource_limits.max_network_bandwidth'");
  }
}
