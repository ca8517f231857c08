import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { ExitCode } from '../../../src/base/problem.ts';
import type { Host } from '../../../src/client/gate/host.ts';
import { systemClock } from '../../../src/os/clock.ts';
import { nodeCrypto } from '../../../src/spa/crypto-node.ts';
import { openPortsFolder } from '../../../src/ssh/hook/open-ports.ts';
import { windowsFolder } from '../../../src/ssh/hook/open-window.ts';
import type { Interfaces } from '../../../src/vscode/auto-knock/network.ts';
import { disableSshHook } from '../../../src/vscode/commands/disable-ssh-hook.ts';
import { enableSshHook } from '../../../src/vscode/commands/enable-ssh-hook.ts';
import type { Door } from '../../../src/vscode/knock/doors.ts';
import { HostStates } from '../../../src/vscode/knock/host-states.ts';
import type { Knocker } from '../../../src/vscode/knock/knocker.ts';
import { SshHook } from '../../../src/vscode/ssh-hook/ssh-hook.ts';
import { answers, configuration, executed, installSshExtension, resetEditor, shown } from '../../rig/fake-vscode.ts';
import { problemOf, temporaryFolder } from '../client/support.ts';
import { FakeLog, FakeMemento, HOST } from './support.ts';

beforeEach(resetEditor);

/** A person's computer, with the extension on it. */
class Computer {
  readonly home: string;
  readonly storage: string;
  readonly config: string;
  readonly book = new Map<string, Host>([['prod', HOST]]);
  readonly hosts = () => ({ hosts: this.book, broken: new Map() });
  readonly states = new HostStates(() => Date.now());
  readonly log = new FakeLog();
  readonly knocks: string[] = [];
  interfaces: Interfaces = {};
  readonly globalState = new FakeMemento();
  readonly crypto = nodeCrypto;
  readonly sshHook: SshHook;

  constructor(storageName = 'storage') {
    const folder = temporaryFolder();
    this.home = join(folder, 'home');
    this.storage = join(folder, storageName);
    this.config = join(this.home, '.ssh', 'config');
    mkdirSync(join(this.home, '.ssh'), { recursive: true });
    this.sshHook = this.window();
  }

  /** Answers of ssh about the way to each host, with the hosts that it was asked for. */
  readonly ways = new Map<string, Door['sshName']>();
  /** Hosts that the person's own configuration reaches by a ProxyCommand. */
  readonly proxied = new Set<string>();
  readonly asked: string[] = [];

  /** One more window. */
  window(): SshHook {
    const knocker: Pick<Knocker, 'knock'> = {
      knock: async ({ host, sshPort }, { reason }) => {
        this.knocks.push(`${host.name} (${reason})`);
        if (this.knocks.length > 1) throw new Error('the gate is out of order');
        const answer = {
          address: '192.0.2.2',
          port: sshPort ?? 22,
          afterMs: 1,
          knocks: 1,
          sourceClaimed: false,
          atMs: Date.now(),
        };
        this.states.set(host.name, { kind: 'open', untilMs: Date.now() + 30_000, answer });
      },
    };
    const hook = new SshHook({
      clock: systemClock,
      crypto: nodeCrypto,
      log: this.log,
      knocker,
      states: this.states,
      hosts: this.hosts,
      doors: {
        known: ({ host, port }) => {
          const found = this.book.get(host);
          return found === undefined ? undefined : { host: found, sshPort: port ?? 22, sshName: this.ways.get(host) };
        },
        find: async ({ host }) => {
          this.asked.push(host);
          const found = this.book.get(host);
          if (found === undefined) throw new Error('a gate out of reach');
          this.ways.set(host, { hostName: '192.0.2.2', addressFamily: 'any' });
          return { host: found, sshPort: 22, sshName: this.ways.get(host) };
        },
        isDirect: (host) => this.ways.has(host) && !this.proxied.has(host),
      },
      storage: this.storage,
      helper: () => '/x/dist/ssh-hook.cjs',
      computer: { homeFolder: this.home, sshHome: this.home, platform: 'linux', env: {} },
      runtime: process.execPath,
      shortPath: () => undefined,
      interfaces: () => this.interfaces,
    });
    onTestFinished(() => hook.dispose());
    return hook;
  }

