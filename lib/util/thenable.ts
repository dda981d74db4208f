/** Whether it is a promise, or what `await` would treat as one. Asking a hostile object may throw. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
