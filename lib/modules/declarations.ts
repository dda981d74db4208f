import type {ModuleDeclaration} from './declaration.js';
import {env} from './env/env.js';
import {exec} from './exec/exec.js';
import {fs} from './fs/fs.js';

/** Every module of the product, in alphabetical order. What they import here is their declaration: their code comes later. */
export const declarations: readonly ModuleDeclaration[] = [env, exec, fs];
