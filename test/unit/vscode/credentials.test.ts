import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { toBase64Url } from '../../../src/base/bytes.ts';
import { writeExportedKey } from '../../../src/client/keys/exported-key.ts';
import { deriveWithScrypt } from '../../../src/client/keys/scrypt.ts';
import { newSealKey } from '../../../src/client/keys/sealed-key-file.ts';
import { nodeCrypto } from '../../../src/spa/crypto-node.ts';
import { formatGateLine, parseClientLine } from '../../../src/spa/enrolment.ts';
import { clipboard, configuration, executed, logged, resetEditor, shown, Uri } from '../../rig/fake-vscode.ts';
import { expectMode, pair, temporaryFolder } from '../client/support.ts';
import { FakeContext, hosts, messages, run, start } from './editor.ts';
import { FakeMemento } from './support.ts';

const PASSPHRASE = 'correct horse battery staple';
const GATE = { key: pair.gatePublic, slots: 32, addresses: ['127.0.0.1'], knockPorts: [9], name: 'gate' };

beforeEach(() => {
  resetEditor();
  // The port of a service that nobody runs: a diagnosis ends at once.
  configuration.set('knockgate.hosts', { prod: { gate: formatGateLine(GATE), ports: ['tcp/9'] } });
});

/** An editor on a device that has no key yet. */
async function device(folder = temporaryFolder(), globalState = new FakeMemento()) {
  const context = new FakeContext(new Map(), folder, globalState);
  await start(context);
  return { secrets: context.stored, globalState, folder };
}

const copied = () => parseClientLine(clipboard.text);

describe('identities', () => {
  it('are created under a name, chosen for a host, and forgotten when that is confirmed', async () => {
    const { secrets } = await device();
    await run('createIdentity', ['work']);
    expect(copied().name).toMatch(/-work$/);
    await run('chooseIdentity', [{ identity: 'work' }], 'prod');
    expect(configuration.get('knockgate.hosts')).toMatchObject({ prod: { identity: 'work' } });
    const { key } = copied();
    await run('copyPublicKey', [], { host: 'prod' });
    expect(copied().key).toEqual(key);
    await run('copyPublicKey', [{ identity: 'default' }]);
    expect(copied().key).not.toEqual(key);
    await run('forgetKey', [undefined], { host: 'prod' });
    expect(secrets.size).toBe(2);
    await run('forgetKey', ['Forget the Key'], { host: 'prod' });
    expect(secrets.size).toBe(1);
    expect(messages('warning').at(-1)).toContain('Hosts that use it: prod');
    await run('chooseIdentity', [], 'prod');
    expect(configuration.get('knockgate.hosts')).not.toMatchObject({ prod: { identity: 'work' } });
  });

  it('are never overwritten, and bad names are refused', async () => {
    const { secrets } = await device();
    await run('createIdentity', ['work']);
    const before = [...secrets];
    for (const name of ['work', 'a b', '', 'default/x']) await run('createIdentity', [name]);
    expect([...secrets]).toEqual(before);
    expect(messages('complaint')).toHaveLength(4);
  });

  it('that a host names and nobody made are explained', async () => {
    configuration.set('knockgate.hosts', { prod: { gate: formatGateLine(GATE), identity: 'other' } });
    await device();
    await run('knockHost', [], 'prod');
    expect(messages('error').at(-1)).toMatch(/no identity other.*Create Identity/);
    expect(shown.at(-1)?.items).toEqual(['Choose Identity…', 'Show Log']);
  });
});

describe('a rotation', () => {
  it('makes a new key beside the old one, and copies its line', async () => {
    const { secrets } = await device();
    await run('copyPublicKey');
    const old = copied().key;
    await run('rotateKey');
    expect(copied().key).not.toEqual(old);
    expect(messages('information').at(-1)).toContain('on the gates of prod');
    expect(secrets.size).toBe(2);
    const next = copied().key;
    await run('rotateKey', ['Finish Rotation']);
    expect(messages('information').at(-1)).toContain('There is a new key');
    expect(executed.at(-1)).toEqual({ command: 'knockgate.finishRotation', args: ['default'] });
    await run('copyPublicKey');
    expect(copied().key).toEqual(old);
    await choose('Copy the Line');
    expect(copied().key).toEqual(next);
    await choose('Forget the Old Key', 'Forget the Old Key');
    await run('copyPublicKey');
    expect(copied().key).toEqual(next);
    expect(secrets.size).toBe(1);
  });

  it('can be taken back', async () => {
    const { secrets } = await device();
    await run('copyPublicKey');
    const before = [...secrets];
    await run('rotateKey');
    await choose('Discard the New Key', undefined);
    expect(secrets.size).toBe(2);
    await choose('Discard the New Key', 'Discard the New Key');
    expect([...secrets]).toEqual(before);
    await run('finishRotation');
    expect(messages('error').at(-1)).toContain('Rotate This Device’s Key');
  });

  it('does not believe a port that was open before, nor one that stays shut', async () => {
    const { secrets } = await device();
    await run('copyPublicKey');
    await run('rotateKey');
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    configuration.set('knockgate.hosts', { prod: { gate: formatGateLine(GATE), ports: [`tcp/${port}`] } });
    await choose('Try the New Key at prod');
    expect(messages('warning').at(-1)).toContain('prod was open already');
    await new Promise((resolve) => server.close(resolve));
    await choose('Try the New Key at prod');
    expect(executed.at(-1)?.command).toBe('markdown.showPreview');
    expect(messages('information').join()).not.toContain('opens to the new key');
    expect(secrets.size).toBe(2);
  });

  it('needs a key', async () => {
    await device();
    await run('rotateKey');
    expect(messages('error').at(-1)).toContain('no client key yet');
  });

  /** Takes one of the offers, as the person reads them. */
  async function choose(label: string, ...more: unknown[]): Promise<void> {
    await run('finishRotation');
    const items = shown.findLast(({ kind }) => kind === 'pick')?.items ?? [];
    const item = items.find((each) => JSON.stringify(each).includes(label));
    expect(item).toBeDefined();
    await run('finishRotation', [item, ...more]);
  }
});

