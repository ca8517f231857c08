import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { toBase64Url } from '../../../src/base/bytes.ts';
import {
  answers,
  clipboard,
  configuration,
  ENTER,
  env,
  executed,
  extensions,
  logged,
  registered,
  resetEditor,
  shown,
  statusBarItems,
  workspace,
} from '../../rig/fake-vscode.ts';
import { pair } from '../client/support.ts';
import { FakeContext, start } from './editor.ts';
import { gate } from './loopback-gate.ts';
import { PRIVATE_KEY, sshExtension } from './support.ts';

beforeEach(resetEditor);

/** An editor that has a key. */
const withKey = () => new FakeContext(new Map([['knockgate.clientKey', toBase64Url(PRIVATE_KEY)]]));

const openFolder = (authority: string) => {
  workspace.workspaceFolders = [{ uri: { authority } }];
};
const lockTexts = () => statusBarItems.at(-1)?.text;

describe('a window to a host with a gate', () => {
  it('has knocked, and found the port open, when the editor goes on', async () => {
    const { knocks } = await gate(true);
    openFolder('ssh-remote+prod');
    await start(withKey());
    expect(lockTexts()).toMatch(/^\$\(unlock\) prod: open (30|29) s$/);
    await expect.poll(() => knocks.length).toBe(1);
  });

  it('has knocked also when it is empty', async () => {
    const { knocks } = await gate(true);
    env.remoteName = 'ssh-remote';
    sshExtension(`{ remoteAuthority: 'ssh-remote+prod' }`);
    await start(withKey());
    expect(lockTexts()).toMatch(/^\$\(unlock\) prod: open (30|29) s$/);
    await expect.poll(() => knocks.length).toBe(1);
  });

  it('goes on in time when nothing opens', async () => {
    await gate(false);
    configuration.set('knockgate.autoKnock.timeout', 0.3);
    openFolder('dev-container+7b7d@ssh-remote+prod');
    const startedMs = performance.now();
    await start(withKey());
    expect(performance.now() - startedMs).toBeLessThan(600);
    expect(shown).toEqual([]);
  });

  it('goes on, and shows nothing but the lock, when there is no key', async () => {
    const { knocks } = await gate(true);
    const context = withKey();
    context.stored.clear();
    openFolder('ssh-remote+prod');
    await start(context);
    expect([lockTexts(), shown.length, knocks.length]).toEqual(['$(warning) prod: no key', 0, 0]);
  });

  it.each([
    ['local', undefined],
    ['to another host', 'ssh-remote+other'],
  ])('does not knock when it is %s', async (_, authority) => {
    const { knocks } = await gate(true);
    if (authority !== undefined) openFolder(authority);
    await start(withKey());
    expect([lockTexts(), knocks.length]).toEqual(['$(lock) Knock', 0]);
  });
});

