import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { nodeFwknopCrypto as crypto } from '../../../src/fwknop/crypto-node.ts';
import type { FwknopMessage } from '../../../src/fwknop/message.ts';
import { openPacket } from '../../../src/fwknop/packet.ts';
import { decodePlaintext } from '../../../src/fwknop/plaintext.ts';
import {
  configuration,
  documents,
  ENTER,
  executed,
  extensions,
  resetEditor,
  shown,
  Uri,
  workspace,
} from '../../rig/fake-vscode.ts';
import { temporaryFolder } from '../client/support.ts';
import { loopbackDoor } from '../loopback-door.ts';
import { hosts, lock, messages, run, startEditor } from './editor.ts';

beforeEach(resetEditor);

const [key, hmacKey] = [Buffer.alloc(32, 1), Buffer.alloc(64, 2)];
const [KEY, HMAC_KEY] = [key.toString('base64'), hmacKey.toString('base64')];
const STORED = `KEY_BASE64: ${KEY}\nHMAC_KEY_BASE64: ${HMAC_KEY}\n`;

/** fwknopd on loopback, which opens a port when it has heard a packet that is right. */
async function fwknopd(greeting = '') {
  const heard: FwknopMessage[] = [];
  const door = await loopbackDoor(greeting);
  const udp = createSocket('udp4', (datagram) => {
    const keys = { key, mode: 'cbc' as const, hmac: { digest: 'sha256' as const, key: hmacKey } };
    const opened = openPacket(crypto, keys, datagram.toString('latin1'));
    const decoded = opened.ok ? decodePlaintext(crypto, opened.plaintext) : undefined;
    if (!decoded?.ok) return;
    heard.push(decoded.message);
    void door.open();
  });
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve));
  onTestFinished(() => void udp.close());
  const fields = {
    kind: 'fwknop',
    address: '127.0.0.1',
    knockPort: udp.address().port,
    ports: [`tcp/${door.port}`],
    duration: 60,
  };
  configuration.set('knockgate.hosts', { bastion: fields });
  return { heard, port: door.port, fields };
}

/** An editor that has the keys of that host, or none. */
const start = async (withKeys = true) => ({ stored: await startEditor(withKeys ? { bastion: STORED } : {}) });

describe('a host behind fwknopd', () => {
  it('is knocked at when a window is about to connect to it', async () => {
    const { heard, port } = await fwknopd();
    workspace.workspaceFolders = [{ uri: { authority: 'ssh-remote+bastion' } }];
    await start();
    expect(lock()?.text).toMatch(/^\$\(unlock\) bastion: open (60|59) s$/);
    expect(heard[0]).toMatchObject({ ask: { kind: 'access', ports: [{ protocol: 'tcp', port }] }, timeout: 60 });
    expect(lock()?.tooltip).toMatchObject({
      value: expect.stringMatching(/Knocks at `127\.0\.0\.1` \(fwknop\\, UDP \d+\)/),
    });
  });

  it('is added by its keys, knocked at, and connected to', async () => {
    const { fields, port } = await fwknopd();
    configuration.clear();
    const { stored } = await start(false);
    const given = ['fwknop', '127.0.0.1', `tcp/${port}`, ENTER, KEY, HMAC_KEY, 'bastion'];
    expect(await run('addHost', given)).toBe('bastion');
    expect(hosts()).toEqual({ bastion: { kind: 'fwknop', address: '127.0.0.1', ports: [`tcp/${port}`] } });
    expect([...stored]).toEqual([['knockgate.hostKeys/bastion', STORED]]);
    configuration.set('knockgate.hosts', { bastion: fields });
    extensions.all.push({ id: 'a.b', packageJSON: { activationEvents: ['onResolveRemoteAuthority:ssh-remote'] } });
    await run('knockAndConnect', ['Connect to bastion all the same'], 'bastion');
    expect(executed).toMatchObject([
      { command: 'vscode.newWindow', args: [{ remoteAuthority: 'ssh-remote+bastion' }] },
    ]);
  });

  it('says what is missing without keys, and takes them later', async () => {
    const { heard } = await fwknopd();
    const { stored } = await start(false);
    await run('knockHost', [], 'bastion');
    expect(messages('error').at(-1)).toMatch(/^bastion: its keys are not on this device.*Set Keys of Host/);
    expect(heard).toHaveLength(0);
    await run('setHostKeys', [{ host: 'bastion' }, ENTER, KEY, HMAC_KEY]);
    expect(stored.get('knockgate.hostKeys/bastion')).toBe(STORED);
    await run('knockHost', [], 'bastion');
    expect(heard).toHaveLength(1);
  });

  it('says so when its keys do not go with its settings, or are gone', async () => {
    const { fields } = await fwknopd();
    const { stored } = await start();
    configuration.set('knockgate.hosts', { bastion: { ...fields, hmac: 'none' } });
    await run('knockHost', [], 'bastion');
    expect(messages('error').at(-1)).toContain('do not match its settings');
    stored.clear();
    await run('knockHost', [], 'bastion');
    expect(messages('error').at(-1)).toContain('its keys are missing');
    expect(lock()?.text).toContain('key lost');
    expect(lock()?.tooltip).toMatchObject({ value: expect.stringContaining('command:knockgate.setHostKeys') });
  });

  it('is diagnosed, which opens it, and is seen open afterwards', async () => {
    const { port } = await fwknopd('SSH-2.0-x\r\n');
    await start();
    await run('diagnoseHost', [], 'bastion');
    const [show] = [...documents.values()];
    const text = String(show?.({ path: '/bastion.md' }) ?? '');
    expect(messages('information').at(-1)).toMatch(/bastion: everything works/);
    expect(lock()?.text).toMatch(/bastion: open/);
    expect(text).not.toContain(KEY);
    await run('diagnoseHost', [], 'bastion');
    expect(messages('information').at(-1)).toMatch(/answers without a knock/);
    expect(port).toBeGreaterThan(0);
  });

  it('is edited without its keys, and removed with them', async () => {
    const { fields } = await fwknopd();
    const { stored } = await start();
    const given = ['192.0.2.1', '', 'tcp', '', ENTER, ENTER, ENTER, '', '', '', '', ''];
    await run('editHost', given, { host: 'bastion' });
    expect(hosts()).toEqual({ bastion: { kind: 'fwknop', address: '192.0.2.1', carrier: 'tcp' } });
    expect(fields.kind).toBe('fwknop');
    await run('removeHost', [undefined], 'bastion');
    expect(messages('warning').at(-1)).toBe('Remove bastion from the settings?');
    expect(stored.size).toBe(1);
    await run('removeHost', ['Remove'], 'bastion');
    expect([hosts(), stored.size]).toEqual([{}, 0]);
  });

  it('is nothing for commands that are about gates', async () => {
    await fwknopd();
    await start();
    for (const name of ['setPsk', 'copyGateLine', 'chooseIdentity']) {
      await run(name, [], 'bastion');
      expect(messages('error').at(-1)).toContain('bastion is not a gate of Knockgate');
    }
  });
});

