/** True when Lua source has nothing but blanks and comments. */
export function isBlankLua(source: string): boolean {
  const comment = /\s+|--\[(=*)\[[\s\S]*?\]\1\]|--(?!\[=*\[)[^\n]*|^#[^\n]*/y;
  while (comment.lastIndex < source.length) {
    if (!comment.test(source)) return false;
  }
  return true;
}
