import {cpuBoundRow} from '../support/cpu-bound.mjs';

export const row = cpuBoundRow({title: 'fib(30) in a goroutine', program: 'fib'});
