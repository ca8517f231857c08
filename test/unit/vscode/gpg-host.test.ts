import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as openpgp from 'openpgp';
import { beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { nodeFwknopCrypto as crypto } from '../../../src/fwknop/crypto-node.ts';
import { openGpg, readGpgPrivateKey, readGpgPublicKey } from '../../../src/fwknop/gpg.ts';
import { readGpgPacket } from '../../../src/fwknop/gpg-packet.ts';
import { configuration, ENTER, logged, resetEditor, shown, Uri, workspace } from '../../rig/fake-vscode.ts';
import { temporaryFolder } from '../client/support.ts';
import { fakeGpg } from '../fwknop/fake-gpg.ts';
import { makeGpgKeys, type TestKeys } from '../fwknop/gpg-keys.ts';
import { loopbackDoor } from '../loopback-door.ts';
import { hosts, lock, messages, run, startEditor } from './editor.ts';

beforeEach(resetEditor);

/** .fwknoprc ends a value at a blank. */
const PASSPHRASE = 'open-sésame';
const HMAC_KEY = 'an-hmac-key';
let server: TestKeys;
let client: TestKeys;
let locked: TestKeys;
beforeAll(async () => {
  const made = { kind: 'ecc' } as const;
  [server, client, locked] = await Promise.all([
    makeGpgKeys('server', made),
    makeGpgKeys('client', made),
    makeGpgKeys('locked', { ...made, passphrase: PASSPHRASE }),
  ]);
});

const kept = (signer: TestKeys | undefined, passphrase?: string) =>
  JSON.stringify({
    recipient: server.public,
    signer: signer?.secret,
    passphrase,
    hmacKey: `HMAC_KEY: ${HMAC_KEY}\n`,
  });

/** fwknopd on loopback, which opens a port when it has heard a packet that a signer's key has made. */
async function fwknopd(signer: TestKeys, changes: Record<string, unknown> = {}) {
  const [recipient, known] = await Promise.all([
    readGpgPrivateKey(openpgp, server.secret, 'encryption', undefined),
    readGpgPublicKey(openpgp, signer.public, 'signatures'),
  ]);
  if (!recipient.ok || !known.ok) throw new Error('no keys');
  const keys = { recipient: recipient.key, signer: known.key };
  let heard = 0;
  const door = await loopbackDoor();
  const udp = createSocket('udp4', async (datagram) => {
    const hmac = { digest: 'sha256' as const, key: utf8(HMAC_KEY) };
    const read = readGpgPacket(crypto, hmac, false, datagram.toString('latin1'));
    const time = { now: Date.now(), toleranceMs: 10_000 };
    const opened = read.ok ? await openGpg(openpgp, keys, read.ciphertext, time) : undefined;
    if (opened === undefined) return;
    heard += 1;
    void door.open();
  });
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve));
  onTestFinished(() => void udp.close());
  const fields = { kind: 'fwknop', mode: 'gpg', address: '127.0.0.1', knockPort: udp.address().port };
  configuration.set('knockgate.hosts', { bastion: { ...fields, ports: [`tcp/${door.port}`], ...changes } });
  return { heard: () => heard };
}

/** Nothing of what is kept secret is in the settings, in the log, or in what was shown. */
function expectNoSecrets(): void {
  const said = JSON.stringify([...configuration, ...logged, ...shown.map(({ message }) => message)]);
  for (const secret of ['PRIVATE KEY', 'PUBLIC KEY BLOCK-----\\n', PASSPHRASE, HMAC_KEY])
    expect(said).not.toContain(secret);
}

