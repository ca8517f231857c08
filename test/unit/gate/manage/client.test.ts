import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { machineMark, makeGateKey } from '../../../../server-helper/config/keys.ts';
import { listenForControl } from '../../../../server-helper/control/server.ts';
import { addClient, listClients, listOthers, removeClient } from '../../../../server-helper/manage/client.ts';
import { type Paths, pathsFrom } from '../../../../server-helper/paths.ts';
import { refusedByDaemon } from '../../../../server-helper/problems.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { ALICE, BOB, problemOf, temporaryFolder } from '../support.ts';

let paths: Paths;
const text = () => readFileSync(paths.config, 'utf8');
const entry = (name: string, key: string, more = '') => `\n[[client]]\nname = "${name}"\nkey = "${key}"\n${more}`;

beforeEach(() => {
  const folder = temporaryFolder();
  paths = pathsFrom({ STATE_DIRECTORY: folder, RUNTIME_DIRECTORY: folder }, join(folder, 'gate.toml'));
  writeFileSync(paths.config, `[gate]\nports = ["tcp/22"]\n${entry('alice', ALICE.key)}`);
  makeGateKey(nodeCrypto, paths.key, machineMark(), false);
});

/** A daemon that notes what it is asked, and refuses some of it. */
async function daemon(refuses: string | undefined, asked: string[]) {
  const server = await listenForControl(paths.socket, async (request) => {
    asked.push(request.command);
    if (request.command === refuses) throw refusedByDaemon('not now');
    return {};
  });
  return { [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}

describe('client add', () => {
  it('writes, and says that it is in force once the daemon has taken it', async () => {
    const asked: string[] = [];
    const running = await daemon(undefined, asked);
    const added = await addClient(paths, `knockgate1 client ${BOB.key} bob`, { name: undefined, ports: [] });
    expect(added).toEqual({ name: 'bob', reloaded: true, known: false });
    expect(asked).toEqual(['reload']);
    expect(listClients(paths).map(({ name }) => name)).toEqual(['alice', 'bob']);
    await running[Symbol.asyncDispose]();
  });

  it('changes nothing when the same line comes once more', async () => {
    const asked: string[] = [];
    const running = await daemon(undefined, asked);
    const before = text();
    const added = await addClient(paths, `knockgate1 client ${ALICE.key} alice`, { name: undefined, ports: [] });
    expect(added).toEqual({ name: 'alice', reloaded: false, known: true });
    expect([text(), asked]).toEqual([before, []]);
    await running[Symbol.asyncDispose]();
  });

  it.each([
    ['a known key under another name', ALICE.key, 'carol', [], 'client-known', 'as alice'],
    ['a known key with other ports', ALICE.key, 'alice', ['tcp/22'], 'client-known', 'as alice'],
    ['a name that another key has', BOB.key, 'alice', [], 'client-name-taken', '--name alice-2'],
  ])('refuses %s, and says what to do', async (_, key, name, ports, code, told) => {
    const before = text();
    const problem = await problemOf(() =>
      addClient(paths, `knockgate1 client ${key} ${name}`, { name: undefined, ports }),
    );
    expect(problem).toMatchObject({ code, exit: 6 });
    expect(`${problem.what} ${JSON.stringify(problem.next)}`).toContain(told);
    expect(text()).toBe(before);
  });

  it('writes nothing that the daemon could not take', async () => {
    writeFileSync(paths.config, `${text()}psk_file = "/nowhere/psk"\n`);
    const before = text();
    const line = `knockgate1 client ${BOB.key} bob`;
    const problem = await problemOf(() => addClient(paths, line, { name: undefined, ports: [] }));
    expect(problem).toMatchObject({ code: 'file-unreadable' });
    expect(text()).toBe(before);
  });
});

describe('client remove', () => {
  it('ends the grants before and after the change', async () => {
    const asked: string[] = [];
    const running = await daemon(undefined, asked);
    expect(await removeClient(paths, 'alice')).toMatchObject({ name: 'alice', reloaded: true });
    expect(asked).toEqual(['revoke', 'reload', 'revoke']);
    await running[Symbol.asyncDispose]();
  });

  it('ends the grants also where the configuration cannot be changed', async () => {
    writeFileSync(paths.config, `${text()}${entry('bob', BOB.key, 'psk_file = "/nowhere/psk"\n')}`);
    const asked: string[] = [];
    const running = await daemon(undefined, asked);
    expect(await problemOf(() => removeClient(paths, 'alice'))).toMatchObject({ code: 'file-unreadable' });
    expect(asked).toEqual(['revoke']);
    await running[Symbol.asyncDispose]();
  });

  it('says so when the file is changed and the daemon refuses it', async () => {
    const running = await daemon('reload', []);
    const problem = await problemOf(() => removeClient(paths, 'alice'));
    expect(problem).toMatchObject({ code: 'not-in-force', exit: 3 });
    expect(problem.what).toContain('keeps the previous configuration');
    await running[Symbol.asyncDispose]();
  });

  it('works without a daemon', async () => {
    expect(await removeClient(paths, 'alice')).toMatchObject({ name: 'alice', reloaded: false });
    expect(text()).toBe('[gate]\nports = ["tcp/22"]\n');
  });
});

describe('who gets in without being a client', () => {
  it('is told: by fwknop, by a sequence, from a trusted network', () => {
    const more = `[[fwknop]]
name = "phones"
key_file = "/phones"
[[fwknop]]
name = "old"
key_file = "/old"
enabled = false
[[sequence]]
name = "door"
steps = ["tcp/7003", "udp/7001", "tcp/7005"]
`;
    const head = '[gate]\nports = ["tcp/22"]\nfwknop_port = 62222\ntrusted_networks = ["10.0.0.0/8"]\n';
    writeFileSync(paths.config, `${head}${more}`);
    expect(listOthers(paths)).toEqual([
      { kind: 'fwknop', name: 'phones', ports: ['tcp/22'] },
      { kind: 'sequence', name: 'door', ports: ['tcp/22'] },
      { kind: 'trusted', name: '10.0.0.0/8', ports: ['tcp/22'] },
    ]);
  });

  it('counts when the last client goes', async () => {
    expect(await removeClient(paths, 'alice')).toMatchObject({ nobody_left: true });
    writeFileSync(
      paths.config,
      `[gate]\nports = ["tcp/22"]\ntrusted_networks = ["10.0.0.0/8"]\n${entry('alice', ALICE.key)}`,
    );
    expect(await removeClient(paths, 'alice')).toMatchObject({ nobody_left: false });
  });
});
