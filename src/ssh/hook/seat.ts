import { chmodSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect, type Server } from 'node:net';
import { dirname } from 'node:path';
import { replaceFile } from '../../os/atomic-file.ts';
import type { Clock } from '../../os/clock.ts';
import { withLock } from '../../os/file-lock.ts';
import { systemErrorCode } from '../../os/system-error.ts';
import { makeOwnFolder } from './own-folder.ts';
import { isOrphanedPipe, isPipeName, pipeName } from './pipe-name.ts';

export interface SeatIo {
  readonly platform: NodeJS.Platform;
  readonly clock: Clock;
  /** A server that does not listen yet. */
  readonly newServer: () => Server;
  /** Unique to each call. */
  readonly token: () => string;
}

/**
 * One window of the editor answers the hook. All others look from time to time whether it still does, and the first to
 * see that it does not takes its place.
 */
export class Seat {
  private readonly path: string;
  private readonly io: SeatIo;
  private server: Server | undefined;
  private inode: string | undefined;
  private isTrying = false;
  private isLeft = false;

  /** @param path of a socket in a folder of ours; on Windows of a file that names the pipe */
  constructor(path: string, io: SeatIo) {
    this.path = path;
    this.io = io;
  }

  /** Whether it is this window that answers. */
  get isTaken(): boolean {
    return this.server !== undefined;
  }

  /**
   * Takes the seat when nobody has it.
   * @throws the system's error when there can be no socket
   */
  async tryToTake(): Promise<void> {
    if (this.isTrying || this.isLeft) return;
    this.isTrying = true;
    try {
      if (!this.isStillOurs()) await this.take();
    } finally {
      this.isTrying = false;
    }
  }

  /** Gives the seat up for good. */
  leave(): void {
    this.isLeft = true;
    this.release();
  }

  /** Something that tidies up may have removed the socket: then nobody finds this server any more. */
  private isStillOurs(): boolean {
    if (this.server === undefined) return false;
    if (this.inodeThere() === this.inode) return true;
    this.release();
    return false;
  }

  private release(): void {
    if (this.server === undefined) return;
    this.server.close();
    this.server = undefined;
    // Another window may have taken the seat meanwhile.
    if (this.isPipe && this.inodeThere() === this.inode) rmSync(this.path, { force: true });
  }

  private async take(): Promise<void> {
    // Nobody else may be able to get at the socket in the moment before it has its mode.
    // On Windows the profile keeps others out.
    if (this.isPipe) mkdirSync(dirname(this.path), { recursive: true });
    else makeOwnFolder(dirname(this.path));
    const found = this.inodeThere();
    if (found !== undefined && (await isAnswered(this.isPipe ? found : this.path))) return;
    const server = this.io.newServer();
    const listening = await withLock(
      `${this.path}.lock`,
      this.io.token(),
      (ms) => this.io.clock.sleep(ms),
      // Only what was seen to be dead is removed: meanwhile it may be the living socket of another window.
      () => {
        if (this.inodeThere() !== found) return undefined;
        // Binds before it returns, so within the lock.
        if (this.isPipe) return this.listen(server, this.namePipe());
        rmSync(this.path, { force: true });
        return this.listen(server, this.path);
      },
    );
    await listening;
  }

  private listen(server: Server, place: string): Promise<void> {
    return new Promise((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'EADDRINUSE') resolve();
        else reject(error);
      });
      server.listen(place, () => {
        try {
          this.begin(server);
          resolve();
        } catch (error) {
          server.close();
          reject(error);
        }
      });
    });
  }

  private begin(server: Server): void {
    // Where the path is too long for the system it was cut off, and there is nothing at the whole of it.
    if (!this.isPipe) chmodSync(this.path, 0o600);
    this.inode = this.inodeThere();
    this.server = server;
    if (this.isLeft) this.release();
  }

  private get isPipe(): boolean {
    return this.io.platform === 'win32';
  }

  /** A name of its own for each pipe, told by a file that others cannot read: there is no name to take beforehand. */
  private namePipe(): string {
    const pipe = pipeName(process.pid, this.io.token());
    replaceFile(this.path, `${pipe}\r\n`, this.io.token(), false);
    return pipe;
  }

  /** Identity of the socket, to tell it from another at the same place: its inode, or on Windows the name of the pipe. */
  private inodeThere(): string | undefined {
    if (this.isPipe) return pipeIn(this.path);
    const found = statSync(this.path, { bigint: true, throwIfNoEntry: false });
    return found === undefined ? undefined : `${found.dev}:${found.ino}:${found.birthtimeNs}`;
  }
}

/** The pipe that a file names; undefined when there is no such file, or when something else is in it. */
export function pipeIn(file: string): string | undefined {
  try {
    const name = /^(.*)\r\n$/.exec(readFileSync(file, 'latin1'))?.[1] ?? '';
    return isPipeName(name) ? name : undefined;
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return undefined;
  }
}

/** A process that died has left its socket behind, or the file that names its pipe; one that hangs still has it. */
async function isAnswered(path: string): Promise<boolean> {
  if (isOrphanedPipe(path)) return false;
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
