import { closeSync, fchmodSync, fstatSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs';

/**
 * A file of its own that is written again and again, through which commands go to nft. It stays open: to make another one each time
 * would take as long as nft takes to read it.
 */
export class ScriptFile {
  readonly path: string;
  private fd: number | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** Replaces what it holds. Nobody else reads or writes it. @throws a system error */
  write(text: string): void {
    // Somebody may have cleared the folder.
    if (this.fd !== undefined && fstatSync(this.fd).nlink === 0) this.close();
    this.fd ??= this.make();
    const bytes = Buffer.from(text);
    ftruncateSync(this.fd, 0);
    if (writeSync(this.fd, bytes, 0, bytes.length, 0) < bytes.length) throw new Error('the disk is full');
  }

  remove(): void {
    this.close();
    rmSync(this.path, { force: true });
  }

  private make(): number {
    rmSync(this.path, { force: true });
    const fd = openSync(this.path, 'wx', 0o600);
    fchmodSync(fd, 0o600);
    return fd;
  }

  private close(): void {
    if (this.fd !== undefined) closeSync(this.fd);
    this.fd = undefined;
  }
}
