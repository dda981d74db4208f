import {parkedRow} from '../support/parked.mjs';

export const row = parkedRow('shared', 'goroutines of one island', {limitGib: 0.4, kibEach: 1.6, stretchKibEach: 1.3});
