/** The pages whose task files, commands and settings test/documents/task-files.test.ts runs, by language. */
export const taskFilePages: Readonly<Record<string, readonly string[]>> = {
  sloth: ['docs/quick-start.md', 'docs/cache.md', 'docs/task-files.md', 'docs/resume.md'],
  sh: ['README.md', 'docs/quick-start.md', 'docs/migration.md'],
  json: ['docs/editors.md'],
};
