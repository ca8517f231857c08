import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { replaceFile } from '../client/atomic-file.ts';
import { fileUnusable } from '../client/problems.ts';
import { newSealKey, type SealingIo, type SealKey, type Secrets, seal, unseal } from '../client/sealed-key-file.ts';
import { systemErrorCode } from '../client/system-error.ts';
import { toBase64Url } from '../spa/bytes.ts';
import { keysLocked } from './problems.ts';
import type { SecretStore } from './secret-store.ts';

/**
 * Secrets in a file under a passphrase, for computers without a keyring. It is unlocked once for each window; what the
 * passphrase was made into stays in the memory of this process, the passphrase itself does not. The file is read anew each
 * time: other windows write it too.
 */
export class KeyFile implements SecretStore {
  private readonly path: string;
  private readonly io: SealingIo;
  private unlocked: SealKey | undefined;

  constructor(path: string, io: SealingIo) {
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
    if (this.exists) {
      this.unlocked = (await unseal(this.text(), passphrase, this.path, this.io)).sealKey;
      return;
    }
    const sealKey = await newSealKey(passphrase, this.io);
    this.write(new Map(), sealKey);
    this.unlocked = sealKey;
  }

  async get(name: string): Promise<string | undefined> {
    return (await this.read()).secrets.get(name);
  }

  async store(name: string, value: string): Promise<void> {
    const { secrets, sealKey } = await this.read();
    this.write(new Map([...secrets, [name, value]]), sealKey);
  }

  async delete(name: string): Promise<void> {
    const { secrets, sealKey } = await this.read();
    this.write(new Map([...secrets].filter(([each]) => each !== name)), sealKey);
  }

  private async read(): Promise<{ secrets: Secrets; sealKey: SealKey }> {
    const sealKey = this.unlocked;
    if (sealKey === undefined) throw keysLocked();
    // The key at hand instead of a derivation: the salt of the file must be the one that it was derived with.
    const known: SealingIo = {
      crypto: this.io.crypto,
      deriveKey: async (_, salt) => {
        if (toBase64Url(salt) !== toBase64Url(sealKey.salt)) throw keysLocked();
        return sealKey.key;
      },
    };
    const { secrets } = await unseal(this.text(), '', this.path, known);
    return { secrets, sealKey };
  }

  private text(): string {
    return this.orUnusable(() => readFileSync(this.path, 'latin1'));
  }

  private write(secrets: Secrets, sealKey: SealKey): void {
    this.orUnusable(() => {
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
      replaceFile(this.path, seal(secrets, sealKey, this.io), toBase64Url(this.io.crypto.randomBytes(9)), true);
      chmodSync(this.path, 0o600);
    });
  }

  private orUnusable<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      const code = systemErrorCode(error);
      throw code === undefined ? error : fileUnusable(this.path, code);
    }
  }
}
