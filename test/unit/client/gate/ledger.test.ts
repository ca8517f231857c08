import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { Ledger } from '../../../../src/client/gate/ledger.ts';
import { parseGate } from '../../../../src/client/gate/ledger-state.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { formatKey } from '../../../../src/spa/keys.ts';
import { pairKeys } from '../../../../src/spa/outer.ts';
import { epochAt } from '../../../../src/spa/tags.ts';
import { expectMode, FakeClock, ordinary, pair, temporaryFolder, WALL_MS } from '../support.ts';

let path: string;
beforeEach(() => {
  path = join(temporaryFolder(), 'state', 'ledger');
});

/** File of a gate. */
const fileOf = ({ gatePublic } = pair) => join(path, `${formatKey(gatePublic)}.json`);

function ledger(): Ledger {
  return new Ledger(path, new FakeClock(), nodeCrypto);
}

const other = pairKeys(
  nodeCrypto,
  'client',
  new Uint8Array(32).fill(1),
  nodeCrypto.publicKey(new Uint8Array(32).fill(3)),
);

const GRANT = { address: '192.0.2.2', from: '10.0.0.9', ports: [], until: WALL_MS + 30_000 };

describe('the ledger', () => {
  it('is for its owner only, and leaves nothing else behind', async () => {
    await ledger().takeSlots(pair, 32, ordinary(1), 0);
    expectMode(path, 0o700);
    expectMode(fileOf(), 0o600);
    expect(readdirSync(join(path, '..'))).toEqual(['ledger']);
    expect(readdirSync(path)).toEqual([basename(fileOf())]);
  });

  it('touches no notes of another gate: what a knock costs does not grow with the gates', async () => {
    await ledger().addGrant(other, GRANT);
    const { ino, mtimeMs } = statSync(fileOf(other));
    chmodSync(fileOf(other), 0o000);
    expect(await ledger().takeSlots(pair, 32, ordinary(4), 0)).toHaveLength(4);
    expect(statSync(fileOf(other))).toMatchObject({ ino, mtimeMs });
    expect(readFileSync(fileOf(), 'utf8')).not.toContain(formatKey(other.gatePublic));
  });

  it('is shared: what one takes the other does not get', async () => {
    const places = [
      ...(await ledger().takeSlots(pair, 8, ordinary(5), 0)),
      ...(await ledger().takeSlots(pair, 8, ordinary(3), 0)),
    ];
    expect(new Set(places.map(({ slot }) => slot))).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7]));
    await ledger().addGrant(pair, GRANT);
    expect(ledger().look(pair)).toMatchObject({ grants: [GRANT] });
  });

  it('keeps what the clock of a gate is off by, beside the rest', async () => {
    await ledger().addGrant(pair, GRANT);
    const epoch = epochAt(WALL_MS - 240_000);
    const spent = [0, 1, 2, 3, 4, 5, 6].map((slot) => ({ kind: 'ordinary' as const, epoch, slot }));
    await ledger().learnClock(pair, 'prod', -240_000, spent);
    expect(ledger().look(pair)).toMatchObject({ grants: [GRANT] });
    expect(ledger().clocks(pair, 'prod')).toEqual([-240_000, 0]);
    expect(await ledger().takeSlots(pair, 8, ordinary(1), -240_000)).toEqual([{ kind: 'ordinary', epoch, slot: 7 }]);
  });

  it('keeps it for that host alone, though another one shows the same key', async () => {
    await ledger().learnClock(pair, 'newbox', 3_600_000, []);
    expect(ledger().clocks(pair, 'prod')).toEqual([0]);
    await ledger().learnClock(pair, 'prod', -240_000, []);
    expect(ledger().clocks(pair, 'newbox')).toEqual([3_600_000, 0]);
  });

  it('tries first what has opened last, and forgets a correction that is not needed', async () => {
    await ledger().learnClock(pair, 'prod', -240_000, []);
    await ledger().confirmClock(pair, 'prod', -240_000);
    expect(ledger().clocks(pair, 'prod')).toEqual([-240_000, 0]);
    await ledger().confirmClock(pair, 'prod', 0);
    expect(ledger().clocks(pair, 'prod')).toEqual([0, -240_000]);
    await ledger().confirmClock(pair, 'prod', -240_000);
    expect(ledger().clocks(pair, 'prod')).toEqual([-240_000, 0]);
    await ledger().confirmClock(pair, 'prod', 0);
    await ledger().confirmClock(pair, 'prod', 0);
    expect(ledger().clocks(pair, 'prod')).toEqual([0]);
  });

  it('knows nothing more of a gate whose set-up was taken back, and all of one from before', async () => {
    await ledger().learnClock(other, 'other', 90_000, []);
    const before = readFileSync(fileOf(other), 'utf8');
    const forget = await ledger().learnGate(pair, 'prod', -240_000);
    await ledger().takeSlots(pair, 32, ordinary(4), 0);
    await forget();
    expect(readFileSync(fileOf(other), 'utf8')).toBe(before);
    expect(readdirSync(path)).toEqual([basename(fileOf(other))]);
    await ledger().learnClock(pair, 'prod', 60_000, []);
    const [place] = await ledger().takeSlots(pair, 1, ordinary(1), 0);
    await (await ledger().learnGate(pair, 'prod', 0))();
    expect(ledger().clocks(pair, 'prod')).toEqual([60_000, 0]);
    expect(await ledger().takeSlots(pair, 1, ordinary(1), 0)).not.toEqual([place]);
  });

  it('is gone when it knows no gate any more: what was taken back leaves no file behind', async () => {
    const forget = await ledger().learnGate(pair, 'prod', 0);
    await ledger().takeSlots(pair, 32, ordinary(4), 0);
    expect(existsSync(path)).toBe(true);
    await forget();
    expect(readdirSync(dirname(path))).toEqual([]);
  });

  it.each(['', '{', '[]', '{"version":1,"slots":7}', '\0\0\0'])('is replaced when broken: %j', async (text) => {
    mkdirSync(path, { recursive: true });
    writeFileSync(fileOf(), text);
    expect(await ledger().takeSlots(pair, 32, ordinary(2), 0)).toHaveLength(2);
    expect(parseGate(readFileSync(fileOf(), 'utf8')).slots.size).toBe(1);
  });

  it('lives in memory where it cannot be written, and still gives no place twice', async () => {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(join(path, '..', 'file'), '');
    path = join(path, '..', 'file', 'ledger');
    const memory = ledger();
    const places = [
      ...(await memory.takeSlots(pair, 8, ordinary(4), 0)),
      ...(await memory.takeSlots(pair, 8, ordinary(4), 0)),
    ];
    expect(new Set(places.map(({ slot }) => slot)).size).toBe(8);
    await memory.addGrant(pair, GRANT);
    expect(memory.look(pair).grants).toEqual([GRANT]);
  });

  it('is neither read nor written where somebody else may have laid it', async () => {
    const open = join(path, '..', 'open');
    mkdirSync(open, { recursive: true });
    const victim = join(open, '..', 'victim');
    writeFileSync(victim, 'precious');
    path = join(open, 'ledger');
    symlinkSync(victim, path);
    expect(await ledger().takeSlots(pair, 32, ordinary(2), 0)).toHaveLength(2);
    expect(readFileSync(victim, 'utf8')).toBe('precious');
    rmSync(path);
    mkdirSync(path, { mode: 0o755 });
    symlinkSync(victim, fileOf());
    expect(await ledger().takeSlots(pair, 32, ordinary(2), 0)).toHaveLength(2);
    expect(readFileSync(victim, 'utf8')).toBe('precious');
    rmSync(fileOf());
    writeFileSync(fileOf(), JSON.stringify({ version: 1, clocks: { prod: [3_600_000, 0] } }));
    for (const folder of [open, path]) {
      chmodSync(folder, 0o1777);
      expect(ledger().clocks(pair, 'prod')).toEqual([0]);
      chmodSync(folder, 0o755);
    }
    expect(ledger().clocks(pair, 'prod')).toEqual([3_600_000, 0]);
  });

  it('goes on in memory when it can be locked, but not replaced', async () => {
    mkdirSync(join(fileOf(), 'a folder in its place'), { recursive: true });
    const stuck = ledger();
    const places = [
      ...(await stuck.takeSlots(pair, 8, ordinary(4), 0)),
      ...(await stuck.takeSlots(pair, 8, ordinary(4), 0)),
    ];
    expect(new Set(places.map(({ slot }) => slot)).size).toBe(8);
    expect(readdirSync(join(path, '..'))).toEqual(['ledger']);
    // The notes of other gates are on disk as before.
    await ledger().addGrant(other, GRANT);
    expect(stuck.look(other).grants).toEqual([GRANT]);
    await stuck.learnClock(other, 'other', 90_000, []);
    expect(ledger().clocks(other, 'other')).toEqual([90_000, 0]);
  });
});

describe('two processes with one key', () => {
  it('send eight knocks over two families each within one epoch, and no place twice', async () => {
    const children = [child(), child()];
    await Promise.all(children.map(({ ready }) => ready));
    for (const { start } of children) start();
    const places = (await Promise.all(children.map(({ places }) => places))).flat();
    expect(places).toHaveLength(32);
    expect(new Set(places).size).toBe(32);
    expect(new Set(places.map((place) => place.split(' ')[0])).size).toBe(1);
  });

  function child() {
    const script = fileURLToPath(new URL('ledger-child.ts', import.meta.url));
    const program = spawn(process.execPath, ['--import', 'tsx', script, path, String(WALL_MS), '8'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines: string[] = [];
    const reader = createInterface(program.stdout);
    const ready = once(reader, 'line');
    reader.on('line', (line) => lines.push(line));
    const ended = once(reader, 'close');
    return {
      ready,
      start: () => program.stdin.end('go\n'),
      places: ended.then(() => lines.filter((line) => line !== 'ready')),
    };
  }
});
