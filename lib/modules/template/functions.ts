import {readFile} from 'node:fs/promises';
import {fileProblem} from '../../util/file-problem.js';
import {isPlainObject} from '../../util/plain-object.js';
import {asText} from '../../util/text-of.js';
import type {Implementations} from '../declaration.js';
import type {ModuleServices} from '../services.js';
import {render} from './render.js';

export function create({permissions}: ModuleServices): Implementations {
  return {
    render(text, values) {
      if (!isPlainObject(values)) throw new Error('values: a table with names expected');
      return render(asText(text), values);
    },
    async load(path) {
      const real = await permissions.checkPath('read', asText(path));
      try {
        return await readFile(real);
      } catch (error) {
        throw new Error(fileProblem(error, asText(path)) ?? String(error));
      }
    },
  };
}
