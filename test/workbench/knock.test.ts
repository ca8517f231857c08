import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import { parseClientLine } from '../../src/spa/enrolment.ts';
import { formatKey } from '../../src/spa/keys.ts';
import type { MadeUpExtension } from '../rig/editor/vsix.ts';
import type { Window } from '../rig/editor/window.ts';
import { Workbench } from '../rig/editor/workbench.ts';
import { figure } from '../rig/figure.ts';
import { Fwknopd, type Stanza } from '../rig/fwknopd.ts';
import type { ClientEntry } from '../rig/gate.ts';
import { GnupgHome } from '../rig/gnupg.ts';
import { CLIENT4, exec, run, TARGET4 } from '../rig/netns.ts';
import { loadNft, setElements } from '../rig/nft.ts';
import { end, sleep } from '../rig/process.ts';
import { HOST, keyFile, Scene } from '../rig/scene.ts';
import { sshRun } from '../rig/sshd.ts';
import { searchPrivateKey } from './key-search.ts';
import { chooseFile } from './screens/keys.ts';

/** Seconds: long enough for what is looked at while the door is open, short enough to wait for its end. */
const GRANT = 12;
const LOCK = 'knockgate.knockgate';

/** A port of the same server that fwknopd hides, with iptables. */
const OFFICE_PORT = 8022;
const OFFICE = 'office';
const OFFICE_HOST = { kind: 'fwknop', address: TARGET4, ports: [`tcp/${OFFICE_PORT}`] };
const OFFICE_STANZA = { mode: 'cbc', hmac: 'sha256', key: 'k'.repeat(32), hmacKey: 'h'.repeat(64) } as const;

/** The same by OpenPGP keys. */
const VAULT = 'vault';
const VAULT_HOST = { ...OFFICE_HOST, mode: 'gpg' };
const PASSPHRASE = 'open sésame';

/** The server's other way in: steps that its gate opens to. */
const STEPS = ['tcp/7003', 'udp/7001', 'tcp/7005'];
const DOOR = 'door';
const DOOR_HOST = { kind: 'sequence', address: TARGET4, steps: '7003:tcp 7001:udp 7005:tcp' };

/** Another client of the gate, which knows it by one-time sequences. */
const ONCE = 'once';
const ONCE_KEY = formatKey(new Uint8Array(32).fill(9));
const PHONE: ClientEntry = { name: 'alice-phone', key: formatKey(nodeCrypto.publicKey(new Uint8Array(32).fill(5))) };
const SCREEN = '.cache/screens/knock-open.png';

/** Where it is written down what windows are asked for. */
const ASKED = 'new-windows.jsonl';

/**
 * Goes by the name of Remote - SSH and resolves nothing: ours opens no window where nobody says that they would. It is
 * behind `vscode.newWindow` too, to see what that is called with: here a window is opened without its authority.
 */
const REMOTE_SSH: MadeUpExtension = {
  publisher: 'ms-vscode-remote',
  name: 'remote-ssh',
  manifest: { activationEvents: ['onResolveRemoteAuthority:ssh-remote', '*'] },
  main: `
    const vscode = require('vscode');
    const file = require('node:path').join(require('node:os').homedir(), '${ASKED}');
    exports.activate = () => {
      vscode.commands.registerCommand('_files.newWindow', async (...args) => {
        require('node:fs').appendFileSync(file, JSON.stringify(args) + '\\n');
        await vscode.commands.executeCommand('workbench.action.newWindow');
      });
    };`,
};

