import {parkedRow} from '../support/parked.mjs';

export const row = parkedRow('parallel', 'islands', 4);