describe('an export', () => {
  it('is sealed, for its owner alone, and comes back on another device', async () => {
    const { secrets, folder } = await device();
    await run('copyPublicKey');
    const { key } = copied();
    const path = join(folder, 'exported.key');
    writeFileSync(path, 'what was there', { mode: 0o644 });
    await run('exportKey', [PASSPHRASE, PASSPHRASE, Uri.file(path)]);
    expectMode(path, 0o600);
    const text = readFileSync(path, 'latin1');
    expect(text).toMatch(/^knockgate-sealed 1 /);
    for (const secret of secrets.values()) expect(text).not.toContain(secret);

    resetEditor();
    await device();
    await run('importKey', [[Uri.file(path)], 'something else']);
    expect(messages('error').at(-1)).toContain('passphrase does not open');
    await run('importKey', [[Uri.file(path)], PASSPHRASE]);
    await run('copyPublicKey');
    expect(copied().key).toEqual(key);
    // Taken by now: it asks for another name.
    await run('importKey', [[Uri.file(path)], PASSPHRASE, 'second']);
    await run('copyPublicKey', [{ identity: 'second' }]);
    expect(copied().key).toEqual(key);
    const everything = JSON.stringify([logged, shown, clipboard, [...configuration]]);
    for (const secret of [...secrets.values(), PASSPHRASE]) expect(everything).not.toContain(secret);
  });

  it('of a recovery key brings the hosts that it opens, and leaves those that are there', async () => {
    const { folder } = await device();
    const path = join(folder, 'prod-recovery');
    const io = { crypto: nodeCrypto, deriveKey: deriveWithScrypt };
    const host = (login: string) => ({ gate: GATE, login });
    const exported = {
      identity: 'recovery',
      key: new Uint8Array(32).fill(7),
      hosts: new Map([
        ['prod', host('ssh://root@127.0.0.1:22')],
        ['staging', host('ssh://root@127.0.0.1:2222')],
      ]),
    };
    writeExportedKey(path, exported, await newSealKey(PASSPHRASE, io), io, 'x');
    const before = hosts();
    await run('importKey', [[Uri.file(path)], PASSPHRASE, undefined, 'Knock and Connect to staging']);
    expect(hosts()).toEqual({ ...Object(before), staging: { gate: formatGateLine(GATE), identity: 'recovery' } });
    expect(messages('warning').at(-1)).toContain('known already and stay as they are: prod');
    expect(messages('information').at(-1)).toBe('The key is imported as identity recovery, and opens staging.');
    expect(executed).toContainEqual({ command: 'knockgate.knockAndConnect', args: ['root@127.0.0.1:2222'] });
  });

  it('is not imported when the key of its gate is known under another address', async () => {
    const { folder, secrets } = await device();
    const path = join(folder, 'copied-recovery');
    const io = { crypto: nodeCrypto, deriveKey: deriveWithScrypt };
    const strange = { gate: { ...GATE, addresses: ['192.0.2.66'] }, login: 'ssh://root@192.0.2.66:22' };
    const exported = { identity: 'recovery', key: new Uint8Array(32).fill(7), hosts: new Map([['copy', strange]]) };
    writeExportedKey(path, exported, await newSealKey(PASSPHRASE, io), io, 'x');
    const before = [hosts(), secrets.size];
    await run('importKey', [[Uri.file(path)], PASSPHRASE]);
    expect(messages('error').at(-1)).toContain('copy: its key is that of prod already');
    expect([hosts(), secrets.size]).toEqual(before);
  });

  it('wants a long passphrase, twice, and a place on this computer', async () => {
    const { folder } = await device();
    await run('copyPublicKey');
    const path = join(folder, 'exported.key');
    await run('exportKey', ['short']);
    await run('exportKey', [PASSPHRASE, `${PASSPHRASE}x`]);
    expect(messages('complaint')).toEqual(['At least 12 characters.', 'It is not the same.']);
    await run('exportKey', [PASSPHRASE, PASSPHRASE, { scheme: 'vscode-remote', path }]);
    await run('importKey', [[{ scheme: 'vscode-remote', path }]]);
    expect(messages('error').filter((each) => each.includes('not on this computer'))).toHaveLength(2);
    await run('exportKey', [PASSPHRASE, PASSPHRASE, Uri.file(join(folder, 'no', 'folder'))]);
    await run('importKey', [[Uri.file(path)]]);
    expect(messages('error').slice(-2).join()).toMatch(/no such file.*no such file/s);
    expect(readdirSync(folder)).not.toContain('exported.key');
  });
});