/* The whole way: the extension as it is packed, the editor, a browser that a person would use, the gate, sshd. */
describe('the extension in a real workbench', () => {
  let scene: Scene;
  let workbench: Workbench;
  let window: Window;
  let line: string;

  const copyPublicKey = async () => {
    await window.runCommand('Knockgate: Copy Public Key');
    await window.notice(/The line that enrols this device is in the clipboard/);
    return await window.clipboard();
  };

  beforeAll(async () => {
    const sequences = [{ name: DOOR, steps: STEPS, ports: ['tcp/22'], grant: GRANT }];
    scene = await Scene.make({ name: 'knock', others: [PHONE], gate: { sequences } });
    workbench = await Workbench.start(scene.pair.client, {
      vsix: [resolve('dist/knockgate.vsix')],
      madeUp: [REMOTE_SSH],
      // Otherwise ssh might not find the name, and Knock and Connect would ask.
      sshConfig: `Host ${HOST}\n  HostName ${TARGET4}\n`,
      settings: {
        'knockgate.hosts': {
          [HOST]: { gate: scene.line, duration: GRANT },
          [OFFICE]: OFFICE_HOST,
          [VAULT]: VAULT_HOST,
          [DOOR]: DOOR_HOST,
        },
      },
    });
    window = await workbench.open();
  });

  afterAll(async () => {
    await workbench?.close();
    await scene?.end();
  });

  /** A service behind a real fwknopd, both of which end with the test. */
  const openOffice = async (stanza: Stanza) => {
    const { target } = scene.pair;
    const hidden = ['iptables', '-A', 'INPUT', '-p', 'tcp', '--dport', String(OFFICE_PORT), '-j', 'DROP'];
    expect((await run(target, hidden)).code).toBe(0);
    const script = `require('net').createServer((s) => s.resume()).listen(${OFFICE_PORT}, () => console.log('up'))`;
    const service = exec(target, [process.execPath, '-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    onTestFinished(async () => void (await end(service)));
    const fwknopd = await Fwknopd.start(target, [stanza]);
    onTestFinished(() => fwknopd.stop());
    return fwknopd;
  };

  it('makes a key at the first run, whose public half the gate enrols', async () => {
    line = await copyPublicKey();
    const { key, name } = parseClientLine(line);
    await scene.reconfigure({ key: formatKey(key), name });
  });

  it('opens the gate from the palette: refused before, a real login after, refused when the time is over', async () => {
    expect(await scene.isOpen()).toBe(false);
    expect(await setElements(scene.pair.target, 'granted4')).toEqual([]);
    const since = scene.gate.events.length;
    const start = performance.now();
    await window.runCommand('Knockgate: Knock…');
    await window.pick(HOST);
    await window.statusBarSays(LOCK, /target: open/);
    const tookMs = Math.round(performance.now() - start);

    const [lock, grants] = await Promise.all([window.statusBar(LOCK), setElements(scene.pair.target, 'granted4')]);
    await window.screenshot(SCREEN);
    const shown = Number(/open (\d+) s/.exec(lock?.text ?? '')?.[1]);
    const left = grants[0]?.expires ?? Number.NaN;
    figure(`from the palette to an open lock: ${tookMs} ms, with the keys that a person presses`);
    figure(`in the same second the lock says "${lock?.text}" and nft that ${left} s are left; picture: ${SCREEN}`);
    expect(grants).toHaveLength(1);
    expect(lock?.spoken).toMatch(/Knockgate, target: open, \d+ seconds left/);
    // The lock counts in steps of ten seconds.
    expect(shown - left).toBeGreaterThanOrEqual(-1);
    expect(shown - left).toBeLessThanOrEqual(11);

    const login = await sshRun(scene.pair.client, scene.sshd, { host: TARGET4 }, 'echo inside');
    expect(login).toMatchObject({ code: 0, stdout: 'inside\n' });
    // Two knocks, one for each address family: either may be granted first.
    const { client } = await scene.gate.audit(
      ({ event, source }) => event === 'granted' && source === CLIENT4,
      5000,
      since,
    );
    expect(client).toBe(parseClientLine(line).name);

    await window.statusBarSays(LOCK, /target: closed/, (GRANT + 5) * 1000);
    await sleep(1000);
    expect(await scene.isOpen()).toBe(false);
  });

  it('opens a real fwknopd, once it has its keys', async () => {
    const fwknopd = await openOffice(OFFICE_STANZA);
    await window.runCommand('Knockgate: Set Keys of Host…');
    await window.pick(OFFICE);
    await window.asked(/How the keys are written/);
    await window.pick('Text');
    await window.asked(/The Rijndael key/);
    await window.answer(OFFICE_STANZA.key);
    await window.asked(/key of the HMAC/);
    await window.answer(OFFICE_STANZA.hmacKey);
    await window.eventually('the keys', async () => workbench.output('Knockgate').includes('office: has keys'));
    const start = performance.now();
    await window.runCommand('Knockgate: Knock…');
    await window.pick(OFFICE);
    await window.statusBarSays(LOCK, /office: open/);
    figure(`fwknopd, from the palette to an open lock: ${Math.round(performance.now() - start)} ms`);
    expect(await fwknopd.opened(CLIENT4)).toEqual(new Set([OFFICE_PORT]));
    for (const file of [...workbench.logFiles(), workbench.home.settingsFile])
      expect([file, readFileSync(file, 'utf8').includes(OFFICE_STANZA.key)]).toEqual([file, false]);
  });

  it("opens a real fwknopd in GnuPG's mode: keys from gpg and from a file, the passphrase asked for once", async () => {
    const gnupg = new GnupgHome(join(workbench.home.folder, '.gnupg'));
    onTestFinished(() => gnupg.end());
    const server = await gnupg.make('server', 'rsa2048');
    const me = await gnupg.make('me', 'rsa2048', PASSPHRASE);
    const file = join(workbench.home.folder, 'me.asc');
    writeFileSync(file, me.secret);
    const fwknopd = await openOffice({
      ...OFFICE_STANZA,
      gpg: [
        `GPG_HOME_DIR ${gnupg.dir}`,
        `GPG_DECRYPT_ID ${server.fingerprint}`,
        'GPG_ALLOW_NO_PW Y',
        `GPG_FINGERPRINT_ID ${me.fingerprint.toUpperCase()}`,
      ],
    });
    const { page } = window;
    await window.runCommand('Knockgate: Set Keys of Host…');
    await window.pick(VAULT);
    await window.asked(/GPG_DECRYPT_ID/);
    await window.pick('server <server@test.invalid>');
    await window.asked(/GPG_REMOTE_ID/);
    await window.pick('A file…');
    await window.question(/GPG_REMOTE_ID/);
    await chooseFile({ window }, file, page.locator('.quick-input-box input[type=password]'));
    await window.asked(/passphrase of your key/);
    await page.keyboard.press('Enter');
    await window.asked(/How the key of the HMAC is written/);
    await window.pick('Text');
    await window.asked(/HMAC_KEY in access.conf/);
    await window.answer(OFFICE_STANZA.hmacKey);
    await window.eventually('the keys', async () => workbench.output('Knockgate').includes('vault: has keys'));
    const opened = async (asked: () => Promise<void>) => {
      await window.runCommand('Knockgate: Knock…');
      await window.pick(VAULT);
      await asked();
      await window.eventually('a rule', async () => (await fwknopd.opened(CLIENT4)).has(OFFICE_PORT));
      await window.statusBarSays(LOCK, /vault: open/);
    };
    await opened(async () => {
      await window.question(/Unlock the key for vault/);
      await window.answer('not this');
      await window.asked(/does not unlock it/);
      await window.answer(PASSPHRASE);
    });
    await run(scene.pair.target, ['iptables', '-F', 'FWKNOP_INPUT']);
    expect(await fwknopd.opened(CLIENT4)).toEqual(new Set());
    const start = performance.now();
    await opened(async () => {});
    figure(`fwknopd in GnuPG's mode, from the palette to an open lock: ${Math.round(performance.now() - start)} ms`);
    for (const each of [...workbench.logFiles(), workbench.home.settingsFile])
      expect([each, new RegExp(`${PASSPHRASE}|BEGIN PGP`).test(readFileSync(each, 'utf8'))]).toEqual([each, false]);
  });

  it('opens the gate by a sequence of ports', async () => {
    expect(await setElements(scene.pair.target, 'sequence_granted4')).toEqual([]);
    await window.runCommand('Knockgate: Knock…');
    await window.pick(DOOR);
    await window.statusBarSays(LOCK, /door: open/);
    expect(await setElements(scene.pair.target, 'sequence_granted4')).toMatchObject([{ key: [CLIENT4, 'tcp', 22] }]);
  });

  it('opens the gate by a one-time sequence, whose key is nowhere to be read', async () => {
    const { gate, pair } = scene;
    const keyFile = join(gate.dir, 'sequence-key');
    writeFileSync(keyFile, `${ONCE_KEY}\n`, { mode: 0o640 });
    gate.give(keyFile);
    PHONE.sequence_key_file = keyFile;
    const { key, name } = parseClientLine(line);
    await scene.reconfigure({ key: formatKey(key), name });
    // As if it had been armed for minutes: of sequences that are new nobody knows what was used before.
    await loadNft(pair.target, 'flush set inet knockgate sequence_used; flush set inet knockgate sequence_granted4');
    await gate.restart();

    await window.runCommand('Knockgate: Add Host…');
    await window.pick('A sequence of ports');
    await window.pick('One-time sequences');
    for (const [step, text] of [
      [/3\/7/, TARGET4],
      [/4\/7/, PHONE.name],
      [/5\/7/, ''],
      [/6\/7/, ONCE_KEY],
      [/7\/7/, ONCE],
    ] as const) {
      await window.question(step);
      await window.answer(text);
    }
    await window.eventually('the host', async () => workbench.output('Knockgate').includes(`${ONCE}: added`));
    expect(await scene.isOpen()).toBe(false);
    await window.runCommand('Knockgate: Knock…');
    await window.pick(ONCE);
    await window.statusBarSays(LOCK, /once: open/);
    const granted = await setElements(pair.target, 'sequence_granted4');
    expect(granted).toMatchObject([{ key: [CLIENT4, 'tcp', 22] }]);
    expect((await setElements(pair.target, 'sequence_used')).length).toBeGreaterThan(0);
    figure(`a one-time sequence from the editor: ${workbench.output('Knockgate').match(/once: (.* ms.*)/)?.[1]}`);
    for (const file of [...workbench.logFiles(), workbench.home.settingsFile])
      expect([file, readFileSync(file, 'utf8').includes(ONCE_KEY)]).toEqual([file, false]);
    await loadNft(pair.target, 'flush set inet knockgate sequence_granted4');
  });

  it('keeps the key over a reload of the page', async () => {
    await window.reload();
    expect(await copyPublicKey()).toBe(line);
  });

  it('knocks and opens a window by Remote - SSH', async () => {
    const before = workbench.browser.pages().length;
    await window.runCommand('Knockgate: Knock and Connect…');
    await window.pick(HOST);
    await window.statusBarSays(LOCK, /target: open/);
    expect(await scene.isOpen()).toBe(true);
    await window.eventually('another window', async () => workbench.browser.pages().length > before);
    const asked = readFileSync(join(workbench.home.folder, ASKED), 'utf8').trim().split('\n');
    // A window of its own, for this one has a folder open.
    const remote = { remoteAuthority: `ssh-remote+${HOST}`, forceReuseWindow: false };
    expect(JSON.parse(asked.at(-1) ?? '')).toEqual([remote]);
  });

  it('leaves the private key in no setting, log or file', async () => {
    const { folder, userData, workspace } = workbench.home;
    const { files, found } = searchPrivateKey([folder, userData, workspace], parseClientLine(line).key);
    figure(
      `looked for the private key in ${files} files of home, settings, logs, state and workspace: in ${found.length}`,
    );
    expect(workbench.output('Knockgate')).toContain('target');
    expect(files).toBeGreaterThan(3);
    expect(found).toEqual([]);
    // The search does find one where there is one: that of the command line.
    const other = parseClientLine((await scene.client.run(['pubkey'])).stdout.trim());
    const control = searchPrivateKey([dirname(keyFile(scene.client))], other.key);
    expect(control.found).toEqual([keyFile(scene.client)]);
    // As text between other text, and as bytes between other bytes.
    const secret = Buffer.from(readFileSync(keyFile(scene.client), 'latin1').trim(), 'base64url');
    const hidden = join(workspace, 'hidden');
    for (const text of [
      `{"k":"${secret.toString('hex')}"}`,
      Buffer.concat([secret.subarray(3, 9), secret, Buffer.of(0, 1)]),
    ]) {
      writeFileSync(hidden, text);
      expect(searchPrivateKey([workspace], other.key).found).toEqual([hidden]);
    }
    rmSync(hidden);
  });
});
