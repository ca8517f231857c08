import { EventEmitter, type Memento } from 'vscode';
import type { CryptoProvider } from '../../spa/crypto.ts';
import { formatKey, newPrivateKey, parseSecretKey } from '../../spa/keys.ts';
import { identityExists, identityUnknown, keyBroken, keyLost, noKeyYet } from '../problems.ts';
import type { SecretStore } from './secret-store.ts';

/** Identity of hosts that name none. */
export const USUAL_IDENTITY = 'default';

const SECRET = 'knockgate.clientKey';
/**
 * Name of the mark for a key that was made here: its public half, kept beside the secret storage, which may lose entries silently.
 */
const MARK = 'knockgate.clientKeyMade';
/** Names for a key that will replace another, and its mark. */
const NEXT_SECRET = 'knockgate.nextKey';
const NEXT_MARK = 'knockgate.nextKeyMade';
const NAMES = 'knockgate.identities';
const PSK = 'knockgate.psk';

/** Client keys of this device, and the psk of each host, in the secret storage or the file that replaces it. */
export class Keyring {
  private readonly secrets: SecretStore;
  private readonly marks: Pick<Memento, 'get' | 'update'>;
  private readonly crypto: CryptoProvider;
  private readonly changed = new EventEmitter<void>();

  /** Event: this window has made, replaced or forgotten a key. */
  readonly onDidChange = this.changed.event;

  /** @param marks never synced to other devices, as secrets are not */
  constructor(secrets: SecretStore, marks: Pick<Memento, 'get' | 'update'>, crypto: CryptoProvider) {
    this.secrets = secrets;
    this.marks = marks;
    this.crypto = crypto;
  }

  /** Identities of this device: the usual one first, with or without a key. */
  get identities(): readonly string[] {
    const names = this.marks.get<unknown>(NAMES);
    const others = Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
    return [USUAL_IDENTITY, ...others.filter((name) => name !== USUAL_IDENTITY)];
  }

  /** Identities that have a key, or had one. */
  get taken(): readonly string[] {
    return this.identities.filter((identity) => this.isMarked(identity));
  }

  /**
   * Reads the private key of an identity. Never makes one: no gate would know it yet.
   * @throws Problem `key-missing`, `key-lost`, `key-malformed`, `keys-locked`, `identity-unknown`
   */
  async load(identity: string = USUAL_IDENTITY): Promise<Uint8Array> {
    const text = await this.secrets.get(at(SECRET, identity));
    if (text === undefined) throw this.missing(identity);
    const key = parseSecretKey(text);
    if (key === undefined) throw keyBroken();
    return key;
  }

  /**
   * Reads the public key of an identity; makes the usual pair when there is none yet.
   * @throws Problem as `load`: a key whose public half others have is never replaced silently
   */
  async publicKey(identity: string = USUAL_IDENTITY): Promise<Uint8Array> {
    const isNew = identity === USUAL_IDENTITY && !this.isMarked(identity);
    if (isNew && (await this.secrets.get(SECRET)) === undefined) await this.put(identity, newPrivateKey(this.crypto));
    return this.crypto.publicKey(await this.load(identity));
  }

  /**
   * Makes an identity, or imports one.
   * @param key default: a fresh one
   * @throws Problem `identity-exists`
   */
  async add(identity: string, key: Uint8Array = newPrivateKey(this.crypto)): Promise<void> {
    if (this.isMarked(identity) || (await this.secrets.get(at(SECRET, identity))) !== undefined)
      throw identityExists(identity);
    await this.put(identity, key);
  }

  /** Forgets the keys of an identity, present and next, and that there were any. */
  async forget(identity: string = USUAL_IDENTITY): Promise<void> {
    await this.discardNext(identity);
    await this.secrets.delete(at(SECRET, identity));
    await this.marks.update(at(MARK, identity), undefined);
    await this.note(this.identities.filter((name) => name !== identity));
  }

