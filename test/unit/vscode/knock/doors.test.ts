import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { EffectiveConfig } from '../../../../src/ssh/effective-config.ts';
import { readHostBook } from '../../../../src/vscode/hosts/host-book.ts';
import { Doors } from '../../../../src/vscode/knock/doors.ts';
import { Routes } from '../../../../src/vscode/knock/routes.ts';
import { lookWithSsh } from '../../../../src/vscode/ssh/ssh-look.ts';
import { configuration, installSshExtension, resetEditor } from '../../../rig/fake-vscode.ts';
import { gateLine } from '../../cli/support.ts';
import { problemOf, temporaryFolder } from '../../client/support.ts';
import { FakeMemento } from '../support.ts';

beforeEach(resetEditor);

const to = (host: string, port?: number) => ({ host, user: undefined, port });
const straight = (hostName: string, port = 22): EffectiveConfig => ({
  hostName,
  port,
  addressFamily: 'any',
  jumps: [],
  hasProxyCommand: false,
});

/** Doors of a configuration, with gates before these hosts. */
function doors(settings: Record<string, EffectiveConfig>, gates: Record<string, unknown>, state = new FakeMemento()) {
  const asked: string[] = [];
  const look = async (name: string) => {
    asked.push(name);
    return settings[name];
  };
  return { doors: new Doors(new Routes(look, state), () => readHostBook(gates)), state, asked };
}

const GATE = { gate: gateLine('gate', ['192.0.2.1']) };
const INNER = { inner: { ...straight('10.0.0.5'), jumps: [to('bastion')] }, bastion: straight('192.0.2.1', 2200) };

describe('the door on the way to a host', () => {
  it('is its own, with the port that ssh connects to', async () => {
    const { doors: found } = doors({ prod: straight('192.0.2.9', 2222) }, { prod: GATE });
    expect(await found.find(to('prod'))).toMatchObject({
      host: { name: 'prod' },
      sshPort: 2222,
      sshName: { hostName: '192.0.2.9', addressFamily: 'any' },
    });
    expect(await found.find(to('prod', 22))).toMatchObject({ sshPort: 22 });
  });

  it('is that of another name for the same address', async () => {
    const { doors: found } = doors({ alias: straight('192.0.2.1') }, { prod: GATE });
    expect(await found.find(to('alias'))).toMatchObject({ host: { name: 'prod' } });
  });

  it('is that of the jump before it', async () => {
    const { doors: found } = doors(INNER, { bastion: GATE });
    expect(await found.find(to('inner', 2222))).toMatchObject({ host: { name: 'bastion' }, sshPort: 2200 });
  });

  it('says whether ssh goes there by itself, as far as is known', async () => {
    const settings = { ...INNER, prod: straight('192.0.2.9'), own: { ...straight('a'), hasProxyCommand: true } };
    const { doors: found, state } = doors(settings, { prod: GATE, own: GATE, inner: GATE, unknown: GATE });
    expect(found.isDirect('prod')).toBe(false);
    for (const name of ['prod', 'own', 'inner', 'unknown']) await found.find(to(name)).catch(() => {});
    const names = ['prod', 'own', 'inner', 'unknown', 'never-asked'];
    expect(names.filter((name) => found.isDirect(name))).toEqual(['prod']);
    expect(doors({}, {}, state).doors.isDirect('prod')).toBe(true);
  });

  it('is explained when it is out of reach, when it is missing, and when it is written wrongly', async () => {
    const inner = doors(INNER, { inner: { gate: gateLine('gate', ['10.0.0.5']) } });
    const problem = await problemOf(() => inner.doors.find(to('inner')));
    expect(problem.code).toBe('gate-further-in');
    // The hook does not knock, and the view says why.
    expect(inner.doors.known(to('inner'))).toBeUndefined();
    expect(inner.doors.behind('inner')).toBe('bastion');
    expect(`${problem.why} ${problem.next}`).toMatch(/through bastion.*trusted_networks/s);
    expect((await problemOf(() => doors({}, {}).doors.find(to('x')))).code).toBe('host-unknown');
    expect((await problemOf(() => doors({}, { x: {} }).doors.find(to('x')))).code).toBe('hosts-file-invalid');
  });

  it('is known at once from the last time, or straight when there was none', async () => {
    const first = doors(INNER, { bastion: GATE });
    expect(first.doors.known(to('inner'))).toBeUndefined();
    expect(first.doors.known(to('bastion', 99))).toMatchObject({ host: { name: 'bastion' }, sshPort: 99 });
    await first.doors.find(to('inner'));
    expect(first.doors.behind('inner')).toBeUndefined();
    const again = doors({}, { bastion: GATE }, first.state);
    expect(again.doors.known(to('inner'))).toMatchObject({ host: { name: 'bastion' }, sshPort: 2200 });
    expect(again.asked).toEqual([]);
  });

  it.each([null, 'x', { inner: 5 }, { inner: [] }, { inner: [{ name: 'x' }] }])('is not believed from %j', (record) => {
    const state = new FakeMemento();
    state.values.set('knockgate.routes', record);
    expect(doors(INNER, { bastion: GATE }, state).doors.known(to('inner'))).toBeUndefined();
  });
});

describe('asking ssh', () => {
  /** A program that is called like ssh and says what it was called with. */
  function fakeSsh(script: string) {
    const path = join(temporaryFolder(), 'ssh');
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    installSshExtension();
    configuration.set('remote.SSH.path', path);
    return lookWithSsh({
      homeFolder: '/home/a',
      sshHome: '/home/a',
      platform: 'linux',
      env: { PATH: process.env.PATH },
    });
  }

  it('uses the program and the configuration of the SSH extension, and keeps our own hook quiet', async () => {
    configuration.set('remote.SSH.configFile', '~/work/ssh');
    const look = fakeSsh('echo "hostname $1_$2_$3_$4_$5_$KNOCKGATE_HOOK_OFF"');
    expect((await look('prod'))?.hostName).toBe('-F_/home/a/work/ssh_-G_--_prod_1');
  });

  it('does without an answer, and never hands ssh an option', async () => {
    expect(await fakeSsh('exit 255')('prod')).toBeUndefined();
    expect(await fakeSsh('echo hostname x')('-oProxyCommand=x')).toBeUndefined();
    configuration.set('remote.SSH.path', '/nowhere/ssh');
    expect(await lookWithSsh({ homeFolder: '/', sshHome: '/', platform: 'linux', env: {} })('prod')).toBeUndefined();
  });
});
