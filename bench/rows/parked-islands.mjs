import {parkedRow} from '../support/parked.mjs';

export const row = parkedRow('parallel', 'islands', {limitGib: 4, kibEach: 28, stretchKibEach: 16});
