import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { complaints, hostKeyIn, openSystemSsh } from '../../../src/deploy/connection/system/carrier.ts';
import { makeRunFolders } from '../../../src/deploy/connection/system/run-folders.ts';
import { Said } from '../../../src/deploy/connection/system/said.ts';
import { expectMode, problemOf, temporaryFolder } from '../client/support.ts';

const SAID = `OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.19
debug1: Connecting to 192.0.2.2 [192.0.2.2] port 22.
debug1: Server host key: ssh-ed25519 SHA256:AAAA+/b
dev@192.0.2.2: Permission denied (publickey).
`;

const NOBODY = { secret: async () => undefined, text: async () => undefined, confirm: async () => false };

describe('what the system ssh says', () => {
  it('is shown without the lines that -v adds', () => {
    expect(complaints(SAID)).toBe('dev@192.0.2.2: Permission denied (publickey).');
  });

  it('names the key of the host', () => {
    expect(hostKeyIn(SAID)).toEqual({ type: 'ssh-ed25519', fingerprint: 'SHA256:AAAA+/b' });
    expect(hostKeyIn('')).toEqual({ type: 'unknown', fingerprint: 'unknown' });
  });
});

/** Stands in for ssh, as a program: the real one would need a server whose banner has no end. */
function fakeSsh(script: string) {
  const path = join(temporaryFolder(), 'ssh.mjs');
  writeFileSync(path, script);
  return { ssh: [process.execPath, path], prompts: NOBODY, env: process.env, all: new Map() };
}

const HOST_KEY = 'debug1: Server host key: ssh-ed25519 SHA256:AAAA';
/** The connection that is held makes its socket; what is run over it has the command as its last argument. */
const ENDLESS = `
import { writeFileSync, writeSync } from 'node:fs';
const args = process.argv.slice(2);
if (args.includes('-M')) {
  writeSync(2, '${HOST_KEY}\\n' + 'x'.repeat(1e6));
  writeFileSync(args[args.indexOf('-S') + 1], '');
  setInterval(() => {}, 1e6);
} else {
  const stream = args.at(-1) === 'stdout' ? process.stdout : process.stderr;
  const write = () => stream.write('x'.repeat(1e6), write);
  write();
}`;

/** Waits until it is killed. Asks first if the test wants that, as ssh does. */
const HELD = `
import { spawn } from 'node:child_process';
import { writeFileSync, writeSync } from 'node:fs';
const args = process.argv.slice(2);
const socket = args[args.indexOf('-S') + 1];
writeFileSync(process.env.NOTES, JSON.stringify({ pid: process.pid, socket, askpass: process.env.SSH_ASKPASS }));
if (process.env.ASKS === 'yes') spawn(process.env.SSH_ASKPASS, ['Password: '], { stdio: 'ignore' });
else if (args.includes('-M')) writeFileSync(socket, '');
else process.exit(Number(args.at(-1)));
setInterval(() => {}, 1e6);`;

function notesIn(path: string): { pid: number; socket: string; askpass: string } {
  return JSON.parse(readFileSync(path, 'utf8'));
}

function isAlive(pid: number): boolean {
  // A process that has ended may still be a zombie.
  return spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout.match(/^[^Z]/) !== null;
}

function processesNaming(text: string): string[] {
  const { stdout } = spawnSync('ps', ['-e', '-o', 'args='], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line.includes(text));
}

