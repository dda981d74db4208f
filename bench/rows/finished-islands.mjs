import {finishedRow} from '../support/finished.mjs';

export const row = finishedRow('parallel', 'islands');
