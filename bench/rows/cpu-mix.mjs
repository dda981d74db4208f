import {cpuBoundRow} from '../support/cpu-bound.mjs';

export const row = cpuBoundRow({title: 'tables, a sort and strings in a goroutine', program: 'mix'});
