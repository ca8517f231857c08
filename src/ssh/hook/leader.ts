import { chmodSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect, type Server } from 'node:net';
import { dirname } from 'node:path';
import { replaceFile } from '../../os/atomic-file.ts';
import type { Clock } from '../../os/clock.ts';
import { withLock } from '../../os/file-lock.ts';
import { systemErrorCode } from '../../os/system-error.ts';
import { makeOwnFolder } from './own-folder.ts';
import { isOrphanedPipe, isPipeName, pipeName } from './pipe-name.ts';

export interface LeaderIo {
  readonly platform: NodeJS.Platform;
  readonly clock: Clock;
  /** Makes a server that does not listen yet. */
  readonly newServer: () => Server;
  /** Returns another text at each call. */
  readonly token: () => string;
}

/**
 * The leader among the editor's windows: the one that answers the hook. All others look from time to time whether it still
 * does, and the first that finds it gone takes over.
 */
export class HookLeader {
  private readonly path: string;
  private readonly io: LeaderIo;
  private server: Server | undefined;
  private ownIdentity: string | undefined;
  private isTrying = false;
  private hasResigned = false;

  /** @param path of a socket in a folder of ours; on Windows of a file that names the pipe */
  constructor(path: string, io: LeaderIo) {
    this.path = path;
    this.io = io;
  }

  /** Whether this window answers the hook. */
  get isLeading(): boolean {
    return this.server !== undefined;
  }

  /**
   * Makes this window the leader if there is none.
   * @throws the system's error when there can be no socket
   */
  async tryToLead(): Promise<void> {
    if (this.isTrying || this.hasResigned) return;
    this.isTrying = true;
    try {
      if (!this.isStillOurs()) await this.lead();
    } finally {
      this.isTrying = false;
    }
  }

  /** Stops leading, and never leads again. */
  resign(): void {
    this.hasResigned = true;
    this.release();
  }

  /** Whether the socket is still this window's. A program that cleans up may have removed it: then nobody finds this server. */
  private isStillOurs(): boolean {
    if (this.server === undefined) return false;
    if (this.identity() === this.ownIdentity) return true;
    this.release();
    return false;
  }

  private release(): void {
    if (this.server === undefined) return;
    this.server.close();
    this.server = undefined;
    // Another window may have become the leader meanwhile.
    if (this.isPipe && this.identity() === this.ownIdentity) rmSync(this.path, { force: true });
  }

  private async lead(): Promise<void> {
    // The folder keeps others out until the socket has its mode; on Windows the profile does.
    if (this.isPipe) mkdirSync(dirname(this.path), { recursive: true });
    else makeOwnFolder(dirname(this.path));
    const found = this.identity();
    if (found !== undefined && (await isAnswered(this.isPipe ? found : this.path))) return;
    const server = this.io.newServer();
    const listening = await withLock(
      `${this.path}.lock`,
      this.io.token(),
      (ms) => this.io.clock.sleep(ms),
      // Removes only what was found dead: meanwhile another window may have made a socket there.
      () => {
        if (this.identity() !== found) return undefined;
        // `listen` binds before it returns, so within the lock.
        if (this.isPipe) return this.listen(server, this.namePipe());
        rmSync(this.path, { force: true });
        return this.listen(server, this.path);
      },
    );
    await listening;
  }

  private listen(server: Server, path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'EADDRINUSE') resolve();
        else reject(error);
      });
      server.listen(path, () => {
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
    // Fails when the system has cut off a path that is too long: then nothing is at the whole path.
    if (!this.isPipe) chmodSync(this.path, 0o600);
    this.ownIdentity = this.identity();
    this.server = server;
    if (this.hasResigned) this.release();
  }

  private get isPipe(): boolean {
    return this.io.platform === 'win32';
  }

  /** Names a new pipe in a file that others cannot read, so that nobody can make a pipe of that name beforehand. */
  private namePipe(): string {
    const pipe = pipeName(process.pid, this.io.token());
    replaceFile(this.path, `${pipe}\r\n`, this.io.token(), false);
    return pipe;
  }

  /** Identifies the socket that is there now, or on Windows the pipe; undefined when there is none. */
  private identity(): string | undefined {
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

/** Whether a process answers there. The socket or pipe of a process that died does not; that of one that hangs does. */
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