describe("a host in GnuPG's mode", () => {
  it('is knocked at when a window is about to connect to it', async () => {
    const { heard } = await fwknopd(locked);
    workspace.workspaceFolders = [{ uri: { authority: 'ssh-remote+bastion' } }];
    await startEditor({ bastion: kept(locked, PASSPHRASE) });
    // The first time, the library is loaded as well: the window does not wait for all of it.
    await vi.waitFor(() => expect(lock()?.text).toMatch(/bastion: open/), { timeout: 20_000 });
    expect(heard()).toBeGreaterThan(0);
    expectNoSecrets();
  });

  it('whose key is locked asks nobody then, but once when somebody knocks', async () => {
    const { heard } = await fwknopd(locked);
    workspace.workspaceFolders = [{ uri: { authority: 'ssh-remote+bastion' } }];
    await startEditor({ bastion: kept(locked) });
    await vi.waitFor(() => expect(lock()?.text).toContain('keys locked'), { timeout: 20_000 });
    expect([heard(), messages('input')]).toEqual([0, []]);
    expect(lock()?.tooltip).toMatchObject({ value: expect.stringContaining('asked for once in each window') });

    await run('knockHost', [undefined], 'bastion');
    expect([heard(), messages('input').length, messages('error')]).toEqual([0, 1, []]);
    await run('knockHost', ['wrong', PASSPHRASE], 'bastion');
    expect(messages('input').slice(1)).toEqual([
      expect.stringMatching(/^Unlock the key for bastion/),
      expect.stringMatching(/^Unlock the key for bastion: The passphrase does not unlock it/),
    ]);
    expect(lock()?.text).toMatch(/bastion: open/);
    const before = heard();
    await run('knockHost', [], 'bastion');
    expect(messages('input')).toHaveLength(3);
    expect(heard()).toBeGreaterThan(before - 1);
    expectNoSecrets();
  });

  it('is diagnosed: its keys can be used, and it opens', async () => {
    await fwknopd(client);
    await startEditor({ bastion: kept(client) });
    await run('diagnoseHost', [], 'bastion');
    expect(logged.join()).toContain('bastion: Key: ok: There are OpenPGP keys, and they can be used.');
    expect(messages('information').at(-1)).toMatch(/bastion: everything works/);
  });

  it.each([
    ['something else', () => 'KEY: x\n'],
    ['no key of the HMAC', () => JSON.stringify({ recipient: server.public })],
  ])('whose keys are %s says so', async (_, text) => {
    await fwknopd(client);
    await startEditor({ bastion: text() });
    await run('knockHost', [], 'bastion');
    expect(messages('error').at(-1)).toMatch(/do not match its settings.*OpenPGP key of the server/);
  });

  it('is removed with all of its keys', async () => {
    await fwknopd(client);
    const stored = await startEditor({ bastion: kept(client) });
    await run('removeHost', ['Remove'], 'bastion');
    expect([hosts(), stored.size]).toEqual([{}, 0]);
  });

  it('is what a host becomes whose mode is changed, and then has its keys asked for', async () => {
    const { heard } = await fwknopd(client, { mode: 'cbc' });
    const { ports, knockPort } = (hosts() as Record<string, Record<string, never>>).bastion ?? {};
    const stored = await startEditor({ bastion: 'KEY: x\n' });
    const oneLine = (text: string) => text.replaceAll('\n', '');
    vi.stubEnv('PATH', temporaryFolder());
    const fields = ['127.0.0.1', String(ports), ENTER, String(knockPort), 'gpg', ENTER, ENTER, '', '', '', '', ''];
    const keys = ['Paste…', oneLine(server.public), 'Paste…', oneLine(client.secret), '', 'Text', HMAC_KEY];
    await run('editHost', [...fields, ...keys], { host: 'bastion' });
    vi.unstubAllEnvs();
    expect(hosts()).toMatchObject({ bastion: { mode: 'gpg' } });
    expect(JSON.parse(stored.get('knockgate.hostKeys/bastion') ?? '')).toEqual({
      recipient: server.public,
      signer: client.secret,
      hmacKey: `HMAC_KEY: ${HMAC_KEY}\n`,
    });
    await run('knockHost', [], 'bastion');
    expect([heard() > 0, messages('error')]).toEqual([true, []]);
    expectNoSecrets();
  });
});

describe("a stanza of .fwknoprc in GnuPG's mode", () => {
  const stanza = (more = '') => {
    const path = join(temporaryFolder(), 'fwknoprc');
    const lines = ['[bastion]', 'SPA_SERVER 192.0.2.9', 'USE_GPG Y', 'GPG_RECIPIENT server', 'GPG_SIGNER me', more];
    writeFileSync(path, `${lines.join('\n')}\n`);
    return [Uri.file(path)];
  };

  it('is imported with the keys that gpg has', async () => {
    const gpg = fakeGpg({ listing: '', armoured: { server: server.public, me: locked.secret } });
    vi.stubEnv('PATH', gpg.folder);
    const stored = await startEditor();
    await run('importFwknop', [stanza(`GPG_SIGNING_PW ${PASSPHRASE}\nHMAC_KEY ${HMAC_KEY}`), 'bastion']);
    vi.unstubAllEnvs();
    expect(messages('information')).toEqual(['bastion is imported, with its keys.']);
    expect(hosts()).toEqual({ bastion: { kind: 'fwknop', mode: 'gpg', address: '192.0.2.9' } });
    expect(JSON.parse(stored.get('knockgate.hostKeys/bastion') ?? '')).toEqual({
      recipient: server.public,
      signer: locked.secret,
      passphrase: PASSPHRASE,
      hmacKey: `HMAC_KEY ${HMAC_KEY}\n`,
    });
    expectNoSecrets();
  });

  it('makes no host when gpg has not its keys, or they cannot be used', async () => {
    const wrong = [
      { server: server.public, me: '' },
      { server: server.public, me: client.public },
    ];
    for (const armoured of wrong) {
      const gpg = fakeGpg({ listing: '', armoured });
      vi.stubEnv('PATH', gpg.folder);
      const stored = await startEditor();
      await run('importFwknop', [stanza(), 'bastion']);
      vi.unstubAllEnvs();
      expect(messages('error').at(-1)).toMatch(
        /gpg did not export the key "me"|your private key: this OpenPGP key cannot/,
      );
      expect([hosts(), stored.size]).toEqual([undefined, 0]);
    }
  });
});
