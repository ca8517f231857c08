import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { canHaveHook } from './managed-config.ts';
import { makeOwnFolder } from './own-folder.ts';

/** Times of a port that was seen open, in unix milliseconds. */
export interface OpenPort {
  /** End of its grant. */
  readonly untilMs: number;
  /** Until then nobody needs to check again that it is open. */
  readonly trustedUntilMs: number;
}

/** The folder, beside the socket, with a file for each host whose port is open. */
export function openPortsFolder(socket: string): string {
  return `${socket}.open`;
}

/**
 * Tells the script of the hook which ports are open, so that it need not ask. Each host's file has one line: both times of
 * `OpenPort` in unix seconds. Nothing in it is secret.
 */
export class OpenPorts {
  private readonly folder: string;
  private readonly told = new Map<string, string>();

  constructor(socket: string) {
    this.folder = openPortsFolder(socket);
  }

  /**
   * Tells for which hosts the port is open, and that no other is.
   * @throws the system's error
   */
  tell(ports: ReadonlyMap<string, OpenPort>): void {
    for (const name of [...this.told.keys()]) if (!ports.has(name)) this.forget(name);
    for (const [name, port] of ports) {
      const line = `${wholeSeconds(port.untilMs)} ${wholeSeconds(port.trustedUntilMs)}\n`;
      if (!canHaveHook(name) || this.told.get(name) === line) continue;
      makeOwnFolder(dirname(this.folder));
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      // A script that reads a file half written finds no numbers, and asks the extension.
      writeFileSync(join(this.folder, name), line, { mode: 0o600 });
      this.told.set(name, line);
    }
  }

  /** Deletes all files, also those that another window has left. */
  clear(): void {
    this.told.clear();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private forget(name: string): void {
    rmSync(join(this.folder, name), { force: true });
    this.told.delete(name);
  }
}

function wholeSeconds(unixMs: number): number {
  return Math.floor(Math.max(0, unixMs) / 1000);
}
