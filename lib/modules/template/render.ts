import {isPlainObject} from '../../util/plain-object.js';
import {asText} from '../../util/text-of.js';
import {luaType} from '../options.js';

type Node =
  | {readonly kind: 'text'; readonly text: string}
  | {readonly kind: 'value'; readonly path: string; readonly filters: readonly string[]; readonly line: number}
  | {
      readonly kind: 'each' | 'if';
      readonly path: string;
      readonly line: number;
      readonly body: Node[];
      readonly otherwise: Node[];
    };

const htmlCharacters: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const filters: Readonly<Record<string, (text: string) => string>> = {
  raw: (text) => text,
  html: (text) => text.replace(/[&<>"']/g, (character) => htmlCharacters[character] ?? character),
  sh: (text) => `'${text.replaceAll("'", "'\\''")}'`,
};

/** What a template looks names up in, the innermost first. */
type Scope = readonly Readonly<Record<string, unknown>>[];

/** Fills a template in. @throws Error with the line of what is wrong. */
export function render(text: string, values: Readonly<Record<string, unknown>>): string {
  return write(parse(text), [values]);
}

function parse(text: string): Node[] {
  const root: Node[] = [];
  const open: {node: Extract<Node, {kind: 'each' | 'if'}>; into: Node[]}[] = [];
  let at = 0;
  const here = (): Node[] => open.at(-1)?.into ?? root;
  for (const match of text.matchAll(/\{\{(.*?)\}\}/gs)) {
    here().push({kind: 'text', text: text.slice(at, match.index)});
    at = match.index + match[0].length;
    const line = text.slice(0, match.index).split('\n').length;
    const inner = (match[1] ?? '').trim();
    const [, block, path = ''] = /^#(each|if)\s+(\S+)$/.exec(inner) ?? [];
    if (block === 'each' || block === 'if') {
      const node = {kind: block, path, line, body: [], otherwise: []} as Extract<Node, {kind: 'each' | 'if'}>;
      here().push(node);
      open.push({node, into: node.body});
    } else if (inner === 'else') {
      const last = open.at(-1);
      if (!last || last.into === last.node.otherwise) throw new Error(`line ${line}: {{else}} without a block`);
      last.into = last.node.otherwise;
    } else if (inner === '/each' || inner === '/if') {
      const last = open.pop();
      if (last?.node.kind !== inner.slice(1)) throw new Error(`line ${line}: {{${inner}}} ends no block that is open`);
    } else {
      const [name = '', ...wanted] = inner.split('|').map((part) => part.trim());
      if (!/^[@\w][\w.@-]*$/.test(name)) throw new Error(`line ${line}: {{${inner}}}: a name such as a.b expected`);
      const unknown = wanted.find((filter) => !Object.hasOwn(filters, filter));
      if (unknown !== undefined)
        throw new Error(`line ${line}: there is no filter '${unknown}'; known: ${Object.keys(filters).join(', ')}`);
      here().push({kind: 'value', path: name, filters: wanted, line});
    }
  }
  const left = open.at(-1);
  if (left) throw new Error(`line ${left.node.line}: {{#${left.node.kind} ${left.node.path}}} does not end`);
  root.push({kind: 'text', text: text.slice(at)});
  return root;
}

function write(nodes: readonly Node[], scope: Scope): string {
  return nodes.map((node) => writeNode(node, scope)).join('');
}

function writeNode(node: Node, scope: Scope): string {
  switch (node.kind) {
    case 'text':
      return node.text;
    case 'value': {
      const value = find(node.path, scope);
      if (value === undefined) throw new Error(`line ${node.line}: '${node.path}' has no value`);
      return node.filters.reduce(
        (text, filter) => (filters[filter] as (text: string) => string)(text),
        shown(value, node),
      );
    }
    case 'if': {
      const value = find(node.path, scope);
      return write(value === undefined || value === false ? node.otherwise : node.body, scope);
    }
    case 'each': {
      const value = find(node.path, scope);
      const isEmpty = value === undefined || (isPlainObject(value) && Object.keys(value).length === 0);
      const items = Array.isArray(value) ? value : isEmpty ? [] : undefined;
      if (!items) throw new Error(`line ${node.line}: '${node.path}' is no list but a ${luaType(value)}`);
      if (items.length === 0) return write(node.otherwise, scope);
      return items
        .map((item: unknown, index) => {
          const own = {this: item, '@index': index + 1};
          return write(node.body, [isPlainObject(item) ? {...item, ...own} : own, ...scope]);
        })
        .join('');
    }
  }
}

function find(path: string, scope: Scope): unknown {
  const [first = '', ...rest] = path.split('.');
  let value: unknown = scope.find((values) => Object.hasOwn(values, first))?.[first];
  for (const name of rest) {
    if (Array.isArray(value)) value = value[Number(name) - 1];
    else value = isPlainObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  }
  return value;
}

function shown(value: unknown, {path, line}: {readonly path: string; readonly line: number}): string {
  if (typeof value === 'object' && !(value instanceof Uint8Array))
    throw new Error(`line ${line}: '${path}' is a table, not a text`);
  if (typeof value === 'function') throw new Error(`line ${line}: '${path}' is a function, not a text`);
  return asText(value);
}
