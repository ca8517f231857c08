import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { machineMark, makeGateKey } from '../../../../server-helper/config/keys.ts';
import { loadGate } from '../../../../server-helper/config/load.ts';
import { listenForControl } from '../../../../server-helper/control/server.ts';
import { ordinarySource } from '../../../../server-helper/daemon/tag-sources.ts';
import { bringIntoForce, key } from '../../../../server-helper/manage/key.ts';
import { finishRotation, rotate, rotateBack } from '../../../../server-helper/manage/rotate.ts';
import { type Paths, pathsFrom } from '../../../../server-helper/paths.ts';
import { usage } from '../../../../server-helper/problems.ts';
import { TagIndex } from '../../../../server-helper/verify/tags.ts';
import { verify } from '../../../../server-helper/verify/verify.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { parseGateLine } from '../../../../src/spa/enrolment.ts';
import { sealMessage } from '../../../../src/spa/message.ts';
import { pairKeys } from '../../../../src/spa/outer.ts';
import { epochAt } from '../../../../src/spa/tags.ts';
import { requestTo } from '../../../rig/request.ts';
import { ALICE, packetOf, problemOf, temporaryFolder, WALL } from '../support.ts';

const NAMED = { address: '192.0.2.2', name: 'prod' };
const OPTIONS = { days: undefined, bringIntoForce: () => bringIntoForce(paths, NAMED) };
const DAY = 86_400_000;

let paths: Paths;
beforeEach(() => {
  const folder = temporaryFolder();
  paths = pathsFrom({ STATE_DIRECTORY: folder, RUNTIME_DIRECTORY: folder }, join(folder, 'gate.toml'));
  const entry = `[[client]]\nname = "alice"\nkey = "${ALICE.key}"\nsequence_key_file = "${folder}/once"\n`;
  writeFileSync(paths.config, `[gate]\n\n${entry}`);
  writeFileSync(join(folder, 'once'), 'BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc\n', { mode: 0o600 });
  makeGateKey(nodeCrypto, paths.key, machineMark(), false);
});

const lineNow = () => key(paths, { ...NAMED, makeNew: false, adopt: false }).line;

/** Whether the gate, as it is loaded, takes a knock of alice's for the gate of a line; and until when it would be let in. */
function knocks(line: string): { notAfter: number | undefined } | undefined {
  const { clients, privateKey } = loadGate(nodeCrypto, paths);
  const alicePrivate = new Uint8Array(32).fill(1);
  const pair = pairKeys(nodeCrypto, 'client', alicePrivate, parseGateLine(line).key);
  const request = requestTo('203.0.113.2', { timestamp: WALL });
  const datagram = sealMessage(nodeCrypto, pair, { kind: 'ordinary', epoch: epochAt(WALL), slot: 0 }, request);
  const context = { crypto: nodeCrypto, gatePrivate: privateKey, toleranceMs: 60_000, now: WALL, addresses: [] };
  const index = new TagIndex(nodeCrypto);
  for (const client of clients)
    index.add({ source: ordinarySource(client, false), epoch: epochAt(WALL), count: 8, isDaemonOnly: true });
  const issued = index.find(datagram);
  const verified = issued === undefined ? undefined : verify(context, issued.source, packetOf(datagram));
  return verified?.ok ? { notAfter: verified.client.policy.notAfter } : undefined;
}

