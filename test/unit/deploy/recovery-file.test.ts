import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/base/bytes.ts';
import { inEnglish } from '../../../src/base/phrase.ts';
import { isSealedFile } from '../../../src/client/keys/exported-key.ts';
import { RecoveryFile } from '../../../src/deploy/second-way/recovery-file.ts';
import { nodeCrypto } from '../../../src/spa/crypto-node.ts';
import { expectMode, problemOf, temporaryFolder } from '../client/support.ts';

const passphrase = 'correct horse battery staple';
const IO = {
  crypto: nodeCrypto,
  deriveKey: async (text: Uint8Array, salt: Uint8Array) => nodeCrypto.sha256(concat(salt, text)),
};
const keeperAt = (path: string) => RecoveryFile.create(async () => ({ path, passphrase }), IO);

describe('a recovery file that is discarded', () => {
  it('gives back the file that it replaced, byte by byte, with its mode', async () => {
    const path = join(temporaryFolder(), 'photo.jpg');
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    writeFileSync(path, bytes);
    chmodSync(path, 0o640);
    const keeper = keeperAt(path);
    expect(await keeper.secure()).toBe(true);
    expect(isSealedFile(path)).toBe(true);
    expect(inEnglish((await keeper.discard()) ?? expect.unreachable())).toContain('is as it was before');
    expect(new Uint8Array(readFileSync(path))).toEqual(bytes);
    expectMode(path, 0o640);
  });

  it('is deleted where there was none', async () => {
    const path = join(temporaryFolder(), 'key');
    const keeper = keeperAt(path);
    await keeper.secure();
    expect(inEnglish((await keeper.discard()) ?? expect.unreachable())).toContain('was deleted');
    expect(existsSync(path)).toBe(false);
  });

  it('says nothing of a file that could not be written', async () => {
    const folder = join(temporaryFolder(), 'key');
    mkdirSync(folder);
    const keeper = keeperAt(folder);
    expect((await problemOf(() => keeper.secure())).code).toBe('file-unusable');
    expect(await keeper.discard()).toBeUndefined();
    const missing = keeperAt(join(folder, 'no', 'such', 'folder'));
    expect((await problemOf(() => missing.secure())).code).toBe('file-unusable');
    expect(await missing.discard()).toBeUndefined();
  });
});
