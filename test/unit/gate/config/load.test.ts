import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { machineMark, makeGateKey } from '../../../../server-helper/config/keys.ts';
import { keepLastGood, loadGate, loadLastGood } from '../../../../server-helper/config/load.ts';
import { type Paths, pathsFrom } from '../../../../server-helper/paths.ts';
import { ExitCode } from '../../../../src/base/problem.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { formatKey } from '../../../../src/spa/keys.ts';
import { problemOf, SHORTEST, temporaryFolder } from '../support.ts';

let paths: Paths;
beforeEach(() => {
  const folder = temporaryFolder();
  const environment = { STATE_DIRECTORY: join(folder, 'state'), RUNTIME_DIRECTORY: join(folder, 'run') };
  paths = pathsFrom(environment, join(folder, 'gate.toml'));
  mkdirSync(paths.state);
  writeFileSync(paths.config, SHORTEST);
  makeGateKey(nodeCrypto, paths.key, machineMark(), false);
});

const load = () => loadGate(nodeCrypto, paths);

describe('loading', () => {
  it('reads the configuration and the key, and derives what clients and gate share', () => {
    const { config, clients, privateKey, text } = load();
    expect(text).toBe(SHORTEST);
    expect(clients.map(({ policy }) => policy.name)).toEqual(['alice']);
    expect(clients[0]?.policy).toBe(config.clients[0]);
    expect(clients[0]?.pair.gatePublic).toEqual(nodeCrypto.publicKey(privateKey));
    expect(clients[0]?.pair.psk).toEqual(new Uint8Array(32));
  });

  it('reads a psk where one is named', () => {
    const psk = join(paths.state, 'psk');
    writeFileSync(psk, formatKey(new Uint8Array(32).fill(3)), { mode: 0o640 });
    const without = load().clients[0];
    writeFileSync(paths.config, `${SHORTEST}psk_file = "${psk}"\n`);
    const found = load().clients[0];
    expect(found?.pair.psk).toEqual(new Uint8Array(32).fill(3));
    expect(found?.pair.tagKey).not.toEqual(without?.pair.tagKey);
  });

  it.each([
    ['no configuration', () => rmSync(paths.config), 'config-missing', ExitCode.configuration],
    ['a bad one', () => writeFileSync(paths.config, 'x'), 'config-invalid', ExitCode.configuration],
    [
      'a folder for one',
      () => [rmSync(paths.config), mkdirSync(paths.config)],
      'file-unreadable',
      ExitCode.configuration,
    ],
    ['no key', () => rmSync(paths.key), 'key-missing', ExitCode.keyUnreadable],
    [
      'a psk that is missing',
      () => writeFileSync(paths.config, `${SHORTEST}psk_file = "/none"\n`),
      'file-unreadable',
      ExitCode.configuration,
    ],
  ])('says what is wrong: %s', async (_, spoil, code, exit) => {
    spoil();
    expect(await problemOf(load)).toMatchObject({ code, exit });
  });
});

describe('the last good configuration', () => {
  it('is what was read, whatever the file holds by then', () => {
    const loaded = load();
    writeFileSync(paths.config, 'broken meanwhile');
    keepLastGood(paths, loaded);
    expect(readFileSync(paths.lastGood, 'utf8')).toBe(SHORTEST);
    expect(statSync(paths.lastGood).mode & 0o777).toBe(0o600);
    expect(loadLastGood(nodeCrypto, paths)).toMatchObject({ text: SHORTEST });
  });

  it('stays the last good one when the gate has started on it', () => {
    keepLastGood(paths, load());
    writeFileSync(paths.config, 'broken');
    const fallback = loadLastGood(nodeCrypto, paths);
    if (fallback !== undefined) keepLastGood(paths, fallback);
    expect(readFileSync(paths.lastGood, 'utf8')).toBe(SHORTEST);
  });

  it('need not be there', () => {
    expect(loadLastGood(nodeCrypto, paths)).toBeUndefined();
  });

  it('is done without where the disk takes none', () => {
    const loaded = load();
    rmSync(paths.state, { recursive: true });
    keepLastGood(paths, loaded);
    expect(loadLastGood(nodeCrypto, paths)).toBeUndefined();
  });

  it('is named itself when it is bad', async () => {
    writeFileSync(paths.lastGood, '[gate]\nx = 1\n');
    const problem = await problemOf(() => loadLastGood(nodeCrypto, paths));
    expect(problem.what).toContain(`${paths.lastGood}:2: `);
  });
});

describe('paths', () => {
  it('are those of the contract', () => {
    expect(pathsFrom({})).toEqual({
      actionSocket: '/run/knockgate-action',
      pendingCloses: '/var/lib/knockgate/actions',
      boot: '/var/lib/knockgate/boot.nft',
      config: '/etc/knockgate/gate.toml',
      key: '/etc/knockgate/gate.key',
      state: '/var/lib/knockgate',
      nftScript: '/run/knockgate/tags.nft',
      previousKey: '/etc/knockgate/gate.key.previous',
      replay: '/var/lib/knockgate/replay',
      fwknopReplay: '/var/lib/knockgate/fwknop-replay',
      knownAddresses: '/var/lib/knockgate/known-addresses',
      heardRunning: '/run/knockgate/heard',
      heardStopped: '/var/lib/knockgate/heard',
      lastGood: '/var/lib/knockgate/gate.toml.last-good',
      runtime: '/run/knockgate',
      socket: '/run/knockgate/control.sock',
      trial: '/run/knockgate-trial',
      children: '/run/knockgate/children',
    });
  });
});
