import { describe, expect, it } from 'vitest';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { formatKey } from '../../../../src/spa/keys.ts';
import { Keyring } from '../../../../src/vscode/keys/keyring.ts';
import { problemOf } from '../../client/support.ts';
import { FakeMemento } from '../support.ts';

/** The secret storage of the editor. */
class FakeSecrets {
  readonly values = new Map<string, string>();
  async get(key: string) {
    return this.values.get(key);
  }
  async store(key: string, value: string) {
    this.values.set(key, value);
  }
  async delete(key: string) {
    this.values.delete(key);
  }
}

function device() {
  const secrets = new FakeSecrets();
  const marks = new FakeMemento();
  return { secrets, marks, keyring: () => new Keyring(secrets, marks, nodeCrypto) };
}

describe('the client key', () => {
  it('is made once, when its public half is asked for', async () => {
    const { secrets, keyring } = device();
    const key = await keyring().publicKey();
    expect(key).toHaveLength(32);
    expect(await keyring().publicKey()).toEqual(key);
    expect(nodeCrypto.publicKey(await keyring().load())).toEqual(key);
    expect(secrets.values.size).toBe(1);
  });

  it('is not made for a knock: no gate would know it', async () => {
    const { secrets, keyring } = device();
    expect((await problemOf(() => keyring().load())).code).toBe('key-missing');
    expect(secrets.values.size).toBe(0);
  });

  it('is the same in two windows that make it at once', async () => {
    const { keyring } = device();
    const made = await Promise.all([keyring().publicKey(), keyring().publicKey()]);
    expect(await keyring().publicKey()).toEqual(made[1]);
  });

  it('is explained when the editor has lost it, and never replaced in silence', async () => {
    const { secrets, keyring } = device();
    await keyring().publicKey();
    secrets.values.clear();
    for (const ask of [() => keyring().load(), () => keyring().publicKey()]) {
      const problem = await problemOf(ask);
      expect(problem).toMatchObject({ code: 'key-lost', exit: 14 });
      expect(`${problem.why} ${problem.next}`).toMatch(/keyring.*forget it/s);
    }
    expect(secrets.values.size).toBe(0);
  });

  it('can be forgotten, and made anew', async () => {
    const { secrets, marks, keyring } = device();
    const key = await keyring().publicKey();
    await keyring().forget();
    expect([secrets.values.size, marks.values.size]).toEqual([0, 0]);
    expect(await keyring().publicKey()).not.toEqual(key);
  });

  it('is nowhere but in the secret storage, and no error quotes what is there', async () => {
    const { secrets, marks, keyring } = device();
    await keyring().publicKey();
    const secret = formatKey(await keyring().load());
    expect([...secrets.values.values()]).toEqual([secret]);
    expect(JSON.stringify([...marks.values])).not.toContain(secret);
    for (const name of secrets.values.keys()) secrets.values.set(name, `x${secret}`);
    const problem = await problemOf(() => keyring().load());
    expect(problem.code).toBe('key-malformed');
    expect(JSON.stringify(problem)).not.toContain(secret);
  });
});
