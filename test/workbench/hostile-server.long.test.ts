import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import { formatGateLine, parseClientLine } from '../../src/spa/enrolment.ts';
import { formatKey } from '../../src/spa/keys.ts';
import type { Window } from '../rig/editor/window.ts';
import { Workbench } from '../rig/editor/workbench.ts';
import { CLICKABLE, HostileServer, OBEYED, type Script, type Treatment } from '../rig/hostile-server.ts';
import { createPair, type Pair, TARGET4 } from '../rig/netns.ts';
import { searchPrivateKey } from './key-search.ts';
import { chooseFile } from './screens/keys.ts';
import { relayToSocket } from './socket-relay.ts';

const PSK = formatKey(new Uint8Array(32).fill(203));
const PSK_OF_OTHER = formatKey(new Uint8Array(32).fill(204));
const PASSPHRASE = 'the passphrase of the recovery key';
const TYPED = 'what a person types when asked';

const lineOf = (name: string, seed: number, address: string) =>
  formatGateLine({
    key: nodeCrypto.publicKey(new Uint8Array(32).fill(seed)),
    slots: 32,
    addresses: [address],
    knockPorts: [443],
    name,
  });
const EVIL = lineOf('evil', 5, TARGET4);
const OTHER = lineOf('other', 6, '192.0.2.9');
/** The key of the other gate, under the name and at the address of this one. */
const FORGED = lineOf('evil', 6, TARGET4);

const COMMANDS = {
  deploy: 'Knockgate: Set Up Gate on Host…',
  rotate: 'Knockgate: Rotate Gate’s Key…',
  undeploy: 'Knockgate: Remove Gate from Host…',
} as const;
type Name = keyof typeof COMMANDS;

