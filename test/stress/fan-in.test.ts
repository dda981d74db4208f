import {stressTests} from './stress-tests.js';

stressTests('fan-in');
