import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { must, runHere } from '../../process.ts';
import { NEVER, type Row } from '../row.ts';
import type { Stage } from '../stage.ts';

const ONE_MB = 1024 * 1024;

/** Writes until nothing fits any more. */
const fill = (stage: Stage) =>
  runHere(['sh', '-c', `cat /dev/zero > ${join(stage.scene.gate.stateDir, 'filler')}`]).then(() => undefined);

const empty = (stage: Stage) => must(['rm', '-f', join(stage.scene.gate.stateDir, 'filler')]);
const mode = (stage: Stage, how: 'ro' | 'rw') => must(['mount', '-o', `remount,${how}`, stage.scene.gate.stateDir]);

const stage = { hasSmallDisk: true } as const;

export const diskRows: readonly Row[] = [
  {
    group: 'disk',
    name: 'full while the daemon runs',
    isShort: true,
    stage,
    history: NEVER,
    do: fill,
    undo: empty,
  },
  {
    group: 'disk',
    name: 'full, and stays full: the owner gets in all the same',
    stage,
    history: NEVER,
    do: fill,
    undo: async () => {},
  },
  {
    group: 'disk',
    name: 'full when the daemon is killed and starts again',
    stage,
    history: NEVER,
    do: async (stage) => {
      await fill(stage);
      await stage.scene.gate.kill9();
      await stage.startAgain();
    },
    undo: empty,
  },
  {
    group: 'disk',
    name: 'read-only at a start, and stays so',
    stage,
    history: NEVER,
    do: async (stage) => {
      await stage.scene.gate.stop();
      await mode(stage, 'ro');
      await stage.startAgain();
    },
    undo: async () => {},
  },
  {
    group: 'disk',
    name: 'read-only at a start, and writable later',
    stage,
    history: NEVER,
    do: async (stage) => {
      await stage.scene.gate.stop();
      await mode(stage, 'ro');
      await stage.startAgain();
    },
    undo: (stage) => mode(stage, 'rw'),
  },
  {
    group: 'disk',
    name: 'slow: a megabyte is written again and again beside the daemon',
    standIn: 'another writer on the same file system; a device that delays each write (dm-delay) cannot be had',
    stage,
    history: NEVER,
    do: async (stage) => {
      for (let i = 0; i < 100; i++) writeFileSync(join(stage.scene.gate.stateDir, 'other'), Buffer.alloc(ONE_MB / 2));
    },
    undo: async () => {},
  },
  {
    group: 'disk',
    name: 'the state folder belongs to somebody else',
    history: 'ended the daemon up to 94be5bcb; fixed by "daemon: starts though its state folder is shut"',
    do: async (stage) => {
      await stage.scene.gate.stop();
      await must(['chown', 'root:root', stage.scene.gate.stateDir]);
      chmodSync(stage.scene.gate.stateDir, 0o700);
      await stage.startAgain();
    },
    undo: async (stage) => {
      await stage.scene.gate.stop();
      stage.scene.gate.giveState();
      await stage.startAgain();
    },
  },
];