describe('the connection that is held', () => {
  /** Another process that logs in, and then waits to be killed. */
  async function loggingIn(asks: boolean) {
    const notes = join(temporaryFolder(), 'notes');
    const { ssh } = fakeSsh(HELD);
    const script = fileURLToPath(new URL('system-ssh-child.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', script, ...ssh], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NOTES: notes, ASKS: asks ? 'yes' : 'no' },
    });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    await once(createInterface(child.stdout), 'line');
    return { child, ...notesIn(notes) };
  }

  it.each([
    ['after a login', false],
    ['while it asks', true],
  ])('ends, and its folder goes, when this program is killed %s', async (_, asks) => {
    const { child, pid, socket } = await loggingIn(asks);
    const folder = dirname(socket);
    expect(isAlive(pid)).toBe(true);
    child.kill('SIGKILL');
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
    await expect.poll(() => existsSync(folder), { timeout: 10_000 }).toBe(false);
    await expect.poll(() => processesNaming(folder), { timeout: 10_000 }).toEqual([]);
  });

  it('ends when it is closed, and tells its end from that of a program with 255', async () => {
    const notes = join(temporaryFolder(), 'notes');
    const fake = fakeSsh(HELD);
    const carrier = await openSystemSsh('prod', { ...fake, env: { ...process.env, NOTES: notes } });
    const { pid, socket } = notesIn(notes);
    expect(await carrier.exec('255', new Uint8Array(), 60_000)).toMatchObject({ code: 255 });
    const cut = carrier.exec('255', new Uint8Array(), 60_000);
    process.kill(pid);
    expect((await problemOf(() => cut)).code).toBe('connection-lost');
    await carrier.close();
    expect([isAlive(pid), existsSync(dirname(socket))]).toEqual([false, false]);
  });
});

describe('the folders of a login', () => {
  it('are one, where a script can be run in it', async () => {
    const { run, scripts, socket } = await makeRunFolders({}, temporaryFolder());
    expect(scripts).toBe(run);
    expect(dirname(socket)).toBe(run);
    expectMode(run, 0o700);
  });

  it('are two, where no script can be run among temporary files', async () => {
    const [tmp, runtime, home] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
    const env = { XDG_RUNTIME_DIR: runtime, HOME: home };
    const only = (parent: string) => makeRunFolders(env, tmp, (folder) => folder.startsWith(parent));
    for (const parent of [runtime, home]) {
      const { run, scripts } = await only(parent);
      expect([dirname(run), dirname(scripts)]).toEqual([tmp, parent]);
      expectMode(scripts, 0o700);
    }
    // What could not be used is not left behind.
    expect(readdirSync(runtime)).toHaveLength(1);
    const nowhere = await makeRunFolders({ XDG_RUNTIME_DIR: '/nowhere', HOME: '' }, tmp, () => false);
    expect(nowhere.scripts).toBe(nowhere.run);
  });

  it('of an earlier login that nobody holds any more are deleted', async () => {
    const parent = temporaryFolder();
    const [old, held, young, other] = ['knockgate-ssh-old', 'knockgate-ssh-held', 'knockgate-ssh-young', 'other'];
    for (const name of [old, held, young, other]) mkdirSync(join(parent, name));
    const server = createServer().listen(join(parent, held, 's'));
    onTestFinished(() => {
      server.close();
    });
    await once(server, 'listening');
    for (const name of [old, held, other]) utimesSync(join(parent, name), 0, 0);
    const { run } = await makeRunFolders({}, parent);
    expect(readdirSync(parent).sort()).toEqual([basename(run), held, young, other].sort());
  });
});

describe('what a server writes without end', () => {
  it('before the login is kept at its beginning and end only', async () => {
    const carrier = await openSystemSsh('prod', fakeSsh(ENDLESS.replace(HOST_KEY, `${'x'.repeat(1e5)}\\n${HOST_KEY}`)));
    onTestFinished(() => carrier.close());
    expect(carrier.hostKey.fingerprint).toBe('unknown');
    const said = new Said();
    for (const text of ['first ', 'x'.repeat(1e6), 'y'.repeat(1e6), ' last']) said.add(text);
    expect(said.text()).toMatch(/^first x+y+ last$/);
    expect(said.text().length).toBeLessThan(200_000);
  });

  it.each(['stdout', 'stderr'])('to %s ends that program', async (stream) => {
    const carrier = await openSystemSsh('prod', fakeSsh(ENDLESS));
    onTestFinished(() => carrier.close());
    expect(carrier.hostKey.fingerprint).toBe('SHA256:AAAA');
    expect((await problemOf(() => carrier.exec(stream, new Uint8Array(), 60_000))).code).toBe('answer-too-long');
  });
});
