// The shapes that targets have. `id` is the target's name in the project's list of promises, P1 to P17.

/** At most so much, and at best `stretch`. */
export function atMost(id, limit, unit, stretch) {
  return target(
    id,
    `at most ${limit} ${unit}`,
    (value) => value <= limit,
    stretch,
    unit,
    (value) => value <= stretch,
  );
}

/** At least so much, and at best `stretch`. */
export function atLeast(id, limit, unit, stretch) {
  const holds = (value) => value >= limit;
  return target(id, `at least ${limit} ${unit}`, holds, stretch, unit, (value) => value >= stretch);
}

/** At most so many times what a peer takes; kept also where the peer could not be measured, which the run names. */
export function atMostTimes(id, peer, limit, stretch) {
  const within = (times) => (_value, _ratio, ratios) => ratios[peer] === undefined || ratios[peer] <= times;
  return target(id, `at most ${limit}x ${peer}`, within(limit), stretch, `x ${peer}`, within(stretch));
}

function target(id, text, holds, stretch, unit, reaches) {
  return {id, text, holds, ...(stretch !== undefined && {stretch: {text: `${stretch} ${unit}`, holds: reaches}})};
}
