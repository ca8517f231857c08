import { createHash } from 'node:crypto';
import { posix } from 'node:path';

/** Facts that decide where the running extension listens. */
export interface SocketPlace {
  /** The extension's own folder; another editor, or another profile of the same, has another. */
  readonly storage: string;
  /** `XDG_RUNTIME_DIR`, of this user alone, when it is there. */
  readonly runtimeFolder: string | undefined;
}

/** Tells editors, and profiles of one editor, from each other by the extension's own folder. */
export function editorId(storage: string): string {
  return createHash('sha256').update(storage).digest('hex').slice(0, 16);
}

/** The shortest that any system takes is macOS's 104, with the zero at its end. */
const LONGEST_SOCKET_PATH = 103;

/**
 * Where the running extension listens for the hook; undefined when there is no place for a socket. Its folder belongs to
 * the extension, which keeps others out of it.
 */
export function socketPath({ storage, runtimeFolder }: SocketPlace): string | undefined {
  const id = editorId(storage);
  const places = [
    ...(runtimeFolder === undefined ? [] : [posix.join(runtimeFolder, 'knockgate', `${id}.sock`)]),
    posix.join(storage, 'ssh-hook', 'socket'),
  ];
  return places.find((place) => Buffer.byteLength(place, 'utf8') <= LONGEST_SOCKET_PATH);
}
