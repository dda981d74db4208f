import {scalingRow} from '../support/scaling.mjs';

export const row = scalingRow('parallel', 'islands');