  enable(agreed = true): Promise<void> {
    answers.push(agreed ? 'Make This Change' : 'Leave It as It Is');
    return enableSshHook(this);
  }

  disable(agreed = true): Promise<void> {
    answers.push(agreed ? 'Make This Change' : 'Leave It as It Is');
    return disableSshHook(this);
  }

  read(...path: string[]): string {
    return readFileSync(join(this.storage, 'ssh-hook', ...path), 'utf8');
  }
}

const comparisons = () => executed.filter(({ command }) => command === 'vscode.diff').length;

describe('enabling the SSH hook', () => {
  it('shows the change, makes it, and is undone', async () => {
    const computer = new Computer();
    writeFileSync(computer.config, 'Host prod', { mode: 0o640 });
    await computer.enable();
    expect(comparisons()).toBe(2);
    expect(shown[0]).toMatchObject({
      kind: 'pick',
      message: 'Knock for Every SSH Connection',
    });
    expect(readFileSync(computer.config, 'utf8')).toContain(`Include "${computer.storage}/ssh-hook/config"`);
    expect(computer.read('config')).toContain('Match originalhost prod exec');
    expect(statSync(join(computer.storage, 'ssh-hook', 'knock')).mode & 0o777).toBe(0o700);
    await computer.disable();
    expect(readFileSync(computer.config, 'utf8')).toBe('Host prod');
    expect(existsSync(join(computer.storage, 'ssh-hook'))).toBe(false);
    expect(computer.globalState.values.size).toBe(0);
  });

  it('says at which hosts ssh knocks now, with a way to undo it that asks nothing', async () => {
    const computer = new Computer();
    const said = () => shown.filter(({ kind }) => kind === 'information').map(({ message }) => message);
    await computer.enable();
    expect(said()).toEqual(['ssh and git now knock at prod first, while this editor is open.']);
    await computer.disable();
    for (const name of ['b', 'c', 'd', 'x y']) computer.book.set(name, { ...HOST, name });
    shown.length = 0;
    answers.push('Make This Change', 'Undo');
    await enableSshHook(computer);
    await expect.poll(() => executed.at(-1)?.command).toBe('knockgate.disableSshHook');
    await disableSshHook(computer, ...(executed.at(-1)?.args ?? []));
    expect(said()).toEqual([
      'ssh and git now knock at prod, b, and 2 other hosts first, while this editor is open.',
      'The SSH configuration is as it was before.',
    ]);
    expect([existsSync(computer.config), comparisons()]).toEqual([false, 5]);
  });

  it('offers no undo when it was on before', async () => {
    const computer = new Computer();
    await computer.enable();
    shown.length = 0;
    await computer.enable();
    expect(shown.at(-1)?.items).toEqual([]);
  });

  it('changes nothing when the person cancels', async () => {
    const computer = new Computer();
    await computer.enable(false);
    expect([existsSync(computer.config), existsSync(computer.storage), computer.sshHook.isOn]).toEqual([
      false,
      false,
      false,
    ]);
    await computer.enable();
    const before = readFileSync(computer.config);
    await computer.disable(false);
    expect([readFileSync(computer.config).equals(before), computer.sshHook.isOn]).toEqual([true, true]);
  });

  it('asks nothing when there is nothing to change', async () => {
    const computer = new Computer();
    await computer.enable();
    await computer.enable();
    expect(comparisons()).toBe(2);
    await computer.disable();
    await computer.disable();
    expect(comparisons()).toBe(3);
    expect(existsSync(computer.config)).toBe(false);
  });

  it('covers the file that the SSH extension is told to use, and finds it again when that setting is another', async () => {
    const computer = new Computer();
    const other = join(computer.home, 'work-ssh');
    writeFileSync(other, 'Host work\n');
    installSshExtension();
    configuration.set('remote.SSH.configFile', '~/work-ssh');
    await computer.enable();
    for (const path of [other, computer.config]) expect(readFileSync(path, 'utf8')).toContain('Include');
    configuration.clear();
    await computer.disable();
    expect([readFileSync(other, 'utf8'), existsSync(computer.config)]).toEqual(['Host work\n', false]);
  });

  it('says what is in the way, and leaves everything as it is', async () => {
    const computer = new Computer();
    const { config } = computer;
    const codeOf = async () => (await problemOf(() => computer.enable())).code;
    writeFileSync(config, '# >>> knockgate >>>\nHost a\n');
    expect(await codeOf()).toBe('ssh-config-block-malformed');
    expect((await problemOf(() => computer.disable())).code).toBe('ssh-config-block-malformed');
    writeFileSync(config, 'Host a\n');
    chmodSync(config, 0o400);
    expect(await codeOf()).toBe('ssh-config-read-only');
    expect([readFileSync(config, 'utf8'), computer.sshHook.isOn]).toEqual(['Host a\n', false]);
    expect((await problemOf(() => new Computer("o'neil").enable())).code).toBe('ssh-hook-path');
    mkdirSync(join(computer.home, 'folder'));
    installSshExtension();
    configuration.set('remote.SSH.configFile', '~/folder');
    expect(await problemOf(() => computer.enable())).toMatchObject({
      code: 'ssh-config-unwritable',
      why: 'The system said EISDIR.',
    });
  });

  it('is refused when the file was changed while it was being looked at', async () => {
    const computer = new Computer();
    writeFileSync(computer.config, 'Host a\n');
    answers.push(() => {
      writeFileSync(computer.config, 'Host a\nHost b\n');
      return 'Make This Change';
    });
    expect((await problemOf(() => enableSshHook(computer))).code).toBe('ssh-config-changed-meanwhile');
    expect(readFileSync(computer.config, 'utf8')).toBe('Host a\nHost b\n');
    expect(computer.sshHook.isOn).toBe(false);
  });
});