describe('the key file', () => {
  beforeEach(() => configuration.set('knockgate.keyStore', 'file'));

  it('is made and unlocked once, and is where the keys are', async () => {
    const folder = temporaryFolder();
    const { secrets, globalState } = await device(folder);
    await run('copyPublicKey', [PASSPHRASE, PASSPHRASE]);
    const { key } = copied();
    await run('copyPublicKey');
    expect(messages('input')).toHaveLength(2);
    expect(secrets.size).toBe(0);
    const path = join(folder, 'storage', 'keys');
    expectMode(path, 0o600);
    expect(readFileSync(path, 'latin1')).toMatch(/^knockgate-sealed 1 /);

    // Another window asks once more, and has the same key.
    resetEditor();
    configuration.set('knockgate.keyStore', 'file');
    await device(folder, globalState);
    await run('copyPublicKey', ['something else']);
    expect(messages('error').at(-1)).toContain('passphrase does not open');
    await run('copyPublicKey', [undefined]);
    expect(clipboard.text).toBe('');
    await run('unlockKeys', [PASSPHRASE]);
    await run('copyPublicKey');
    expect(copied().key).toEqual(key);
  });

  it('that is broken is said to be, and left alone', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'storage', 'keys');
    mkdirSync(join(folder, 'storage'));
    writeFileSync(path, 'nonsense');
    await device(folder);
    await run('copyPublicKey', [PASSPHRASE]);
    expect(messages('error').at(-1)).toContain('not a complete file of sealed keys');
    expect(readFileSync(path, 'latin1')).toBe('nonsense');
  });
});

describe('a pre-shared key', () => {
  it('is kept as a secret, and forgotten when that is confirmed', async () => {
    const { secrets } = await device();
    const psk = toBase64Url(new Uint8Array(32).fill(7));
    await run('setPsk', ['nonsense'], 'prod');
    expect(secrets.size).toBe(0);
    await run('setPsk', [psk], 'prod');
    expect([...secrets.values()]).toEqual([psk]);
    expect(JSON.stringify([logged, shown, [...configuration]])).not.toContain(psk);
    await run('forgetPsk', [undefined], 'prod');
    expect(secrets.size).toBe(1);
    await run('forgetPsk', ['Forget the Pre-Shared Key'], 'prod');
    expect(secrets.size).toBe(0);
  });

  it('goes with its host, after saying so; the client key stays', async () => {
    const { secrets } = await device();
    await run('copyPublicKey');
    await run('setPsk', [toBase64Url(new Uint8Array(32).fill(7))], 'prod');
    await run('removeHost', [undefined], 'prod');
    expect(secrets.size).toBe(2);
    await run('removeHost', ['Remove'], 'prod');
    expect(JSON.stringify(shown.at(-1))).toContain('pre-shared key is forgotten');
    expect([...secrets.keys()]).toEqual(['knockgate.clientKey']);
  });

  it('that is gone is explained rather than left out', async () => {
    const { secrets } = await device();
    await run('copyPublicKey');
    await run('setPsk', [toBase64Url(new Uint8Array(32).fill(7))], 'prod');
    secrets.delete('knockgate.psk/prod');
    await run('knockHost', [], 'prod');
    expect(messages('error').at(-1)).toContain('missing from the key store of this device');
  });
});

describe('a diagnosis', () => {
  it('is shown as a document, and copied as text for an issue without names', async () => {
    await device();
    await run('copyPublicKey');
    await run('diagnoseHost', ['Copy for an Issue'], 'prod');
    expect(executed.at(-1)).toMatchObject({ command: 'markdown.showPreview', args: [{ path: '/1/prod.md' }] });
    await expect.poll(() => clipboard.text).toContain('Verdict: `');
    expect(clipboard.text).not.toMatch(/prod|127\.0\.0\.1/);
    expect(logged.join('\n')).toMatch(/prod: Name: ok/);
  });

  it('is offered when a knock fails', async () => {
    configuration.set('knockgate.hosts', { prod: { gate: formatGateLine(GATE), address: 'prod.invalid' } });
    await device();
    await run('copyPublicKey');
    await run('knockHost', ['Diagnose'], 'prod');
    await expect.poll(() => executed.at(-1)).toEqual({ command: 'knockgate.diagnoseHost', args: ['prod'] });
  });
});
