import type {AnalysisContext} from './context.js';

/** Settings of the runner that are right by themselves and yet cannot be met. */
export function checkRunnerConfig(context: AnalysisContext): void {
  const {config, configPlaces} = context.file;
  const place = (key: string): {file: string; line: number} => configPlaces.get(key) ?? {file: '', line: 0};
  const missing = (key: string, what: string): void => {
    const message = `runner_config: ${what} is not supported yet`;
    if (context.options.allowUnsupported) context.warning(place(key), `${message}: what it promises does not hold`);
    else context.problem(place(key), `${message}; --allow-unsupported runs without what it promises`);
  };
  if (config.dependency_resolution === 'streaming')
    missing('dependency_resolution', `'dependency_resolution' "streaming"`);
}