  /** Makes the key that will replace that of an identity, once gates know it. Returns its public half. */
  async makeNext(identity: string): Promise<Uint8Array> {
    await this.load(identity);
    const key = newPrivateKey(this.crypto);
    await this.secrets.store(at(NEXT_SECRET, identity), formatKey(key));
    await this.marks.update(at(NEXT_MARK, identity), []);
    this.changed.fire();
    return this.crypto.publicKey(key);
  }

  /** Whether an identity has a next key; does not read it. */
  isRotating(identity: string): boolean {
    return this.marks.get(at(NEXT_MARK, identity)) !== undefined;
  }

  /** Reads the next key of an identity; undefined when there is none. */
  async next(identity: string): Promise<Uint8Array | undefined> {
    if (!this.isRotating(identity)) return undefined;
    return parseSecretKey((await this.secrets.get(at(NEXT_SECRET, identity))) ?? '');
  }

  /** Public keys of the gates that have opened to the next key. */
  provenAt(identity: string): readonly string[] {
    const gates = this.marks.get<unknown>(at(NEXT_MARK, identity));
    return Array.isArray(gates) ? gates.filter((gate) => typeof gate === 'string') : [];
  }

  /** Notes that a gate has opened to the next key. */
  async prove(identity: string, gateKey: string): Promise<void> {
    if (!this.isRotating(identity)) return;
    await this.marks.update(at(NEXT_MARK, identity), [...new Set([...this.provenAt(identity), gateKey])]);
  }

  /** Makes the next key the present one, and forgets the old one. */
  async finishRotation(identity: string): Promise<void> {
    const key = await this.next(identity);
    if (key === undefined) return;
    await this.put(identity, key);
    await this.discardNext(identity);
  }

  /** Discards the next key; the old one stays. */
  async discardNext(identity: string): Promise<void> {
    await this.secrets.delete(at(NEXT_SECRET, identity));
    await this.marks.update(at(NEXT_MARK, identity), undefined);
    this.changed.fire();
  }

  /**
   * Reads the psk of a host; undefined when it has none.
   * @throws Problem `key-lost` when one was set, and is gone: without it the gate would not open, and nobody would know why
   */
  async psk(host: string): Promise<Uint8Array | undefined> {
    const isMarked = this.hasPsk(host);
    if (!isMarked) return undefined;
    const psk = parseSecretKey((await this.secrets.get(at(PSK, host))) ?? '');
    if (psk === undefined) throw keyLost();
    return psk;
  }

  /** Whether a host has a psk; does not read it. */
  hasPsk(host: string): boolean {
    return this.marks.get(at(PSK, host)) !== undefined;
  }

  async setPsk(host: string, psk: Uint8Array): Promise<void> {
    await this.secrets.store(at(PSK, host), formatKey(psk));
    await this.marks.update(at(PSK, host), true);
    this.changed.fire();
  }

  async forgetPsk(host: string): Promise<void> {
    await this.secrets.delete(at(PSK, host));
    await this.marks.update(at(PSK, host), undefined);
    this.changed.fire();
  }

  private async put(identity: string, key: Uint8Array): Promise<void> {
    await this.secrets.store(at(SECRET, identity), formatKey(key));
    // Another window may have stored a key at the same moment: the stored one counts.
    await this.marks.update(at(MARK, identity), formatKey(this.crypto.publicKey(await this.load(identity))));
    await this.note([...this.identities.filter((name) => name !== identity), identity]);
  }

  private async note(identities: readonly string[]): Promise<void> {
    const others = identities.filter((name) => name !== USUAL_IDENTITY);
    await this.marks.update(NAMES, others.length > 0 ? others : undefined);
    this.changed.fire();
  }

  private missing(identity: string): Error {
    if (this.isMarked(identity)) return keyLost();
    return identity === USUAL_IDENTITY ? noKeyYet() : identityUnknown(identity);
  }

  private isMarked(identity: string): boolean {
    return this.marks.get(at(MARK, identity)) !== undefined;
  }
}

/** Name of an entry. The usual identity keeps its old names. No identity and no host has a slash in its name. */
function at(kind: string, name: string): string {
  return name === USUAL_IDENTITY && kind !== PSK ? kind : `${kind}/${name}`;
}
