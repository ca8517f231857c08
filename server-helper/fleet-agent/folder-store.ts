import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { type Store, StoreFault } from './store.ts';

/** Neither a link to somewhere else is read, nor a pipe waited for. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A folder of this machine, filled by rsync or by a mounted file system. */
export function folderStore(folder: string): Store {
  const read = async (file: string, most: number): Promise<Uint8Array | undefined> => {
    const handle = await opened(join(folder, file), file);
    if (handle === undefined) return undefined;
    try {
      return await contents(handle, file, most);
    } finally {
      await handle.close();
    }
  };
  return { name: folder, read };
}

async function opened(path: string, file: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, FLAGS);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new StoreFault(file, code === 'ELOOP' ? 'it is a symbolic link' : `it cannot be read: ${String(code)}`);
  }
}

async function contents(handle: FileHandle, file: string, most: number): Promise<Uint8Array> {
  const found = await handle.stat();
  if (!found.isFile()) throw new StoreFault(file, 'it is not a file');
  const tooLong = () => new StoreFault(file, `it is longer than ${most} bytes`);
  if (found.size > most) throw tooLong();
  // It may grow meanwhile.
  const bytes = new Uint8Array(found.size + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await handle.read(bytes, length, bytes.length - length, length);
    length += bytesRead;
    if (length === bytes.length) throw new StoreFault(file, 'it grows while it is read');
    if (bytesRead === 0) return bytes.subarray(0, length);
  }
}