describe('a rotation of the gate’s key', () => {
  it('gives the gate a new key, and keeps the one before good for two weeks', async () => {
    const before = lineNow();
    const rotated = await rotate(paths, OPTIONS, WALL);
    expect(rotated).toEqual({ line: lineNow(), until: new Date(WALL + 14 * DAY).toISOString(), reloaded: false });
    expect(rotated.line).not.toBe(before);
    expect(knocks(rotated.line)).toEqual({ notAfter: undefined });
    expect(knocks(before)).toEqual({ notAfter: WALL + 14 * DAY });
    expect(statSync(paths.previousKey).mode & 0o777).toBe(0o640);
  });

  it('lets nobody in for longer than before, and knows each one-time sequence once', async () => {
    const text = readFileSync(paths.config, 'utf8');
    writeFileSync(paths.config, `${text}not_after = 2027-01-16T00:00:00Z\n`);
    const before = lineNow();
    await rotate(paths, { ...OPTIONS, days: '365' }, WALL);
    expect(knocks(before)).toEqual({ notAfter: Date.UTC(2027, 0, 16) });
    expect(loadGate(nodeCrypto, paths).clients.map(({ sequenceKey }) => sequenceKey !== undefined)).toEqual([
      true,
      false,
    ]);
  });

  it('goes back', async () => {
    const before = lineNow();
    const { line } = await rotate(paths, OPTIONS, WALL);
    const until = WALL + 14 * DAY;
    const back = { line: before, until: new Date(until).toISOString(), reloaded: false };
    expect(await rotateBack(paths, OPTIONS, until - 1)).toEqual(back);
    expect(knocks(before)).toEqual({ notAfter: undefined });
    // A client that has moved to it by then is not shut out, until that is ended.
    expect(knocks(line)).toEqual({ notAfter: until });
    expect(await finishRotation(paths, OPTIONS)).toEqual({ ...back, until: null });
    expect(knocks(line)).toBeUndefined();
    expect(readdirSync(dirname(paths.key)).filter((name) => /new|lock/.test(name))).toEqual([]);
  });

  it('does not go back to a key that nobody can use any more', async () => {
    const { line } = await rotate(paths, { ...OPTIONS, days: '1' }, WALL);
    expect(await problemOf(() => rotateBack(paths, OPTIONS, WALL + DAY))).toMatchObject({ code: 'rotation-over' });
    expect(lineNow()).toBe(line);
  });

  it('is begun by one at a time: no key is lost that a client has', async () => {
    const before = lineNow();
    const done = await Promise.allSettled([rotate(paths, OPTIONS, WALL), rotate(paths, OPTIONS, WALL)]);
    expect(done.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(knocks(before)).toEqual({ notAfter: WALL + 14 * DAY });
  });

  it('waits for another process that changes the keys', async () => {
    const [before, lock] = [readFileSync(paths.key), `${paths.key}.lock`];
    writeFileSync(lock, '');
    const rotating = rotate(paths, OPTIONS, WALL);
    await new Promise((resolve) => setImmediate(resolve));
    expect(readFileSync(paths.key)).toEqual(before);
    rmSync(lock);
    expect((await rotating).line).toBe(lineNow());
    expect(readFileSync(paths.key)).not.toEqual(before);
  });

  it('ends', async () => {
    const before = lineNow();
    const { line } = await rotate(paths, OPTIONS, WALL);
    expect(await finishRotation(paths, OPTIONS)).toEqual({ line, until: null, reloaded: false });
    expect(knocks(before)).toBeUndefined();
    expect(knocks(line)).toEqual({ notAfter: undefined });
  });

  it('is not begun while another one is under way: the key before it would be lost', async () => {
    const before = lineNow();
    await rotate(paths, { ...OPTIONS, days: '2' }, WALL);
    const problem = await problemOf(() => rotate(paths, OPTIONS, WALL + 2 * DAY - 1));
    expect(problem).toMatchObject({ code: 'rotation-under-way', what: expect.stringContaining('2027-01-17T08:00:15') });
    expect(knocks(before)).toBeDefined();
    await rotate(paths, OPTIONS, WALL + 2 * DAY);
    expect(knocks(before)).toBeUndefined();
  });

  it.each([rotateBack, finishRotation])('that was not begun cannot be ended', async (end) => {
    expect(await problemOf(() => end(paths, OPTIONS, WALL))).toMatchObject({ code: 'no-rotation' });
  });

  it.each(['0', '366', '-1', '1.5', 'x', ''])('takes no %j days', async (days) => {
    expect(await problemOf(() => rotate(paths, { ...OPTIONS, days }, WALL))).toMatchObject({ code: 'usage' });
    expect(existsSync(paths.previousKey)).toBe(false);
  });

  it('that was broken off half-way has lost no key', async () => {
    const before = lineNow();
    const key = readFileSync(paths.key, 'utf8').trim();
    writeFileSync(paths.previousKey, `${key} ${WALL / 1000 + 5}\n`, { mode: 0o640 });
    expect(loadGate(nodeCrypto, paths).clients).toHaveLength(1);
    expect(knocks(before)).toEqual({ notAfter: undefined });
  });

  it('says whether the daemon has taken it', async () => {
    const asked: string[] = [];
    const server = await listenForControl(paths.socket, async ({ command }) => {
      asked.push(command);
      return {};
    });
    expect(await rotate(paths, OPTIONS, WALL)).toMatchObject({ reloaded: true });
    expect(asked).toEqual(['reload']);
    await new Promise((resolve) => server.close(resolve));
  });

  it('that the daemon does not take is undone: nobody would have the new line', async () => {
    const before = lineNow();
    const server = await listenForControl(paths.socket, async () => {
      throw usage('a mistake in gate.toml');
    });
    const problem = await problemOf(() => rotate(paths, OPTIONS, WALL));
    expect(problem).toMatchObject({ code: 'rotation-refused', why: expect.stringContaining('a mistake') });
    await new Promise((resolve) => server.close(resolve));
    expect(lineNow()).toBe(before);
    expect(existsSync(paths.previousKey)).toBe(false);
  });

  it('whose line cannot be made is undone', async () => {
    const before = lineNow();
    const unnamed = { ...OPTIONS, bringIntoForce: () => bringIntoForce(paths, { ...NAMED, name: 'a b' }) };
    expect((await problemOf(() => rotate(paths, unnamed, WALL))).code).not.toBe('rotation-refused');
    expect(lineNow()).toBe(before);
    expect(existsSync(paths.previousKey)).toBe(false);
  });

  it('is forgotten with the key of a machine that was cloned', async () => {
    const before = lineNow();
    await rotate(paths, OPTIONS, WALL);
    key(paths, { ...NAMED, makeNew: true, adopt: false });
    expect(knocks(before)).toBeUndefined();
    expect(existsSync(paths.previousKey)).toBe(false);
  });

  it.each(['', 'x', 'knockgate1 gate-key x - 5', 'knockgate1 gate-key BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc -'])(
    'is read from a file that holds one, not from %j',
    async (text) => {
      writeFileSync(paths.previousKey, `${text}\n`, { mode: 0o640 });
      expect(await problemOf(() => loadGate(nodeCrypto, paths))).toMatchObject({ code: 'key-malformed' });
    },
  );
});
