/** A data directory that cannot be used, with the reason and the way out; stops the start. */
export class DataDirectoryError extends Error {
  override name = 'DataDirectoryError';
}

/** Returns what `use` does. Throws a DataDirectoryError where the file system refuses. */
export function inDataDirectory<Result>(dataDir: string, use: () => Result): Result {
  try {
    return use();
  } catch (error) {
    const { syscall, message } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    throw new DataDirectoryError(
      `DATA_DIR ${dataDir} cannot be used: ${message}. Choose a directory that can be written.`,
      { cause: error },
    );
  }
}
