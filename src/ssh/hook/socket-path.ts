import { createHash } from 'node:crypto';
import { posix } from 'node:path';

/** The facts that determine where the running extension listens. */
export interface SocketFacts {
  /** The extension's own folder. Every editor, and every profile of an editor, has another one. */
  readonly storage: string;
  /** `XDG_RUNTIME_DIR`, which belongs to this user alone; undefined when it is not set. */
  readonly runtimeFolder: string | undefined;
}

/** Identifies an editor and its profile by the extension's own folder. */
export function editorId(storage: string): string {
  return createHash('sha256').update(storage).digest('hex').slice(0, 16);
}

/** Longest path of a socket: macOS has the lowest limit, 104 bytes with the zero at its end. */
const LONGEST_SOCKET_PATH = 103;

/**
 * The path where the running extension listens for the hook; undefined when no path is short enough. The extension owns the
 * folder and keeps others out of it.
 */
export function socketPath({ storage, runtimeFolder }: SocketFacts): string | undefined {
  const id = editorId(storage);
  const paths = [
    ...(runtimeFolder === undefined ? [] : [posix.join(runtimeFolder, 'knockgate', `${id}.sock`)]),
    posix.join(storage, 'ssh-hook', 'socket'),
  ];
  return paths.find((path) => Buffer.byteLength(path, 'utf8') <= LONGEST_SOCKET_PATH);
}