const PROBLEM = { code: 'no-answer', what: 'prod: nothing opened.', exit: ExitCode.noAnswer };

function interfaceAt(address: string): NetworkInterfaceInfo {
  return { address, family: 'IPv4', internal: false, netmask: '255.0.0.0', mac: '00:00:00:00:00:00', cidr: null };
}

describe('the running hook', () => {
  /** As a knock of this window does. */
  async function openPort(computer: Computer): Promise<void> {
    computer.knocks.length = 0;
    computer.states.set('prod', { kind: 'closed' });
    await ask(computer, 'knock prod');
  }

  function ask(computer: Computer, question: string): Promise<string> {
    return new Promise((resolve) => {
      const socket = connect(join(computer.storage, 'ssh-hook', 'socket'), () => socket.write(`${question}\n`));
      socket.setEncoding('utf8').on('data', resolve);
      socket.on('error', () => resolve('nobody there'));
    });
  }

  it('knocks for configured hosts, and not for a door that it has just seen open', async () => {
    const computer = new Computer();
    await computer.enable();
    await expect.poll(() => ask(computer, 'knock other')).toBe('done\n');
    expect(computer.knocks).toEqual([]);
    await ask(computer, 'knock prod');
    await ask(computer, 'knock prod');
    expect(computer.knocks).toEqual(['prod (ssh)']);
  });

  it('says to the script that this process is a window, until it is turned off', async () => {
    const computer = new Computer();
    await computer.enable();
    const folder = windowsFolder(join(computer.storage, 'ssh-hook', 'socket'));
    await expect.poll(() => existsSync(join(folder, String(process.pid)))).toBe(true);
    computer.sshHook.turnOff();
    expect(existsSync(folder)).toBe(false);
  });

  it('tells its script which doors are open, while our address stays the same', async () => {
    const computer = new Computer();
    computer.interfaces = { eth0: [interfaceAt('10.0.0.9')] };
    computer.sshHook.start();
    await computer.enable();
    const folder = openPortsFolder(join(computer.storage, 'ssh-hook', 'socket'));
    await expect.poll(() => ask(computer, 'knock prod')).toBe('done\n');
    const file = join(folder, 'prod');
    const [until = 0, trusted = 0] = readFileSync(file, 'utf8')
      .split(' ')
      .map((text) => Number(text) - Date.now() / 1000);
    // Of 30 s, less what it takes to connect; and as long as nobody would look.
    expect([until > 20 && until <= 25, trusted > 5 && trusted <= 10]).toEqual([true, true]);
    computer.interfaces = { eth0: [interfaceAt('10.1.0.9')] };
    await new Promise((resolve) => setTimeout(resolve, 5));
    computer.states.set('other', { kind: 'closed' });
    expect(existsSync(file)).toBe(false);
    computer.states.set('prod', { kind: 'open', untilMs: Date.now() + 30_000, answer: undefined });
    expect(existsSync(file)).toBe(false);
    await openPort(computer);
    expect(existsSync(file)).toBe(true);
    computer.states.set('prod', { kind: 'failed', problem: PROBLEM, atMs: Date.now() });
    expect(existsSync(file)).toBe(false);
    await openPort(computer);
    computer.sshHook.turnOff();
    expect(existsSync(folder)).toBe(false);
  });

  it('looks at the port that ssh connects to', async () => {
    const computer = new Computer();
    await computer.enable();
    await expect.poll(() => ask(computer, 'open prod 22')).toBe('done\n');
    await ask(computer, 'open prod 22');
    await ask(computer, 'knock prod');
    expect(computer.knocks).toHaveLength(1);
    await ask(computer, 'open prod 2222');
    expect(computer.knocks).toHaveLength(2);
  });

  it('goes with the ways of the SSH configuration', async () => {
    const computer = new Computer();
    computer.book.set('b', { ...HOST, name: 'b' });
    computer.proxied.add('b');
    writeFileSync(computer.config, 'Host b\n  ProxyCommand nc %h %p\n');
    const carried = () => computer.read('config').match(/(?<= )carry \S+/g);
    await computer.enable();
    computer.sshHook.start();
    // What was shown is what was written.
    const [shownFirst] = executed.filter(({ command }) => command === 'vscode.diff');
    expect(String(shownFirst?.args[2])).toContain(join('ssh-hook', 'config'));
    expect(carried()).toEqual(['carry prod']);
    // The window that answers has asked by itself when it began to.
    await expect.poll(() => computer.asked, { timeout: 10_000 }).toHaveLength(4);
    await new Promise((resolve) => setTimeout(resolve, 50));
    computer.proxied.delete('b');
    computer.proxied.add('prod');
    writeFileSync(computer.config, `${readFileSync(computer.config, 'utf8')}Host prod\n  ProxyJump c\n`);
    await expect.poll(carried, { timeout: 10_000 }).toEqual(['carry b']);
  });

  it('goes with a file that the SSH configuration includes, and carries nobody where the way depends on the network', async () => {
    const computer = new Computer();
    const included = join(computer.home, '.ssh', 'more');
    writeFileSync(computer.config, 'Include more\n');
    writeFileSync(included, 'Host prod\n  User a\n');
    const carried = () => computer.read('config').match(/(?<= )carry \S+/g);
    await computer.enable();
    computer.sshHook.start();
    expect(carried()).toEqual(['carry prod']);
    await expect.poll(() => computer.asked, { timeout: 10_000 }).toHaveLength(2);
    // Away from home ssh would jump: what it said at home must not take the connection past the bastion.
    writeFileSync(included, 'Match originalhost prod exec "away"\n  ProxyJump bastion\n');
    await expect.poll(carried, { timeout: 10_000 }).toBeNull();
    expect(computer.read('config')).toContain('ask prod');
  });

  it('answers the same when a knock fails', async () => {
    const computer = new Computer();
    await computer.enable();
    await expect.poll(() => ask(computer, 'knock prod')).toBe('done\n');
    computer.states.set('prod', { kind: 'closed' });
    expect(await ask(computer, 'knock prod')).toBe('done\n');
    expect(computer.log.lines.join()).toContain('out of order');
  });

  it('goes with the hosts, and is on or off for all windows', async () => {
    const computer = new Computer();
    const second = computer.window();
    second.start();
    expect(second.isOn).toBe(false);
    await computer.enable();
    computer.book.set('b', { ...HOST, name: 'b' });
    for (const window of [computer.sshHook, second]) window.refresh();
    await expect
      .poll(() => computer.read('config').match(/originalhost \S+/g))
      .toEqual(['originalhost b', 'originalhost prod']);
    await computer.disable();
    second.refresh();
    expect(existsSync(join(computer.storage, 'ssh-hook', 'config'))).toBe(false);
    expect(await ask(computer, 'knock prod')).toBe('nobody there');
  });
});
