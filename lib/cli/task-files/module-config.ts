import type {RunnerSettings} from '../../task/plan.js';
import type {ModuleConfig} from '../run-in-runtime.js';

/** What a task file's `runner_config` says to the modules, by the keys under which they look for it. */
export function moduleConfig({asWritten, circuitBreakers, notifications, enableEvents}: RunnerSettings): ModuleConfig {
  const breakers = Object.entries(circuitBreakers).map(([name, options]) => [
    name,
    {
      failure_threshold: options.failureThreshold,
      recovery_timeout: `${options.recoveryMs}ms`,
      half_open_requests: options.halfOpenRequests,
    },
  ]);
  return {
    ...asWritten,
    circuit_breakers: Object.fromEntries(breakers),
    enable_events: enableEvents,
    ...(notifications !== undefined && {notifications}),
  };
}