/* Same rules as for the command line in test/unit/deploy/hostile-server*.test.ts. What it reads of a gate for the activity view is in test/unit/activity-view. */
describe('a hostile server, from the editor', () => {
  let pair: Pair;
  let workbench: Workbench;
  let window: Window;
  let publicKey: Uint8Array;

  beforeAll(async () => {
    pair = await createPair({ name: 'hostile-long' });
    workbench = await Workbench.start(pair.client, { vsix: [resolve('dist/knockgate.vsix')] });
    workbench.change({ 'knockgate.hosts': { evil: { gate: EVIL }, other: { gate: OTHER } } });
    window = await workbench.open();
    await window.runCommand('Knockgate: Copy Public Key');
    publicKey = await window.eventually('the line of this device', async () => {
      const text = await window.clipboard();
      return text.startsWith('knockgate1 client ') ? parseClientLine(text).key : undefined;
    });
    for (const [host, psk] of [
      ['evil', PSK],
      ['other', PSK_OF_OTHER],
    ] as const) {
      await window.runCommand('Knockgate: Set Pre-Shared Key…');
      await window.pick(host);
      await window.asked(/psk_file/);
      await window.answer(psk);
      await window.eventually('the pre-shared key to be stored', async () => !(await window.asks()));
    }
  });
  afterAll(async () => {
    await workbench?.close();
    pair?.destroy();
  });

  /** Whether the editor still has the keys; they are in the browser's own storage. */
  async function keysAreKept(hosts: readonly string[]): Promise<void> {
    await window.runCommand('Knockgate: Copy Public Key');
    await window.eventually('the same key', async () => {
      const text = await window.clipboard();
      return text.startsWith('knockgate1 client ') && formatKey(parseClientLine(text).key) === formatKey(publicKey);
    });
    await window.runCommand('Knockgate: Forget Pre-Shared Key…');
    // The list keeps words of questions that were asked before, out of sight.
    const offered = async () => {
      const offers = await window.offers();
      return hosts.every((host) => offers.includes(host));
    };
    await window.eventually('both pre-shared keys', offered);
    await window.page.keyboard.press('Escape');
  }

  /** Every file that is the client's own state, with its mode and bytes; without what ssh notes of host keys, and what the editor logs. */
  function contents(): Record<string, string> {
    const { home } = workbench;
    const storage = join(home.userData, 'User/globalStorage');
    const folders = [home.folder, ...(existsSync(storage) ? [storage] : [])].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
    );
    const own = folders.filter((path) => path.startsWith(home.folder) || /globalStorage\/knockgate\./.test(path));
    const files = [home.settingsFile, ...own].filter(
      (path) =>
        statSync(path).isFile() &&
        !path.includes('known') &&
        !path.startsWith(join(home.folder, '.local/share/code-server')),
    );
    return Object.fromEntries(
      files.sort().map((path) => [path, `${statSync(path).mode.toString(8)} ${readFileSync(path, 'latin1')}`]),
    );
  }

  async function serve(treatment: Treatment, name: Name): Promise<HostileServer> {
    const path = join(workbench.home.dir, `${treatment.replaceAll(' ', '-')}-${name}.sock`);
    const script: Script = {
      line: treatment === 'forges its line' ? FORGED : EVIL,
      clientKey: formatKey(publicKey),
    };
    const server = await HostileServer.start(treatment, path, script);
    onTestFinished(() => server.close());
    await relayToSocket(pair.target, TARGET4, 22, path);
    const { folder } = workbench.home;
    rmSync(join(folder, '.ssh', 'known'), { force: true });
    workbench.writeSshConfig(
      [
        ...['Host evil', `HostName ${TARGET4}`, 'Host inner', 'HostName 192.0.2.77', 'ProxyJump evil'],
        ...['Host *', 'User dev', 'IdentityFile none', 'StrictHostKeyChecking accept-new'],
        ...[`UserKnownHostsFile ${join(folder, '.ssh', 'known')}`, 'GlobalKnownHostsFile none', ''],
      ].join('\n'),
    );
    // A set-up of a host that is known already would be an upgrade.
    const hosts = { ...(name !== 'deploy' && { evil: { gate: EVIL } }), other: { gate: OTHER } };
    workbench.change({ 'knockgate.hosts': hosts });
    await window.reload();
    return server;
  }

  /** Answers what is asked until the server has to answer. */
  async function answerQuestions(treatment: Treatment, name: Name): Promise<void> {
    if (treatment === 'asks') {
      await window.asked(/Host key storage/);
      await window.answer(TYPED);
      return;
    }
    if (name !== 'deploy' || (treatment !== 'forges its line' && treatment !== 'lies about the time')) return;
    await window.asked(/Set up a gate as the plan shows/, 60_000);
    await window.pick('Set Up Gate');
    // Each question has the same title: what it is about tells one from the next.
    await window.pressInDialog(/sshd does not report the addresses/, 'Yes');
    if (treatment === 'lies about the time') await window.pressInDialog(/its clock is 3600\.\d s ahead of ours/, 'Yes');
    await window.asked(/Keep the Recovery Key/, 60_000);
    const file = join(workbench.home.dir, 'recovery.key');
    await chooseFile({ window }, file, window.page.getByText('A new passphrase'));
    for (const says of [/A new passphrase/, /same passphrase once more/]) {
      await window.asked(says);
      await window.answer(PASSPHRASE);
    }
  }

  it.each<[Treatment, Name, RegExp]>([
    ['disconnects', 'deploy', /no SSH connection/],
    ['disconnects', 'rotate', /no SSH connection/],
    ['disconnects', 'undeploy', /no SSH connection/],
    ['asks', 'deploy', /logging in as dev failed/],
    ['asks', 'rotate', /logging in as dev failed/],
    ['asks', 'undeploy', /logging in as dev failed/],
    ['babbles', 'deploy', /Host key storage/],
    ['babbles', 'rotate', /Host key storage/],
    ['babbles', 'undeploy', /Host key storage/],
    ['never ends', 'deploy', /sent too much output/],
    ['never ends', 'rotate', /sent too much output/],
    ['never ends', 'undeploy', /sent too much output/],
    ['runs another command', 'deploy', /does not run the commands that it is given/],
    ['runs another command', 'rotate', /does not run the commands that it is given/],
    ['runs another command', 'undeploy', /does not run the commands that it is given/],
    ['re-keys with another host key', 'deploy', /the connection broke off/],
    ['re-keys with another host key', 'rotate', /the connection broke off/],
    ['re-keys with another host key', 'undeploy', /the connection broke off/],
    ['forges its line', 'deploy', /its key is that of other already/],
    ['forges its line', 'rotate', /its key is that of other already/],
    // It believes the clock, and then the port is not hidden.
    ['lies about the time', 'deploy', /answers before the knock/],
    ['lies about the time', 'undeploy', /this server has no gate/],
  ])('that %s at %s learns no secret, and changes nothing here', async (treatment, name, says) => {
    const server = await serve(treatment, name);
    const before = contents();
    await window.runCommand(COMMANDS[name]);
    await window.pick('evil');
    if (name === 'rotate') await window.pick('Make a New Key');
    await answerQuestions(treatment, name);
    const { text } = await window.eventually(
      `a message ${says}`,
      async () => (await window.notifications()).find((notice) => says.test(notice.text)),
      120_000,
    );
    expect(text).not.toMatch(OBEYED);
    expect(text).not.toMatch(CLICKABLE);
    const received = server.received.join('\n');
    expect(received).not.toBe('');
    for (const secret of [PSK_OF_OTHER, PASSPHRASE]) expect(received).not.toContain(secret);
    // A server on which a gate is set up gets the key that is for it: what a file is to hold, and in no command.
    const isSetUp = name === 'deploy' && treatment === 'lies about the time';
    expect(server.received.filter((each) => each.includes(PSK))).toEqual(isSetUp ? [`${PSK}\n`] : []);
    if (treatment !== 'asks') expect(received).not.toContain(TYPED);
    else expect(received).toContain(TYPED);
    const heard = join(workbench.home.dir, 'heard');
    mkdirSync(heard, { recursive: true });
    writeFileSync(join(heard, 'received'), received, 'latin1');
    expect(searchPrivateKey([heard], publicKey)).toEqual({ files: 1, found: [] });
    expect(contents()).toEqual(before);
    expect(existsSync(join(workbench.home.dir, 'recovery.key'))).toBe(false);
    // A host that is not set up yet is not in the list.
    await keysAreKept(name === 'deploy' ? ['other'] : ['evil', 'other']);
  });
});
