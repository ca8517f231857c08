import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createKeyFile, readSecretFile } from '../../../../src/client/keys/identity.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { formatKey } from '../../../../src/spa/keys.ts';
import { expectMode, OWNER, problemOf, temporaryFolder } from '../support.ts';

let path: string;
beforeEach(() => {
  path = join(temporaryFolder(), 'new folder', 'id');
});

describe('making a key', () => {
  it('makes a file for the owner only, which reads back', () => {
    const key = createKeyFile(path, OWNER, nodeCrypto);
    expect(formatKey(readSecretFile(path, OWNER))).toBe(formatKey(key));
    expectMode(path, 0o600);
    expectMode(join(path, '..'), 0o700);
  });

  it('never overwrites', async () => {
    createKeyFile(path, OWNER, nodeCrypto);
    const before = readFileSync(path);
    expect(await problemOf(() => createKeyFile(path, OWNER, nodeCrypto))).toMatchObject({
      code: 'key-exists',
      exit: 6,
    });
    expect(readFileSync(path)).toEqual(before);
  });

  it('says so when there is no place for it', async () => {
    const within = join('/dev/null', 'id');
    expect(await problemOf(() => createKeyFile(within, OWNER, nodeCrypto))).toMatchObject({
      code: 'file-unusable',
      exit: 3,
    });
  });
});

describe('reading a key', () => {
  it('says how to make one when there is none', async () => {
    const problem = await problemOf(() => readSecretFile(path, OWNER));
    expect(problem).toMatchObject({ code: 'key-missing', exit: 14 });
    expect(problem.next).toContain('knockgate keygen');
  });

  it.each([0o640, 0o604, 0o620, 0o601])('refuses mode %o, and says which command mends it', async (mode) => {
    createKeyFile(path, OWNER, nodeCrypto);
    chmodSync(path, mode);
    const problem = await problemOf(() => readSecretFile(path, OWNER));
    expect(problem).toMatchObject({ code: 'key-readable-by-others', exit: 14 });
    expect(problem.next).toContain(`chmod 600 '${path}'`);
  });

  it("refuses somebody else's", async () => {
    createKeyFile(path, OWNER, nodeCrypto);
    const problem = await problemOf(() => readSecretFile(path, Number(OWNER) + 1));
    expect(problem).toMatchObject({ code: 'key-not-own', exit: 14 });
  });

  it('refuses what is not a key, and never quotes it', async () => {
    createKeyFile(path, OWNER, nodeCrypto);
    const secret = formatKey(new Uint8Array(32).fill(0xa5));
    for (const text of ['', secret.slice(1), `${secret}A`, `${secret}\n${secret}`, 'x'.repeat(10_000)]) {
      writeFileSync(path, text);
      const problem = await problemOf(() => readSecretFile(path, OWNER));
      expect(problem).toMatchObject({ code: 'key-malformed', exit: 14 });
      expect(JSON.stringify(problem)).not.toContain(secret.slice(1, 20));
    }
  });

  it('takes the white space that editors leave', () => {
    createKeyFile(path, OWNER, nodeCrypto);
    writeFileSync(path, ` ${formatKey(new Uint8Array(32).fill(7))}\r\n\n`);
    expect(readSecretFile(path, OWNER)).toEqual(new Uint8Array(32).fill(7));
  });

  it('says so when it cannot be opened', async () => {
    const within = join('/dev/null', 'id');
    expect(await problemOf(() => readSecretFile(within, OWNER))).toMatchObject({ code: 'key-unreadable', exit: 14 });
  });

  it('refuses a folder', async () => {
    const folder = temporaryFolder();
    expect(await problemOf(() => readSecretFile(folder, OWNER))).toMatchObject({ exit: 14 });
  });
});
