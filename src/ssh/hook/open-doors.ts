import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { canHaveHook } from './managed-config.ts';
import { makeOwnFolder } from './own-folder.ts';

/** How long a door lets new connections in, in unix milliseconds. */
export interface OpenDoor {
  readonly untilMs: number;
  /** Until then nobody needs to look again whether it is really open: it was seen open a short while ago. */
  readonly trustedUntilMs: number;
}

/** The folder, beside the socket, with a file for each host whose door is open. */
export function doorsFolder(socket: string): string {
  return `${socket}.open`;
}

/**
 * Tells the script of the hook which doors are open, so that it does not wait for an answer that it knows. Each host's file has one
 * line: until when it is open, and until when that is trusted, in unix seconds. Nothing in it is secret.
 */
export class OpenDoors {
  private readonly folder: string;
  private readonly told = new Map<string, string>();

  constructor(socket: string) {
    this.folder = doorsFolder(socket);
  }

  /**
   * Tells which doors are open, by the name of the host, and that no others are.
   * @throws the system's error
   */
  tell(doors: ReadonlyMap<string, OpenDoor>): void {
    for (const name of [...this.told.keys()]) if (!doors.has(name)) this.forget(name);
    for (const [name, door] of doors) {
      const line = `${wholeSeconds(door.untilMs)} ${wholeSeconds(door.trustedUntilMs)}\n`;
      if (!canHaveHook(name) || this.told.get(name) === line) continue;
      makeOwnFolder(dirname(this.folder));
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      // A script that reads it half written finds no numbers, and asks.
      writeFileSync(join(this.folder, name), line, { mode: 0o600 });
      this.told.set(name, line);
    }
  }

  /** Deletes the files: also those that another window has left. */
  leave(): void {
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