describe('the commands', () => {
  const run = (id: string, argument?: unknown) => registered.get(id)?.(argument);

  it('add a host, make the key, knock, and open the window', async () => {
    const { line, knocks } = await gate(true);
    const port = (configuration.get('knockgate.hosts') as { prod: { ports: string[] } }).prod.ports[0];
    configuration.clear();
    const context = withKey();
    await start(context);
    expect(statusBarItems.at(-1)?.isShown).toBe(false);
    await run('knockgate.copyPublicKey');
    expect(clipboard.text).toMatch(new RegExp(`^knockgate1 client ${toBase64Url(pair.clientPublic)} \\S+$`));

    answers.push(ENTER, `  ${line}\n`, 'home');
    expect(await run('knockgate.addHost')).toBe('home');
    expect(configuration.get('knockgate.hosts')).toEqual({ home: { gate: line } });
    expect(statusBarItems.at(-1)?.isShown).toBe(true);

    configuration.set('knockgate.hosts', { home: { gate: line, ports: [port] } });
    extensions.all.push({ id: 'a.b', packageJSON: { activationEvents: ['onResolveRemoteAuthority:ssh-remote'] } });
    // The name has no address.
    answers.push('home', 'Connect to home all the same');
    await run('knockgate.knockAndConnect');
    const remote = { remoteAuthority: 'ssh-remote+home', reuseWindow: true };
    expect(executed).toEqual([{ command: 'vscode.newWindow', args: [remote] }]);
    await expect.poll(() => knocks.length).toBeGreaterThan(0);
    const sent = knocks.length;

    // The window that has just been opened is an empty one.
    env.remoteName = 'ssh-remote';
    context.globalState.values.forEach((value, key) => {
      context.globalState.values.set(key, JSON.parse(JSON.stringify(value)));
    });
    await start(context);
    await expect.poll(lockTexts).toContain('home: open');
    expect(knocks).toHaveLength(sent);
  });

  it('knock again at once when a person asks', async () => {
    const { knocks } = await gate(true);
    await start(withKey());
    await run('knockgate.knockHost', 'prod');
    await run('knockgate.knockHost', { host: 'prod' });
    await expect.poll(() => knocks.length).toBe(2);
  });

  it('know after a reload what they opened', async () => {
    await gate(true);
    const context = withKey();
    await start(context);
    await run('knockgate.knockHost', 'prod');
    await start(context);
    await expect.poll(lockTexts).toMatch(/prod: open \d+ s/);
  });

  it('show a door open that a diagnosis has opened', async () => {
    await gate('after a knock');
    await start(withKey());
    await run('knockgate.diagnoseHost', 'prod');
    expect(lockTexts()).toMatch(/^\$\(unlock\) prod: open (30|29) s$/);
    expect(statusBarItems.at(-1)?.tooltip).toMatchObject({ value: expect.stringContaining('127.0.0.1') });
  });

  it('say what is missing where no extension opens such windows', async () => {
    await gate(true);
    extensions.all.push({
      id: 'knockgate.knockgate',
      packageJSON: { activationEvents: ['onResolveRemoteAuthority:ssh-remote'] },
    });
    await start(withKey());
    await run('knockgate.knockAndConnect', 'prod');
    expect(shown.at(-1)?.message).toContain('Remote - SSH');
    expect(executed).toEqual([]);
  });

  it('show what went wrong, and the log to who asks for it', async () => {
    await start(withKey());
    answers.push('Show Log');
    await run('knockgate.knockHost', 'nowhere');
    expect(shown[0]).toMatchObject({ kind: 'error', items: ['Set Up Gate…', 'Add Host…', 'Show Log'] });
    expect(shown[0]?.message).toMatch(/^nowhere: no gate.*Add Host/);
    await expect.poll(() => shown.at(-1)?.kind).toBe('log');
  });

  it('refuse a key that anybody could use', async () => {
    await start(withKey());
    const { line } = await gate(true);
    answers.push(ENTER, line.replace(/gate [^ ]+/, `gate ${toBase64Url(new Uint8Array(32))}`), 'home');
    configuration.clear();
    await run('knockgate.addHost');
    expect(shown.at(-1)?.message).toContain('low-order');
    expect(configuration.size).toBe(0);
  });

  it('edit a host, field after field, and remove it when that is confirmed', async () => {
    const { line } = await gate(true);
    await start(withKey());
    answers.push(line, '192.0.2.9', '', 'tcp/22, udp/60001', '60');
    await run('knockgate.editHost', { kind: 'gated', host: 'prod' });
    const fields = { gate: line, address: '192.0.2.9', ports: ['tcp/22', 'udp/60001'], duration: 60 };
    expect(configuration.get('knockgate.hosts')).toEqual({ prod: fields });
    await run('knockgate.copyGateLine', 'prod');
    expect(clipboard.text).toBe(line);
    await run('knockgate.removeHost', 'prod');
    expect(configuration.get('knockgate.hosts')).toEqual({ prod: fields });
    answers.push('Remove');
    await run('knockgate.removeHost', 'prod');
    expect(configuration.get('knockgate.hosts')).toEqual({});
  });

  it('edit a host without losing which key it uses', async () => {
    const { line } = await gate(true);
    await start(withKey());
    configuration.set('knockgate.hosts', { prod: { gate: line, identity: 'work' } });
    answers.push(line, '', '', '', '60');
    await run('knockgate.editHost', { kind: 'gated', host: 'prod' });
    expect(configuration.get('knockgate.hosts')).toEqual({ prod: { gate: line, duration: 60, identity: 'work' } });
  });

  it('forget the key only when that is confirmed', async () => {
    const context = withKey();
    await start(context);
    await run('knockgate.forgetKey');
    expect(context.stored.size).toBe(1);
    answers.push('Forget the Key');
    await run('knockgate.forgetKey');
    expect(context.stored.size).toBe(0);
    expect(shown.map(({ kind }) => kind)).toEqual(['warning', 'warning']);
  });

  it('show the timings', async () => {
    await start(withKey());
    await run('knockgate.showTimings');
    expect(logged.join()).toMatch(/timings.*loaded.*activate.*activated.*apart from a knock: [\d.]+ ms/s);
  });

  it('leave the secret in the secret storage alone', async () => {
    await gate(true);
    const context = withKey();
    openFolder('ssh-remote+prod');
    await start(context);
    await run('knockgate.copyPublicKey');
    await run('knockgate.showTimings');
    const folder = context.globalStorageUri.fsPath;
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
    const texts = files
      .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
      .map((path) => readFileSync(path));
    const everything = JSON.stringify([logged, shown, clipboard, [...configuration], [...context.globalState.values]]);
    expect(files.length).toBeGreaterThan(0);
    expect(everything + texts.join()).not.toContain(toBase64Url(PRIVATE_KEY));
  });
});
