import type { Memento } from 'vscode';
import { hostKeysLost, hostKeysMissing } from '../problems.ts';
import type { SecretStore } from './secret-store.ts';

const SECRET = 'knockgate.hostKeys';

/**
 * The keys that this device shares with a server that is not a gate of ours: a text for each host, in the form of its kind. They
 * are kept where the client keys are, with a mark beside the secret storage, which may lose things without a word.
 */
export class HostSecrets {
  private readonly secrets: SecretStore;
  private readonly marks: Pick<Memento, 'get' | 'update'>;

  constructor(secrets: SecretStore, marks: Pick<Memento, 'get' | 'update'>) {
    this.secrets = secrets;
    this.marks = marks;
  }

  /**
   * The keys of a host.
   * @throws Problem `host-keys-missing` when none were ever given, `key-lost` when they are gone; `keys-locked`
   */
  async load(host: string): Promise<string> {
    const text = await this.secrets.get(at(host));
    if (text !== undefined) return text;
    throw this.has(host) ? hostKeysLost(host) : hostKeysMissing(host);
  }

  /** Whether a host has keys; none of them is read. */
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

/** A slash is in no name of a host. */
function at(host: string): string {
  return `${SECRET}/${host}`;
}
