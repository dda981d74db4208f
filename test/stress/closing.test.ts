import {stressTests} from './stress-tests.js';

stressTests('closing');
