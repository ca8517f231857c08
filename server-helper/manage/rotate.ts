import { Problem } from '../../src/base/problem.ts';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import { inTurn } from '../config/file-lock.ts';
import {
  forgetPreviousKey,
  machineMark,
  readGateKey,
  readPreviousKey,
  rotateGateKey,
  rotateGateKeyBack,
} from '../config/keys.ts';
import type { Paths } from '../paths.ts';
import { noRotation, rotationOver, rotationRefused, rotationUnderWay, usage } from '../problems.ts';

const DAY_MS = 86_400_000;
const DAYS = { least: 1, usual: 14, most: 365 };

export interface RotateParts {
  /** Tells the daemon to read the present keys. */
  readonly bringIntoForce: () => Promise<Pick<Rotated, 'line' | 'reloaded'>>;
}

export interface RotateOptions extends RotateParts {
  /** How long the previous key stays valid; default: two weeks. */
  readonly days: string | undefined;
}

export interface Rotated {
  /** Gate's line with its new key. */
  readonly line: string;
  /** Until when clients may use the previous key: ISO 8601; null when they may not. */
  readonly until: string | null;
  /** Whether a daemon runs, and has read the new key. */
  readonly reloaded: boolean;
}

/**
 * Gives the gate a new key. The previous one stays valid for a while, for clients that do not have the new line yet.
 * @param now unix milliseconds
 * @throws Problem `rotation-under-way`, `usage`, `rotation-refused`, those of a key; the gate then has the key it had
 */
export async function rotate(paths: Paths, options: RotateOptions, now: number): Promise<Rotated> {
  const { days = String(DAYS.usual), bringIntoForce } = options;
  if (!/^[0-9]{1,3}$/.test(days) || Number(days) < DAYS.least || Number(days) > DAYS.most)
    throw usage(`--days is a whole number from ${DAYS.least} to ${DAYS.most}, not ${JSON.stringify(days)}.`);
  const until = now + Number(days) * DAY_MS;
  const machine = machineMark();
  const own = await inTurn(paths.key, () => {
    const before = readPreviousKey(paths.previousKey);
    if (before !== undefined && before.until > now) throw rotationUnderWay(new Date(before.until));
    const key = readGateKey(paths.key, machine);
    rotateGateKey(nodeCrypto, paths, machine, until);
    return key;
  });
  try {
    return { ...(await bringIntoForce()), until: new Date(until).toISOString() };
  } catch (error) {
    // Nobody has seen the new key's line.
    await inTurn(paths.key, () => {
      rotateGateKeyBack(paths, machine, { key: own, until });
      forgetPreviousKey(paths.previousKey);
    });
    throw error instanceof Problem && error.text.code === 'not-in-force' ? rotationRefused(error.text.why) : error;
  }
}

/**
 * Goes back from a rotation: the previous key is the gate's own again. The new one, which clients may have by now, stays valid for
 * the rest of the time; `finishRotation` ends that.
 * @param now unix milliseconds
 * @throws Problem `no-rotation`, `rotation-over`
 */
export async function rotateBack(paths: Paths, { bringIntoForce }: RotateParts, now: number): Promise<Rotated> {
  const until = await inTurn(paths.key, () => {
    const before = readPreviousKey(paths.previousKey);
    if (before === undefined) throw noRotation();
    if (before.until <= now) throw rotationOver(new Date(before.until));
    rotateGateKeyBack(paths, machineMark(), before);
    return new Date(before.until);
  });
  return { ...(await bringIntoForce()), until: until.toISOString() };
}

/**
 * Ends a rotation: only the gate's own key is valid.
 * @throws Problem `no-rotation`
 */
export async function finishRotation(paths: Paths, { bringIntoForce }: RotateParts): Promise<Rotated> {
  await inTurn(paths.key, () => {
    if (readPreviousKey(paths.previousKey) === undefined) throw noRotation();
    forgetPreviousKey(paths.previousKey);
  });
  return { ...(await bringIntoForce()), until: null };
}
