import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { toBase64Url } from '../../base/bytes.ts';
import { type Phrase, phrase } from '../../base/phrase.ts';
import {
  type ExportedHost,
  type ExportedKey,
  openExportedKey,
  readSealedText,
  writeExportedKey,
} from '../../client/keys/exported-key.ts';
import { type DeriveKey, newSealKey, type SealKey } from '../../client/keys/sealed-key-file.ts';
import { fileUnusable } from '../../client/problems.ts';
import { systemErrorCode } from '../../os/system-error.ts';
import type { CryptoProvider } from '../../spa/crypto.ts';
import { newPrivateKey } from '../../spa/keys.ts';
import { recoveryFileChanged } from '../problems.ts';
import type { KeyKeeper } from './second-way.ts';

/** Name that an import gives the key by default. */
const IDENTITY = 'recovery';

/** Path and passphrase that a person has chosen for the file. */
export interface RecoveryTarget {
  readonly path: string;
  readonly passphrase: string;
}

/** Asks for them. Undefined when the person cancels. */
export type AskForTarget = () => Promise<RecoveryTarget | undefined>;

export interface RecoveryIo {
  readonly crypto: CryptoProvider;
  readonly deriveKey: DeriveKey;
}

/** File as this deployment has written it. */
interface Written {
  readonly path: string;
  readonly sealKey: SealKey;
  readonly text: string;
  /** File that was there before this deployment; undefined for none. */
  readonly before: FileBefore | undefined;
}

/** File of any content, to be restored. */
interface FileBefore {
  readonly bytes: Uint8Array;
  readonly mode: number;
}

/**
 * Recovery key in a sealed file (exported-key.ts). The file also has the lines of the gates that know the key, so its owner gets in
 * from any computer with the file and its passphrase.
 */
export class RecoveryFile implements KeyKeeper {
  readonly publicKey: Uint8Array;
  private readonly io: RecoveryIo;
  private readonly ask: AskForTarget;
  private exported: ExportedKey;
  /** The gates of the file as it was found. */
  private readonly earlier: ExportedKey['hosts'];
  private written: Written | undefined;

  private constructor(exported: ExportedKey, written: Written | undefined, ask: AskForTarget, io: RecoveryIo) {
    this.publicKey = io.crypto.publicKey(exported.key);
    this.exported = exported;
    this.earlier = exported.hosts;
    this.written = written;
    this.ask = ask;
    this.io = io;
  }

  /** Makes a new key; nothing is written yet. */
  static create(ask: AskForTarget, io: RecoveryIo): RecoveryFile {
    const key = newPrivateKey(io.crypto);
    return new RecoveryFile({ identity: IDENTITY, key, hosts: new Map() }, undefined, ask, io);
  }

  /**
   * Opens the key of an existing file: from an earlier attempt, or for another host.
   * @throws Problem `file-unusable`, `passphrase-wrong`, `sealed-file-…`
   */
  static async open({ path, passphrase }: RecoveryTarget, io: RecoveryIo): Promise<RecoveryFile> {
    const text = readSealedText(path);
    const { exported, sealKey } = await openExportedKey(text, passphrase, path, io);
    return new RecoveryFile(exported, { path, sealKey, text, before: fileBefore(path) }, async () => undefined, io);
  }

  get path(): string | undefined {
    return this.written?.path;
  }

  async secure(): Promise<boolean> {
    if (this.written !== undefined) return true;
    const place = await this.ask();
    if (place === undefined) return false;
    const before = existsSync(place.path) ? fileBefore(place.path) : undefined;
    const sealKey = await newSealKey(place.passphrase, this.io);
    this.write({ path: place.path, sealKey, text: '', before });
    return true;
  }

  async complete(name: string, host: ExportedHost): Promise<void> {
    const { written } = this;
    if (written === undefined || !this.isAsWritten(written)) throw recoveryFileChanged(written?.path ?? '');
    this.exported = { ...this.exported, hosts: new Map([...this.exported.hosts, [name, host]]) };
    this.write(written);
  }

  /**
   * Takes the line of one gate out, where others keep theirs.
   * @returns how the file is now; undefined when there is nothing to tell
   */
  async forget(name: string): Promise<Phrase | undefined> {
    const { written } = this;
    if (written === undefined) return undefined;
    if (!this.isAsWritten(written))
      return phrase(
        'The recovery file {0} was moved or changed: it still names {1}, whose gate was not kept.',
        written.path,
        name,
      );
    const hosts = new Map(this.exported.hosts);
    const earlier = this.earlier.get(name);
    if (earlier === undefined) hosts.delete(name);
    else hosts.set(name, earlier);
    this.exported = { ...this.exported, hosts };
    this.write(written);
    return undefined;
  }

  async discard(): Promise<Phrase | undefined> {
    const { written } = this;
    if (written === undefined) return undefined;
    const { path, before } = written;
    if (before !== undefined && Buffer.from(written.text, 'latin1').equals(before.bytes)) return undefined;
    if (!this.isAsWritten(written))
      return phrase('The recovery file {0} was moved or changed: every copy of it is void.', path);
    if (before === undefined) rmSync(path);
    else {
      writeFileSync(path, before.bytes);
      chmodSync(path, before.mode);
    }
    this.written = undefined;
    return before === undefined
      ? phrase('The recovery file {0} is void and was deleted.', path)
      : phrase('The recovery file {0} is as it was before.', path);
  }

  private write(written: Written): void {
    const suffix = toBase64Url(this.io.crypto.randomBytes(9));
    const text = writeExportedKey(written.path, this.exported, written.sealKey, this.io, suffix);
    this.written = { ...written, text };
  }

  private isAsWritten({ path, text }: Written): boolean {
    return existsSync(path) && readSealedText(path) === text;
  }
}

/** @throws Problem `file-unusable` */
function fileBefore(path: string): FileBefore {
  try {
    return { bytes: readFileSync(path), mode: statSync(path).mode & 0o777 };
  } catch (error) {
    const code = systemErrorCode(error);
    throw code === undefined ? error : fileUnusable(path, code);
  }
}
