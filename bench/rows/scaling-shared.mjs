import {scalingRow} from '../support/scaling.mjs';

export const row = scalingRow('shared', 'goroutines of one island');
