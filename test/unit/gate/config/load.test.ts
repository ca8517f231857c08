import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { Kept } from '../../../../server-helper/config/kept.ts';
import { machineMark, makeGateKey, rotateGateKey } from '../../../../server-helper/config/keys.ts';
import { keepLastGood, loadGate, loadingGate, loadLastGood } from '../../../../server-helper/config/load.ts';
import type { LoadedClient } from '../../../../server-helper/config/loaded-client.ts';
import { atOnce } from '../../../../server-helper/in-slices.ts';
import { type Paths, pathsFrom } from '../../../../server-helper/paths.ts';
import { ExitCode } from '../../../../src/base/problem.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { formatKey } from '../../../../src/spa/keys.ts';
import { BOB, problemOf, SHORTEST, temporaryFolder } from '../support.ts';

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

describe('loading again', () => {
  const secret = (name: string, byte: number) => {
    const path = join(paths.state, name);
    writeFileSync(path, formatKey(new Uint8Array(32).fill(byte)), { mode: 0o640 });
    return path;
  };
  /** Loads, changes something, loads again with what is kept, and once more with nothing kept. */
  const again = (change: () => void) => {
    const kept = new Kept();
    const read = () => atOnce(loadingGate(nodeCrypto, paths, kept));
    const before = read();
    change();
    const after = read();
    expect(after).toEqual(load());
    return { before: before.clients, after: after.clients, isSameKey: before.privateKey === after.privateKey };
  };

  it('derives only what is new', () => {
    const bob = `[[client]]\nname = "bob"\nkey = "${BOB.key}"\n`;
    const { before, after, isSameKey } = again(() => writeFileSync(paths.config, `${SHORTEST}\n${bob}`));
    expect([after[0] === before[0], after.length, isSameKey]).toEqual([true, 2, true]);
  });

  it('derives anew when the gate has another key', () => {
    const { before, after } = again(() => makeGateKey(nodeCrypto, paths.key, machineMark(), true));
    expect(after[0]?.pair.tagKey).not.toEqual(before[0]?.pair.tagKey);
  });

  it.each([
    ['psk_file', (client: LoadedClient | undefined) => client?.pair.psk],
    ['sequence_key_file', (client: LoadedClient | undefined) => client?.sequenceKey],
  ])('reads a %s anew, whose name has not changed', async (setting, keyOf) => {
    writeFileSync(paths.config, `${SHORTEST}${setting} = "${secret('secret', 3)}"\n`);
    const { before, after } = again(() => secret('secret', 4));
    expect([before[0], after[0]].map(keyOf)).toEqual([3, 4].map((byte) => new Uint8Array(32).fill(byte)));
    expect(again(() => {}).after[0]).toEqual(after[0]);
    const kept = new Kept();
    const read = () => atOnce(loadingGate(nodeCrypto, paths, kept));
    read();
    rmSync(join(paths.state, 'secret'));
    expect((await problemOf(read)).code).toBe('file-unreadable');
  });

  it('gives a client another profile when tables of others leave it none', () => {
    const others = Array.from({ length: 64 }, (_, i) => {
      const key = Buffer.alloc(32, 9);
      key.writeUInt16BE(i, 1);
      return `[[client]]\nname = "c${i}"\nkey = "${key.toString('base64url')}"\nports = ["tcp/${1000 + i}"]\n`;
    }).join('\n');
    const gate = '[gate]\nports = ["tcp/1-65535"]\n\n';
    const alice = SHORTEST.replace('[gate]\n\n', '');
    writeFileSync(paths.config, `${gate}${alice}`);
    const { before, after } = again(() => writeFileSync(paths.config, `${gate}${others}\n${alice}`));
    expect([before[0]?.policy.name, before[0]?.profile]).toEqual(['alice', expect.any(Number)]);
    expect([after.at(-1)?.policy.name, after.at(-1)?.profile]).toEqual(['alice', undefined]);
  });

  it('derives anew for the previous key when that is another, or good for another time', () => {
    const rotate = (until: number) => rotateGateKey(nodeCrypto, paths, machineMark(), until);
    rotate(2_000_000_000_000);
    const longer = again(() => {
      const line = readFileSync(paths.previousKey, 'utf8');
      writeFileSync(paths.previousKey, line.replace('2000000000', '2100000000'));
    });
    expect([longer.after.length, longer.after[0] === longer.before[0]]).toEqual([2, true]);
    expect(longer.after[1]?.policy.notAfter).toBe(2_100_000_000_000);
    const same = again(() => {});
    expect([same.after[0] === same.before[0], same.after[1] === same.before[1]]).toEqual([true, true]);
    const rotated = again(() => rotate(2_100_000_000_000));
    expect(rotated.after[1]?.pair.tagKey).toEqual(rotated.before[0]?.pair.tagKey);
    const over = again(() => rmSync(paths.previousKey));
    expect(over.after).toHaveLength(1);
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
      activity: '/var/lib/knockgate/activity',
      events: '/var/lib/knockgate/events',
      auditEnd: '/var/lib/knockgate/audit-end',
      lastGood: '/var/lib/knockgate/gate.toml.last-good',
      runtime: '/run/knockgate',
      socket: '/run/knockgate/control.sock',
      trial: '/run/knockgate-trial',
      children: '/run/knockgate/children',
    });
  });
});
