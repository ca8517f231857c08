import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import { forgetPreviousKey, machineMark, readPreviousKey, rotateGateKey, rotateGateKeyBack } from '../config/keys.ts';
import { tellDaemon } from '../control/client.ts';
import type { Paths } from '../paths.ts';
import { noRotation, notInForce, rotationUnderWay, usage } from '../problems.ts';
import { key } from './key.ts';

const DAY_MS = 86_400_000;
const DAYS = { least: 1, usual: 14, most: 365 };

export interface RotateOptions {
  /** For the gate's line, as of `knockgated key`. */
  readonly address: string | undefined;
  readonly name: string | undefined;
  /** For how long the key of before stays good; default: two weeks. */
  readonly days: string | undefined;
}

/** What became of a rotation. */
export interface Rotated {
  /** The gate's line with the key that is its own from now on. */
  readonly line: string;
  /** Until when clients may use the key of before: ISO 8601; null when they may not. */
  readonly until: string | null;
  /** Whether a daemon runs, and has taken it. */
  readonly reloaded: boolean;
}

/**
 * Gives the gate a new key. The one that it had stays good for a while: clients that have not heard of the new one get in.
 * @param now unix milliseconds
 * @throws Problem `rotation-under-way`, `usage`, those of a key
 */
export async function rotate(paths: Paths, options: RotateOptions, now: number): Promise<Rotated> {
  const { days = String(DAYS.usual) } = options;
  if (!/^[0-9]{1,3}$/.test(days) || Number(days) < DAYS.least || Number(days) > DAYS.most)
    throw usage(`--days is a whole number from ${DAYS.least} to ${DAYS.most}, not ${JSON.stringify(days)}.`);
  const before = readPreviousKey(paths.previousKey);
  if (before !== undefined && before.until > now) throw rotationUnderWay(new Date(before.until));
  const until = now + Number(days) * DAY_MS;
  rotateGateKey(nodeCrypto, paths, machineMark(), until);
  return { ...(await inForce(paths, options)), until: new Date(until).toISOString() };
}

/**
 * Undoes a rotation: the key of before is the gate's own again, and the new one is forgotten.
 * @throws Problem `no-rotation`
 */
export async function rotateBack(paths: Paths, options: RotateOptions): Promise<Rotated> {
  const before = readPreviousKey(paths.previousKey);
  if (before === undefined) throw noRotation();
  rotateGateKeyBack(paths, machineMark(), before);
  return { ...(await inForce(paths, options)), until: null };
}

/**
 * Ends a rotation: only the new key is good.
 * @throws Problem `no-rotation`
 */
export async function finishRotation(paths: Paths, options: RotateOptions): Promise<Rotated> {
  if (readPreviousKey(paths.previousKey) === undefined) throw noRotation();
  forgetPreviousKey(paths.previousKey);
  return { ...(await inForce(paths, options)), until: null };
}

async function inForce(paths: Paths, { address, name }: RotateOptions): Promise<Pick<Rotated, 'line' | 'reloaded'>> {
  const { line } = key(paths, { address, name, makeNew: false, adopt: false });
  try {
    return { line, reloaded: await tellDaemon(paths.socket, { command: 'reload' }) };
  } catch (error) {
    throw notInForce(paths.key, error);
  }
}
