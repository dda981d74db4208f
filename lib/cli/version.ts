import {luaVersion} from '../lua-version.js';
import {packageInfo} from '../util/package-info.js';

/** What `--version` prints: this package, the Lua inside, and what they run on. */
export function versionText(): string {
  const {platform, arch, version} = process;
  return `sloth-runner ${packageInfo().version}\n${luaVersion()}\nNode.js ${version}\n${platform} ${arch}\n`;
}
