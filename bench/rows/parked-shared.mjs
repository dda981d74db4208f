import {parkedRow} from '../support/parked.mjs';

export const row = parkedRow('shared', 'goroutines of one island', 0.4);
