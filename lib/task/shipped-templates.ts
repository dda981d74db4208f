import {didYouMean} from '../util/did-you-mean.js';
import docker from './lua/templates/docker.lua';
import git from './lua/templates/git.lua';
import node from './lua/templates/node.lua';

const templates: Readonly<Record<string, string>> = {docker, git, node};

/** The source of a template that ships with the product: `import("sloth:NAME")`. */
export function shippedTemplate(name: string): string | {readonly problem: string} {
  const found = Object.hasOwn(templates, name) ? templates[name] : undefined;
  if (found !== undefined) return found;
  const guess = didYouMean(name, Object.keys(templates));
  const cure = guess ? `did you mean 'sloth:${guess}'?` : `there are ${Object.keys(templates).join(', ')}`;
  return {problem: `no template 'sloth:${name}' ships with sloth-runner (${cure})`};
}
