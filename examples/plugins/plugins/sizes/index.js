import {stat} from 'node:fs/promises';

/** @type {import('sloth-runner/modules').PluginCode} */
export const plugin = ({permissions}) => ({
  /** Bytes of a file. */
  async of(path) {
    const {size} = await stat(await permissions.checkPath('read', String(path)));
    return size;
  },
});
