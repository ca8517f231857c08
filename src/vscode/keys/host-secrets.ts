import type { Memento } from 'vscode';
import { hostKeysLost, hostKeysMissing } from '../problems.ts';
import type { SecretStore } from './secret-store.ts';

const SECRET = 'knockgate.hostKeys';

/**
 * Keys that this device shares with servers that are not gates of ours: a text for each host, in the form of its kind. They are
 * kept where the client keys are. A mark beside the secret storage notes them, since the storage may lose entries silently.
 */
export class HostSecrets {
  private readonly secrets: SecretStore;
  private readonly marks: Pick<Memento, 'get' | 'update'>;

  constructor(secrets: SecretStore, marks: Pick<Memento, 'get' | 'update'>) {
    this.secrets = secrets;
    this.marks = marks;
  }

  /**
   * Reads the keys of a host.
   * @throws Problem `host-keys-missing` when none were ever entered, `key-lost` when they are gone; `keys-locked`
   */
  async load(host: string): Promise<string> {
    const text = await this.secrets.get(at(host));
    if (text !== undefined) return text;
    throw this.has(host) ? hostKeysLost(host) : hostKeysMissing(host);
  }

  /** Whether a host has keys; does not read them. */
  has(host: string): boolean {
    return this.marks.get(at(host)) !== undefined;
  }

  async set(host: string, keys: string): Promise<void> {
    await this.secrets.store(at(host), keys);
    await this.marks.update(at(host), true);
  }

  async forget(host: string): Promise<void> {
    await this.secrets.delete(at(host));
    await this.marks.update(at(host), undefined);
  }
}

/** Name of an entry. No host has a slash in its name. */
function at(host: string): string {
  return `${SECRET}/${host}`;
}
