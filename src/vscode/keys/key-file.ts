import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { toBase64Url } from '../../base/bytes.ts';
import {
  newSealKey,
  type SealingIo,
  type SealKey,
  type Secrets,
  seal,
  unseal,
  unsealWith,
} from '../../client/keys/sealed-key-file.ts';
import { fileUnusable } from '../../client/problems.ts';
import { replaceFile } from '../../os/atomic-file.ts';
import { withLock } from '../../os/file-lock.ts';
import { systemErrorCode } from '../../os/system-error.ts';
import { keysLocked } from '../problems.ts';
import type { SecretStore } from './secret-store.ts';

export interface KeyFileIo extends SealingIo {
  /** Waits that many milliseconds. */
  readonly sleep: (ms: number) => Promise<void>;
}

/** Another window has written the file between reading and replacing it. */
class ChangedMeanwhile extends Error {}

/**
 * Secrets in a file under a passphrase, for computers without a keyring. It is unlocked once for each window; what the
 * passphrase was made into stays in the memory of this process, the passphrase itself does not. The file is read anew each
 * time: other windows write it too. Changes are made under a lock; and since a lock is taken over from a process that
 * seems dead, a file that is not what was read is never replaced.
 */
export class KeyFile implements SecretStore {
  private readonly path: string;
  private readonly io: KeyFileIo;
  private unlocked: SealKey | undefined;

  constructor(path: string, io: KeyFileIo) {
    this.path = path;
    this.io = io;
  }

  get exists(): boolean {
    return existsSync(this.path);
  }

  get isLocked(): boolean {
    return this.unlocked === undefined;
  }

  /**
   * Unlocks the file; makes an empty one when there is none.
   * @throws Problem `passphrase-wrong`, `sealed-file-invalid`, `sealed-file-newer`, `file-unusable`
   */
  async unlock(passphrase: string): Promise<void> {
    if (this.exists || !(await this.make(passphrase)))
      this.unlocked = (await unseal(this.text() ?? '', passphrase, this.path, this.io)).sealKey;
  }

  /** @returns false when another window has made one in the same moment */
  private async make(passphrase: string): Promise<boolean> {
    const sealKey = await newSealKey(passphrase, this.io);
    let isMade = false;
    await this.change((text) => {
      isMade = text === undefined;
      return text ?? seal(new Map(), sealKey, this.io);
    });
    if (isMade) this.unlocked = sealKey;
    return isMade;
  }

  async get(name: string): Promise<string | undefined> {
    return this.secretsIn(this.text()).get(name);
  }

  async store(name: string, value: string): Promise<void> {
    await this.edit((secrets) => new Map([...secrets, [name, value]]));
  }

  async delete(name: string): Promise<void> {
    await this.edit((secrets) => new Map([...secrets].filter(([each]) => each !== name)));
  }

  private async edit(edit: (secrets: Secrets) => Secrets): Promise<void> {
    await this.change((text) => {
      const secrets = edit(this.secretsIn(text));
      return seal(secrets, this.sealKey(), this.io);
    });
  }

  private sealKey(): SealKey {
    if (this.unlocked === undefined) throw keysLocked();
    return this.unlocked;
  }

  private secretsIn(text: string | undefined): Secrets {
    const sealKey = this.sealKey();
    if (text === undefined) throw fileUnusable(this.path, 'ENOENT');
    const secrets = unsealWith(sealKey, text, this.path, this.io);
    if (secrets === undefined) throw keysLocked();
    return secrets;
  }

  /** Replaces the text of the file by the result of `edit`, even if another window does so at the same time. */
  private async change(edit: (text: string | undefined) => string): Promise<void> {
    const token = toBase64Url(this.io.crypto.randomBytes(9));
    this.orUnusable(() => mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 }));
    for (;;) {
      try {
        await withLock(`${this.path}.lock`, token, this.io.sleep, () => this.replace(edit, token));
        return;
      } catch (error) {
        if (!(error instanceof ChangedMeanwhile)) throw this.asProblem(error);
      }
    }
  }

  private replace(edit: (text: string | undefined) => string, token: string): void {
    const before = this.text();
    const after = edit(before);
    if (after === before) return;
    this.orUnusable(() => {
      replaceFile(this.path, after, token, true, () => {
        if (this.text() !== before) throw new ChangedMeanwhile();
      });
      chmodSync(this.path, 0o600);
    });
  }

  /** Reads the file; undefined when there is none. */
  private text(): string | undefined {
    return this.orUnusable(() => (this.exists ? readFileSync(this.path, 'latin1') : undefined));
  }

  private orUnusable<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw this.asProblem(error);
    }
  }

  private asProblem(error: unknown): unknown {
    const code = systemErrorCode(error);
    return code === undefined ? error : fileUnusable(this.path, code);
  }
}
