import type { Client } from 'ssh2';
import {
  type Event,
  EventEmitter,
  type FileChangeEvent,
  type FileStat,
  FileSystemError,
  type FileSystemProvider,
  type Uri,
} from 'vscode';
import { runThere } from './connection.ts';

/** `FileType` of the editor. */
const FILE = 1;
const DIRECTORY = 2;

/** The file in every folder. */
const NAME = 'notes.txt';
const TEXT = new TextEncoder().encode('written on the server\n');

/**
 * The folder of a remote window: each question goes over the SSH connection, and one that is not answered there is asked
 * again over the next, as the editor's own connection to its server does it. In this editor no window is connected to a
 * server over SSH, so the folder of one is of a scheme of its own.
 */
export class FolderOverSsh implements FileSystemProvider {
  readonly onDidChangeFile: Event<FileChangeEvent[]> = new EventEmitter<FileChangeEvent[]>().event;
  private client: Client | undefined;
  private waiting: (() => void)[] = [];
  private asked: Promise<void> | undefined;

  /** Goes on over a connection that has just been made. */
  use(client: Client): void {
    this.client = client;
    client.once('close', () => {
      if (this.client === client) this.client = undefined;
    });
    for (const ask of this.waiting.splice(0)) ask();
  }

  async stat({ path }: Uri): Promise<FileStat> {
    await this.answer();
    const isFile = path.endsWith(`/${NAME}`);
    return { type: isFile ? FILE : DIRECTORY, ctime: 0, mtime: 0, size: isFile ? TEXT.length : 0 };
  }

  async readDirectory(): Promise<[string, number][]> {
    await this.answer();
    return [[NAME, FILE]];
  }

  async readFile(): Promise<Uint8Array> {
    await this.answer();
    return TEXT;
  }

  /** Ends when the other side has answered something. All who ask at the same time share one session: sshd allows ten. */
  private answer(): Promise<void> {
    this.asked ??= this.askUntilAnswered().finally(() => {
      this.asked = undefined;
    });
    return this.asked;
  }

  private async askUntilAnswered(): Promise<void> {
    for (;;) {
      const { client } = this;
      if (client === undefined) {
        await new Promise<void>((resolve) => this.waiting.push(resolve));
        continue;
      }
      try {
        await runThere(client, 'true');
        return;
      } catch {
        // The connection has ended: the next one is asked.
        if (this.client === client) this.client = undefined;
      }
    }
  }

  watch() {
    return { dispose: () => {} };
  }

  writeFile(): never {
    throw FileSystemError.NoPermissions();
  }

  createDirectory(): never {
    throw FileSystemError.NoPermissions();
  }

  delete(): never {
    throw FileSystemError.NoPermissions();
  }

  rename(): never {
    throw FileSystemError.NoPermissions();
  }
}