describe('a stanza of .fwknoprc', () => {
  const file = (text: string) => {
    const path = join(temporaryFolder(), 'fwknoprc');
    writeFileSync(path, text);
    return [Uri.file(path)];
  };
  const STANZA = `SPA_SERVER 192.0.2.9\nKEY_BASE64 ${KEY}\nHMAC_KEY_BASE64 ${HMAC_KEY}\n`;

  it('is imported, with its keys', async () => {
    const { stored } = await start(false);
    await run('importFwknop', [file(`[bastion]\n${STANZA}`), 'bastion']);
    expect(hosts()).toEqual({ bastion: { kind: 'fwknop', address: '192.0.2.9' } });
    expect([...stored.keys()]).toEqual(['knockgate.hostKeys/bastion']);
    expect(messages('information')).toEqual(['bastion is imported, with its keys.']);
  });

  it('is chosen among several, under another name, and what has no counterpart is told', async () => {
    await start(false);
    const several = file(`[a]\nSPA_SERVER x\n[b]\n${STANZA}WGET_CMD y\n`);
    const second = () => shown.at(-1)?.items[1];
    await run('importFwknop', [several, second, 'home']);
    expect(hosts()).toMatchObject({ home: { address: '192.0.2.9' } });
    expect(messages('warning').at(-1)).toContain('WGET_CMD has no counterpart here');
  });

  it.each([
    ['nothing', '', 'no stanza'],
    ['no keys', '[a]\nSPA_SERVER x\n', 'there are no keys'],
    ['no server', `[a]\nKEY_BASE64 ${KEY}\n`, 'SPA_SERVER is missing'],
    ['a carrier for root', `[a]\n${STANZA}SPA_SERVER_PROTO icmp\n`, 'icmp needs a raw socket'],
  ])('that has %s is refused', async (_, text, says) => {
    const { stored } = await start(false);
    await run('importFwknop', [file(text), 'x']);
    expect(messages('error').at(-1)).toContain(says);
    expect([hosts(), stored.size]).toEqual([undefined, 0]);
  });

  it('with a server that is none makes no host and keeps no keys', async () => {
    const { stored } = await start(false);
    await run('importFwknop', [file(`[a]\n${STANZA.replace('192.0.2.9', '-x')}`), 'a']);
    expect(messages('error')).toHaveLength(1);
    expect([hosts(), stored.size]).toEqual([undefined, 0]);
  });
});
