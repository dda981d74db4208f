const texts: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EEXIST: 'it exists already',
  EISDIR: 'it is a directory',
  ENOTDIR: 'it is not a directory',
  ENOTEMPTY: 'the directory is not empty',
  ENOSPC: 'no space is left on the device',
  EROFS: 'the file system is read-only',
  ELOOP: 'too many links',
  ENAMETOOLONG: 'the name is too long',
  EMFILE: 'too many files are open',
  EXDEV: 'it is on another file system',
  EBUSY: 'it is in use',
};

/** What went wrong with a file, as `path: no such file or directory`; undefined for an error that no file caused. */
export function fileProblem(error: unknown, path: string): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const {code} = error as NodeJS.ErrnoException;
  if (code === undefined || !/^E[A-Z\d]+$/.test(code)) return undefined;
  return `${path}: ${texts[code] ?? error.message.replace(/^E[A-Z\d]+: /, '').replace(/, \w+ '.*$/s, '')}`;
}
