import {finishedRow} from '../support/finished.mjs';

export const row = finishedRow('shared', 'goroutines of one island');
