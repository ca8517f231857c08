import { randomBytes } from 'node:crypto';
import { KNOCKERS, type Turn, turnsOf } from '../../../bench/turns.ts';
import { Stage } from './stage.ts';

/** Clients that knock. */
export const CROWD = 20;
/** A look at a port that is shut. */
const GLANCE_MS = 10;
/** Nobody's address: it never knocks with a tag. */
const STRANGER = KNOCKERS.at(-1) ?? '';

/** 20 clients, each with that many addresses that the gate knows: the first address of all, then the second, and so on. */
export function homesOf(addresses: number): Turn[] {
  return Array.from({ length: addresses }, (_, n) => turnsOf(CROWD, CROWD, n * CROWD)).flat();
}

/** Makes a gate that knows all of them, and hides its ports whether a daemon is there or not. */
export function crowdedStage(name: string, homes: readonly Turn[], settings = {}): Promise<Stage> {
  return Stage.make({ name, clients: CROWD, known: homes, settings: { daemon_dead: 'closed', ...settings } });
}

/** The result of a round of knocks. */
export interface Round {
  /** Addresses that did not get in. */
  readonly lost: string[];
  /** How often the stranger got in. */
  readonly strangers: number;
  /** Milliseconds from each knock to its connection. */
  readonly ms: number[];
}

/** Each knocks once from its address with a bound tag; before and after each the stranger tries. */
export async function knockFromHomes(stage: Stage, homes: readonly Turn[]): Promise<Round> {
  const lost: string[] = [];
  const all: number[] = [];
  let strangers = 0;
  const tryAsStranger = async () => {
    if (!(await stage.staysShut(STRANGER, randomBytes(200), GLANCE_MS))) strangers += 1;
  };
  for (const { client, source } of homes) {
    await tryAsStranger();
    const ms = await stage.opensAfter(source, stage.sealBound(client, source));
    if (ms === undefined) lost.push(source);
    else all.push(ms);
    await tryAsStranger();
  }
  return { lost, strangers, ms: all };
}
