import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DeriveKey } from '../../../../src/client/keys/sealed-key-file.ts';
import { systemClock } from '../../../../src/os/clock.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { KeyFile } from '../../../../src/vscode/keys/key-file.ts';
import { problemOf, temporaryFolder } from '../../client/support.ts';

/** As many bytes as the real one gives, without the work. */
const deriveKey: DeriveKey = async (passphrase, salt) => nodeCrypto.sha256(new Uint8Array([...passphrase, ...salt]));
const IO = { crypto: nodeCrypto, deriveKey, sleep: (ms: number) => systemClock.sleep(ms) };

/** Windows that share a key file, each unlocked. */
async function windows(count: number, passphrase = 'correct horse'): Promise<{ path: string; files: KeyFile[] }> {
  const path = join(temporaryFolder(), 'storage', 'keys');
  const files = Array.from({ length: count }, () => new KeyFile(path, IO));
  await Promise.all(files.map((file) => file.unlock(passphrase)));
  return { path, files };
}

describe('a key file that several windows write', () => {
  it('is made once, by windows that ask in the same moment', async () => {
    const { files } = await windows(4);
    await files[0]?.store('a', '1');
    for (const file of files) expect(await file.get('a')).toBe('1');
  });

  it('loses nothing that is stored or deleted at the same time', async () => {
    const { files } = await windows(6);
    await files[0]?.store('old', 'x');
    await Promise.all([...files.map((file, i) => file.store(`key${i}`, `value${i}`)), files[0]?.delete('old')]);
    for (const file of files) {
      for (const i of files.keys()) expect(await file.get(`key${i}`)).toBe(`value${i}`);
      expect(await file.get('old')).toBeUndefined();
    }
  });

  it('loses nothing where a lock was left behind, nor where one is held for long', async () => {
    const { path, files } = await windows(3);
    writeFileSync(`${path}.lock`, 'of a process that died');
    await Promise.all(files.map((file, i) => file.store(`key${i}`, 'x')));
    for (const i of files.keys()) expect(await files[0]?.get(`key${i}`)).toBe('x');
  });

  it('is locked to who has another passphrase by now', async () => {
    const { path, files } = await windows(1);
    const { path: other } = await windows(1, 'another one');
    writeFileSync(path, readFileSync(other));
    expect(await problemOf(() => files[0]?.get('a'))).toMatchObject({ code: 'keys-locked' });
    expect(await problemOf(() => files[0]?.store('a', 'b'))).toMatchObject({ code: 'keys-locked' });
  });
});
