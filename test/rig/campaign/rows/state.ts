import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { NEVER, type Row, startAgain } from '../row.ts';
import type { Stage } from '../stage.ts';

/** The files of the state that the daemon writes again and again. */
const FILES = ['replay', 'known-addresses', 'audit-end', 'activity'] as const;

/** Lengths at which a power cut ends a write. */
const CUTS: readonly [string, (size: number) => number][] = [
  ['nothing', () => 0],
  ['its first byte', () => 1],
  ['its first 16 bytes', () => 16],
  ['its half', (size) => Math.floor(size / 2)],
  ['all but its last byte', (size) => size - 1],
];

const FIVE_YEARS_S = 5 * 365 * 24 * 3600;

/** Makes the daemon write all that it writes at its end, so that there is something to cut. */
async function written(stage: Stage, file: string): Promise<void> {
  // By the command line's knock the client's address becomes known.
  await stage.scene.knock();
  await stage.shut();
  await stage.scene.gate.stop();
  if (!existsSync(stage.state(file))) throw new Error(`the daemon wrote no ${file}`);
}

function cut(file: (typeof FILES)[number], what: string, lengthOf: (size: number) => number): Row {
  return {
    group: 'state',
    name: `power cut: of ${file} there is ${what}`,
    standIn: 'the file is cut after a stop, and the table flushed; five lengths stand for every prefix',
    ...(file === 'replay' && what === 'its half' && { isShort: true }),
    history: NEVER,
    do: async (stage) => {
      await written(stage, file);
      await stage.changeState((dir) => {
        const path = join(dir, file);
        truncateSync(path, Math.max(0, lengthOf(readFileSync(path).length)));
      });
      await stage.startAgain();
    },
    undo: async () => {},
  };
}

function changed(name: string, change: (dir: string) => void, more: Partial<Row> = {}): Row {
  return {
    group: 'state',
    name,
    history: NEVER,
    do: async (stage) => {
      await written(stage, 'replay');
      await stage.changeState(change);
      await stage.startAgain();
    },
    undo: async () => {},
    ...more,
  };
}

const each = (dir: string, act: (path: string) => void) => {
  for (const name of readdirSync(dir)) act(join(dir, name));
};

export const stateRows: readonly Row[] = [
  ...FILES.flatMap((file) => CUTS.map(([what, lengthOf]) => cut(file, what, lengthOf))),
  ...FILES.map((file) =>
    changed(`${file} is torn: its second half is zeros`, (dir) => {
      const path = join(dir, file);
      if (!existsSync(path)) throw new Error(`there is no ${file}`);
      const bytes = readFileSync(path);
      writeFileSync(path, bytes.fill(0, Math.floor(bytes.length / 2)));
    }),
  ),
  ...FILES.map((file) =>
    changed(`${file} holds random text of another program`, (dir) =>
      writeFileSync(join(dir, file), 'not ours\n'.repeat(99)),
    ),
  ),
  changed(
    'every file is dated five years ahead',
    (dir) => {
      const then = Date.now() / 1000 + FIVE_YEARS_S;
      each(dir, (path) => utimesSync(path, then, then));
    },
    { isShort: true },
  ),
  changed('every file is gone', (dir) => each(dir, (path) => rmSync(path, { recursive: true }))),
  changed(
    'the record of another boot',
    (dir) => {
      const path = join(dir, 'replay');
      const bytes = readFileSync(path);
      // Its first block names boot and version; the tags come behind it.
      writeFileSync(path, bytes.fill(0x61, 0, 64));
    },
    { standIn: 'the first 64 bytes of the record are others' },
  ),
  {
    group: 'state',
    name: 'a snapshot of the state folder from before the knock is put back',
    isShort: true,
    standIn: 'the folder alone, not the memory; the table stays, as within one boot',
    history: NEVER,
    do: async (stage) => {
      const copy = join(stage.aside, 'state');
      cpSync(stage.scene.gate.stateDir, copy, { recursive: true });
      await stage.scene.outcome(stage.scene.seal());
      await stage.changeState(
        (dir) => {
          each(dir, (path) => rmSync(path, { recursive: true }));
          cpSync(copy, dir, { recursive: true });
        },
        { flushed: false },
      );
    },
    undo: startAgain,
  },
];
