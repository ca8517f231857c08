import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createKeyFile, readSecretFile } from '../../../src/client/identity.ts';
import { nodeCrypto } from '../../../src/spa/crypto-node.ts';
import { formatKey } from '../../../src/spa/keys.ts';
import { problemOf, temporaryFolder } from './support.ts';

const UID = process.getuid?.();
let path: string;
beforeEach(() => {
  path = join(temporaryFolder(), 'new folder', 'id');
});

describe('making a key', () => {
  it('makes a file for the owner only, which reads back', () => {
    const key = createKeyFile(path, nodeCrypto);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
    expect(formatKey(readSecretFile(path, UID))).toBe(formatKey(key));
  });

  it('never overwrites', async () => {
    createKeyFile(path, nodeCrypto);
    const before = readFileSync(path);
    expect(await problemOf(() => createKeyFile(path, nodeCrypto))).toMatchObject({ code: 'key-exists', exit: 6 });
    expect(readFileSync(path)).toEqual(before);
  });

  it('says so when there is no place for it', async () => {
    const within = join('/dev/null', 'id');
    expect(await problemOf(() => createKeyFile(within, nodeCrypto))).toMatchObject({ code: 'file-unusable', exit: 3 });
  });
});

describe('reading a key', () => {
  it('says how to make one when there is none', async () => {
    const problem = await problemOf(() => readSecretFile(path, UID));
    expect(problem).toMatchObject({ code: 'key-missing', exit: 14 });
    expect(problem.next).toContain('knockgate keygen');
  });

  it.each([0o640, 0o604, 0o620, 0o601])('refuses mode %o, and says which command mends it', async (mode) => {
    createKeyFile(path, nodeCrypto);
    chmodSync(path, mode);
    const problem = await problemOf(() => readSecretFile(path, UID));
    expect(problem).toMatchObject({ code: 'key-readable-by-others', exit: 14 });
    expect(problem.next).toContain(`chmod 600 '${path}'`);
    expect(readSecretFile(path, undefined)).toHaveLength(32);
  });

  it("refuses somebody else's", async () => {
    createKeyFile(path, nodeCrypto);
    const problem = await problemOf(() => readSecretFile(path, (UID ?? 0) + 1));
    expect(problem).toMatchObject({ code: 'key-not-own', exit: 14 });
  });

  it('refuses what is not a key, and never quotes it', async () => {
    createKeyFile(path, nodeCrypto);
    const secret = formatKey(new Uint8Array(32).fill(0xa5));
    for (const text of ['', secret.slice(1), `${secret}A`, `${secret}\n${secret}`, 'x'.repeat(10_000)]) {
      writeFileSync(path, text);
      const problem = await problemOf(() => readSecretFile(path, UID));
      expect(problem).toMatchObject({ code: 'key-malformed', exit: 14 });
      expect(JSON.stringify(problem)).not.toContain(secret.slice(1, 20));
    }
  });

  it('takes the white space that editors leave', () => {
    createKeyFile(path, nodeCrypto);
    writeFileSync(path, ` ${formatKey(new Uint8Array(32).fill(7))}\r\n\n`);
    expect(readSecretFile(path, UID)).toEqual(new Uint8Array(32).fill(7));
  });

  it('says so when it cannot be read at all', async () => {
    const within = join('/dev/null', 'id');
    expect(await problemOf(() => readSecretFile(within, UID))).toMatchObject({ code: 'key-unreadable', exit: 14 });
    const folder = temporaryFolder();
    expect(await problemOf(() => readSecretFile(folder, UID))).toMatchObject({ exit: 14 });
  });
});
