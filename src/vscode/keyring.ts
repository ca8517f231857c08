import type { Memento, SecretStorage } from 'vscode';
import type { CryptoProvider } from '../spa/crypto.ts';
import { formatKey, newPrivateKey, parseSecretKey } from '../spa/keys.ts';
import { keyBroken, keyLost, noKeyYet } from './problems.ts';

const SECRET = 'knockgate.clientKey';
/** The public half of the key that was made here: beside the secret storage, which may lose things without a word. */
const MARK = 'knockgate.clientKeyMade';

/** The client key of this device, in the secret storage of the editor. */
export class Keyring {
  private readonly secrets: Pick<SecretStorage, 'get' | 'store' | 'delete'>;
  private readonly marks: Pick<Memento, 'get' | 'update'>;
  private readonly crypto: CryptoProvider;

  /** @param marks never synced to other devices, as secrets are not */
  constructor(
    secrets: Pick<SecretStorage, 'get' | 'store' | 'delete'>,
    marks: Pick<Memento, 'get' | 'update'>,
    crypto: CryptoProvider,
  ) {
    this.secrets = secrets;
    this.marks = marks;
    this.crypto = crypto;
  }

  /**
   * The private key. Never makes one: a gate does not know a key that was made just now.
   * @throws Problem `key-missing`, `key-lost`, `key-malformed`
   */
  async load(): Promise<Uint8Array> {
    const text = await this.secrets.get(SECRET);
    if (text === undefined) throw this.isMarked() ? keyLost() : noKeyYet();
    const key = parseSecretKey(text);
    if (key === undefined) throw keyBroken();
    return key;
  }

  /**
   * The public key; the pair is made when there is none yet.
   * @throws Problem `key-lost`, `key-malformed`: a key that others were given the public half of is not replaced in silence
   */
  async publicKey(): Promise<Uint8Array> {
    if ((await this.secrets.get(SECRET)) === undefined && !this.isMarked()) await this.make();
    return this.crypto.publicKey(await this.load());
  }

  /** Forgets the key and that there was one. */
  async forget(): Promise<void> {
    await this.secrets.delete(SECRET);
    await this.marks.update(MARK, undefined);
  }

  private async make(): Promise<void> {
    await this.secrets.store(SECRET, formatKey(newPrivateKey(this.crypto)));
    // Another window may have stored one at the same moment: what is there now is the key.
    await this.marks.update(MARK, formatKey(this.crypto.publicKey(await this.load())));
  }

  private isMarked(): boolean {
    return this.marks.get(MARK) !== undefined;
  }
}
