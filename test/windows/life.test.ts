import { cpSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Gate } from '../rig/gate.ts';
import { createPair, type Pair, TARGET4, TARGET6 } from '../rig/netns.ts';
import { isOpen } from '../rig/probe.ts';
import type { Finished } from '../rig/process.ts';
import { type Sshd, startSshd } from '../rig/sshd.ts';
import { Windows } from './rig/windows.ts';

/** As people have it: with a blank, and with letters that the old character sets of Windows have in different places. */
const FOLDER = 'C:\\Ünser Ordner\\knock gate';

/** The command line, and what it loads when it needs it. */
const PROGRAM = ['knockgate.cjs', 'knockgate-commands.cjs', 'deploy.js', 'gate-files.json', 'openpgp.min.cjs'];

describe('the command line on Windows, from its key to an open port', () => {
  let pair: Pair;
  let sshd: Sshd;
  let gate: Gate;
  let windows: Windows;
  let clientLine = '';
  let line = '';

  beforeAll(async () => {
    pair = await createPair({ name: 'windows' });
    sshd = await startSshd(pair.target);
    windows = new Windows({ ns: pair.client });
    const there = join(windows.disk, 'Ünser Ordner', 'knock gate');
    mkdirSync(there, { recursive: true });
    for (const name of PROGRAM) cpSync(resolve('dist', name), join(there, name));
  });

  afterAll(async () => {
    await gate?.dispose();
    windows?.end();
    await sshd?.stop();
    pair?.destroy();
  });

  const knockgate = (...args: string[]): Promise<Finished> => windows.node([`${FOLDER}\\knockgate.cjs`, ...args]);
  const config = (name: string) => join(windows.home, 'AppData', 'Roaming', 'knockgate', name);

  it('makes a key in %APPDATA%, once', async () => {
    const made = await knockgate('keygen', '--name', 'alice-laptop');
    expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^knockgate1 client \S+ alice-laptop\n$/) });
    expect(made.stderr).toContain('C:\\users\\root\\AppData\\Roaming\\knockgate\\id');
    expect(statSync(config('id')).size).toBe(44);
    expect(existsSync(join(windows.home, '.config'))).toBe(false);
    clientLine = made.stdout.trim();
    expect(await knockgate('keygen')).toMatchObject({ code: 6 });
  });

  it('tells its line again', async () => {
    const told = await knockgate('pubkey', '--name', 'alice-laptop');
    expect([told.code, told.stdout.trim()]).toEqual([0, clientLine]);
  });

  it('adds a gate by its line, and lists it', async () => {
    const [, , key = '', name = ''] = clientLine.split(' ');
    gate = new Gate(pair.target, { clients: [{ name, key }] });
    line = await gate.enrolmentLine('target');
    expect(await knockgate('add', line)).toMatchObject({ code: 0 });
    await gate.start();
    expect(readFileSync(config('hosts.toml'), 'utf8')).toContain('[target]');
    const listed = await knockgate('list', '--json');
    expect([listed.code, JSON.parse(listed.stdout)]).toMatchObject([0, { hosts: { target: {} } }]);
  });

  it.each([TARGET4, TARGET6])('knocks, and sshd answers at %s', async (address) => {
    expect(await isOpen(pair.client, address, 22, 300)).toBe(false);
    const since = gate.events.length;
    const only = line.replace(`${TARGET4},${TARGET6}`, address);
    const knocked = await knockgate('knock', 'target', '--gate', only, '--json');
    expect([knocked.code, knocked.stderr]).toEqual([0, '']);
    expect(JSON.parse(knocked.stdout)).toMatchObject({ address });
    expect(await isOpen(pair.client, address, 22)).toBe(true);
    await gate.audit(({ event, client }) => event === 'granted' && client === 'alice-laptop', 5000, since);
  });

  it('finds the grant that is live, by the name of the host', async () => {
    const knocked = await knockgate('knock', 'target', '--json');
    expect([knocked.code, JSON.parse(knocked.stdout)]).toMatchObject([0, { open: true, knocks: 0 }]);
  });

  it('names what is wrong, and ends as everywhere', async () => {
    const unknown = await knockgate('knock', 'nowhere');
    expect([unknown.code, unknown.stdout]).toEqual([3, '']);
    expect(unknown.stderr).toContain('nowhere');
    const json = await knockgate('knock', 'nowhere', '--json');
    expect([json.code, JSON.parse(json.stdout)]).toMatchObject([3, { error: { code: expect.any(String) } }]);
    expect(await knockgate('knock')).toMatchObject({ code: 2 });
    expect(await knockgate('frobnicate')).toMatchObject({ code: 2 });
    expect(await knockgate('--version')).toMatchObject({ code: 0 });
  });

  it('says where Windows has ssh, when it is asked for what needs it', async () => {
    const { code, stderr } = await knockgate('gate', 'target', '--', 'status');
    expect([code, stderr]).toEqual([3, expect.stringContaining('Settings, System, Optional features, OpenSSH Client')]);
  });
});
