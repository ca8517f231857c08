import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { capture } from '../rig/capture.ts';
import { scratch } from '../rig/cleanup.ts';
import { figure } from '../rig/figure.ts';
import { CLIENT4, giveNameWithDeadAddress, run, TARGET4, TARGET6 } from '../rig/netns.ts';
import { setElements } from '../rig/nft.ts';
import { type Finished, must, sleep } from '../rig/process.ts';
import { keyFile, Scene } from '../rig/scene.ts';
import { buildEditor, type Desk, Editor } from './ssh-hook/editor.ts';

/** Seconds: long enough for a login, short enough to wait for its end. */
const GRANT = 15;
/** Of the scene's sshd; of the ProxyCommand nothing is to be seen beside it. */
const GREETING = 'Welcome behind the gate\n';

/*
 * The whole way: OpenSSH as it is installed, its configuration where it looks for it, the hook, the helper out of dist/, the
 * extension, the gate. An integrated terminal of the editor is a plain shell as far as ssh is concerned: it reads the same
 * configuration.
 */
describe('the SSH hook', () => {
  const { dir, discard } = scratch('ssh-hook');
  const home = join(dir, 'home');
  const config = join(home, '.ssh', 'config');
  const formerly = join(dir, 'config-before');
  const folder = join(dir, 'global storage', 'knockgate.knockgate');
  let scene: Scene;
  let program: string;
  let desk: Desk;
  let before: Buffer;
  const editors: Editor[] = [];

  beforeAll(async () => {
    scene = await Scene.make({ name: 'hook' });
    program = await buildEditor(dir);
    mkdirSync(join(home, '.ssh'), { recursive: true, mode: 0o700 });
    mkdirSync(join(dir, 'run'), { mode: 0o700 });
    // As an editor on Windows may leave it: CRLF, and no line end at the end.
    const lines = [
      'Host prod',
      `  HostName ${TARGET4}`,
      'Host inner',
      '  HostName 127.0.0.1',
      '  ProxyJump prod',
      'Host both',
      `  HostName ${TARGET6}`,
      'Host many',
      '  HostName many.example',
      '  ConnectTimeout 1',
      'Host *',
      `  IdentityFile ${scene.sshd.identity}`,
      '  User root',
      '  BatchMode yes',
      '  ConnectTimeout 5',
      '  HostKeyAlias rig-target',
      `  UserKnownHostsFile ${scene.sshd.knownHosts}`,
    ];
    writeFileSync(config, lines.join('\r\n'), { mode: 0o640 });
    before = readFileSync(config);
    writeFileSync(formerly, before);
    // ssh asks the password file where home is.
    const users = readFileSync('/etc/passwd', 'utf8').replace(/^(root:.*:)[^:]*(:[^:]*)$/m, `$1${home}$2`);
    writeFileSync(join(dir, 'passwd'), users);
    const fields = { gate: scene.line, ports: ['tcp/22'], duration: GRANT };
    await giveNameWithDeadAddress(scene.pair, 'many.example');
    const hosts = { prod: { ...fields, address: TARGET4 }, both: fields, many: { ...fields, address: 'many.example' } };
    const key = readFileSync(keyFile(scene.client), 'latin1').trim();
    const passwd = join(dir, 'passwd');
    desk = { ns: scene.pair.client, home, passwd, storage: folder, runtimeFolder: join(dir, 'run'), key, hosts };
  });

  afterAll(async () => {
    for (const editor of editors) await editor.close();
    await scene?.end();
    discard();
  });

  async function openEditor(): Promise<Editor> {
    const editor = await Editor.open(program, desk);
    editors.push(editor);
    return editor;
  }

  /** A command in a shell on the client's host, as a person types it there. */
  function shell(command: string, env: Record<string, string> = {}): Promise<Finished> {
    const asAtHome = 'mount --bind "$1" /etc/passwd && cd && exec sh -c "$2"';
    const argv = ['sh', '-c', asAtHome, 'sh', join(dir, 'passwd'), command];
    return run(scene.pair.client, argv, { env: { ...process.env, HOME: home, ...env } });
  }

  /** Milliseconds that a command takes: the middle one of several. */
  async function timeOf(command: string): Promise<number> {
    const times: number[] = [];
    for (let i = 0; i < 7; i += 1) {
      const startedMs = performance.now();
      expect(await shell(command)).toMatchObject({ code: 0, stderr: '' });
      times.push(performance.now() - startedMs);
    }
    return times.sort((a, b) => a - b)[3] ?? 0;
  }

  /** Measures what the hook adds to an ssh: `ssh -G` evaluates it, and connects to nothing. */
  async function costOfHook(): Promise<number> {
    const without = await timeOf(`ssh -T -F ${formerly} -G prod >/dev/null`);
    return (await timeOf(`ssh -T -F ${config} -G prod >/dev/null`)) - without;
  }

  const untilClosed = () => expect.poll(() => scene.isOpen(), { timeout: 25_000, interval: 300 }).toBe(false);

  it('is put into the configuration after showing the change', async () => {
    const editor = await openEditor();
    const { compared, shown } = await editor.do('knockgate.enableSshHook');
    // Each side begins with some lines that the question may cover, and the file's path.
    const files = compared.map((sides) => sides.map((side) => side.replace(/^\n+Below this line: .*\n/, '')));
    const [[, managed = ''] = [], [shownBefore = '', shownAfter = ''] = []] = files;
    expect(compared.flat().filter((side) => !side.startsWith('\n\n\n\n\nBelow this line: '))).toEqual([]);
    expect(managed).toBe(readFileSync(join(folder, 'ssh-hook', 'config'), 'utf8'));
    expect(managed.match(/^.*\b(?:both|many|prod)\b.*$/gm)).toHaveLength(6);
    expect(shownBefore).toBe(before.toString());
    expect(shownAfter).toBe(readFileSync(config, 'utf8'));
    expect(shownAfter.endsWith(shownBefore)).toBe(true);
    expect(shown.join()).toContain('Every SSH Connection');
    expect(statSync(config).mode & 0o777).toBe(0o640);
    const runFolder = join(dir, 'run', 'knockgate');
    expect(statSync(runFolder).mode & 0o777).toBe(0o700);
    // It gets its mode just after it appears, in a folder that nobody else gets into.
    const modes = () => readdirSync(runFolder).map((name) => statSync(join(runFolder, name)).mode & 0o777);
    // The socket, and the folder of windows.
    await expect.poll(() => modes().sort()).toEqual([0o600, 0o700]);
  });

  it('changes nothing of what ssh does with any host', async () => {
    for (const host of ['prod', 'elsewhere']) {
      const now = await shell(`ssh -T -F ${config} -G ${host}`, { KNOCKGATE_HOOK_OFF: '1' });
      expect(now).toMatchObject({ code: 0, stderr: '' });
      expect(now.stdout).toBe((await shell(`ssh -T -F ${formerly} -G ${host}`)).stdout);
    }
  });

  it('does not knock for a look at the configuration that says it is one, nor for other hosts', async () => {
    const events = scene.gate.events.length;
    await shell('ssh -T -G prod', { KNOCKGATE_HOOK_OFF: '1' });
    await shell('ssh -T -G elsewhere');
    await sleep(200);
    expect(scene.gate.events.slice(events).filter(({ event }) => event === 'granted')).toEqual([]);
  });

  it('knocks for an ssh in a plain shell, which logs in', async () => {
    expect(await scene.isOpen()).toBe(false);
    const startedMs = performance.now();
    const done = await shell('ssh prod echo inside');
    const ms = performance.now() - startedMs;
    expect(done).toMatchObject({ code: 0, stdout: 'inside\n' });
    expect(await setElements(scene.pair.target, 'granted4')).toHaveLength(1);
    const said = (await editors[0]?.do('knockgate.showLog'))?.logged.join('; ');
    figure(`ssh through a closed gate, from a plain shell, by way of the hook: ${Math.round(ms)} ms (${said})`);
    // Of what is open already, the gate hears nothing more.
    const granted = scene.gate.events.filter(({ event }) => event === 'granted').length;
    expect(await shell('ssh prod echo again')).toMatchObject({ stdout: 'again\n' });
    expect(scene.gate.events.filter(({ event }) => event === 'granted')).toHaveLength(granted);
  });

  it('knocks for git', async () => {
    const repository = join(dir, 'repository');
    await must(['git', 'init', '-q', '-b', 'main', repository]);
    const asSomebody = ['-c', 'user.name=rig', '-c', 'user.email=rig@example.invalid'];
    await must(['git', '-C', repository, ...asSomebody, 'commit', '-q', '--allow-empty', '-m', 'first']);
    await untilClosed();
    const done = await shell(`git clone -q prod:${repository} clone && git -C clone log --format=%s`);
    expect(done).toMatchObject({ code: 0, stdout: 'first\n' });
  });

  it('waits for the family that ssh takes, though the other is open long before', async () => {
    // The first knock over IPv6 is lost; the second one goes to the next port.
    const obstacle =
      'table inet obstacle { chain everything { type filter hook prerouting priority -400; meta nfproto ipv6 udp dport 443 drop; }; }\n';
    expect(await run(scene.pair.target, ['nft', '-f', '-'], { input: obstacle })).toMatchObject({ code: 0 });
    const loginMs: number[] = [];
    for (const isLost of [true, false]) {
      const startedMs = performance.now();
      expect(await shell('ssh both echo inside')).toMatchObject({ code: 0, stdout: 'inside\n' });
      loginMs.push(performance.now() - startedMs);
      expect(await setElements(scene.pair.target, 'granted6')).toHaveLength(1);
      if (isLost) await run(scene.pair.target, ['nft', 'delete', 'table', 'inet', 'obstacle']);
      if (isLost) await expect.poll(() => scene.isOpen(TARGET6), { timeout: 25_000, interval: 300 }).toBe(false);
    }
    const [lost, usual] = loginMs.map((ms) => `${Math.round(ms)} ms`);
    figure(`ssh by IPv6, with two families to knock at: ${usual}; with its first knock lost: ${lost}`);
  });

  it('knocks at every address of a name, and ssh gets in at the second', async () => {
    await scene.gate.cli(['flush']);
    expect(await shell('ssh many echo inside')).toMatchObject({ code: 0, stdout: 'inside\n' });
    await scene.gate.cli(['flush']);
  });

  it('knocks at the jump on the way to a host further in', async () => {
    await untilClosed();
    expect(await shell('ssh inner echo inside')).toMatchObject({ code: 0, stdout: 'inside\n' });
    expect(await setElements(scene.pair.target, 'granted4')).toHaveLength(1);
  });

  it('carries the connection of an ssh that uses its ProxyCommand', async () => {
    await untilClosed();
    const managed = readFileSync(join(folder, 'ssh-hook', 'config'), 'utf8');
    const command = /^ +(ProxyCommand .* prod %h %p)$/m.exec(managed)?.[1] ?? '';
    const ssh = `ssh -F ${formerly} -o '${command}' prod`;
    const events = scene.gate.events.length;
    const tap = await capture(scene.pair.client, 'udp dst port 443 or tcp dst port 22');
    // More than the pipes and sockets on the way can buffer.
    const done = await shell(`head -c 3000000 /dev/zero | ${ssh} 'cat; echo inside' | wc -c`);
    expect(done).toMatchObject({ code: 0, stdout: '3000007\n', stderr: GREETING });
    // It connects when the port is open, however long that takes: the knock is on the wire before each SYN.
    const { datagrams, syns } = await tap.stop();
    expect(datagrams[0]?.at).toBeLessThan(Math.min(...syns.map(({ at }) => at)));
    expect(syns).not.toEqual([]);
    expect(scene.gate.events.slice(events).filter(({ event }) => event === 'granted')).not.toEqual([]);
    expect(await shell(`${ssh} exit 7`)).toMatchObject({ code: 7, stderr: GREETING });
  });

  it('goes with the hosts of the settings', async () => {
    const managed = join(folder, 'ssh-hook', 'config');
    const [editor] = editors;
    await editor?.do(JSON.stringify({ ...desk.hosts, second: desk.hosts.prod }));
    const names = () => readFileSync(managed, 'utf8').match(/(?<=^Match originalhost )\S+/gm);
    await expect.poll(names).toEqual(['both', 'many', 'prod', 'second']);
    await editor?.do(JSON.stringify(desk.hosts));
    await expect.poll(names).toEqual(['both', 'many', 'prod']);
  });

  it('is answered by another window when the first one has gone', async () => {
    await openEditor();
    await editors[0]?.close();
    await untilClosed();
    await sleep(2500);
    expect(await shell('ssh prod echo inside')).toMatchObject({ code: 0, stdout: 'inside\n' });
  });

  it('costs little, and breaks nothing, when the editor hangs, has crashed, or is closed', async () => {
    editors[1]?.hang();
    const hanging = await costOfHook();
    await editors[1]?.crash();
    const crashed = await costOfHook();
    const third = await openEditor();
    await sleep(300);
    await third.close();
    expect(readdirSync(join(dir, 'run', 'knockgate'))).toEqual([]);
    const closed = await costOfHook();
    const figures = `editor closed ${closed.toFixed(1)} ms, crashed ${crashed.toFixed(1)} ms, hanging ${hanging.toFixed(1)} ms`;
    // How long it may take is a constant of the helper; what it takes here depends on what else this machine does.
    figure(`what the hook adds to an ssh: ${figures}`);
    // When something else opens the port, ssh reaches the host as usual.
    expect((await scene.gate.cli(['grant', CLIENT4, '--port', 'tcp/22', '--seconds', '20'])).code).toBe(0);
    expect(await shell('ssh prod echo inside')).toMatchObject({ code: 0, stdout: 'inside\n' });
    const carried = `ssh -F ${formerly} -o 'ProxyCommand "${join(folder, 'ssh-hook', 'knock')}" carry prod %h %p' prod`;
    expect(await shell(`${carried} echo inside`)).toMatchObject({ code: 0, stdout: 'inside\n', stderr: GREETING });
  });

  it('leaves ssh as it is when the extension was uninstalled and its folder deleted', async () => {
    renameSync(join(folder, 'ssh-hook'), join(folder, 'away'));
    expect(await shell('ssh prod echo inside')).toMatchObject({ code: 0, stdout: 'inside\n' });
    renameSync(join(folder, 'away'), join(folder, 'ssh-hook'));
  });

  it('is taken out, byte for byte', async () => {
    const editor = await openEditor();
    const { compared } = await editor.do('knockgate.disableSshHook');
    expect(compared).toHaveLength(1);
    expect(readFileSync(config).equals(before)).toBe(true);
    expect(statSync(config).mode & 0o777).toBe(0o640);
    expect(existsSync(join(folder, 'ssh-hook'))).toBe(false);
    expect(readdirSync(join(home, '.ssh'))).toEqual(['config']);
    expect(readdirSync(join(dir, 'run', 'knockgate'))).toEqual([]);
  });
});
