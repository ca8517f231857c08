import { expect } from 'vitest';
import { importKnockd } from '../../../server-helper/import/knockd.ts';
import { Random } from '../../rig/random.ts';
import { compareReach } from './both.ts';
import { confOf, type Door } from './knockd-host.ts';
import { PROGRAM_COUNT, randomDoor } from './random-commands.ts';

const PORTS = [21, 22, 53, 80, 81, 82, 443, 1194, 8000, 51_820].flatMap((port) => [`tcp/${port}`, `udp/${port}`]);

/**
 * Holds random commands against a real knockd and real firewalls: by the same knock the imported gate lets nobody in whom they do not.
 * @param count of commands that are carried over; the others open nothing at the gate, and nobody has to run them
 * @returns figures in words
 */
export async function expectNoMoreThanKnockd(seed: string, count: number): Promise<string> {
  const { doors, tried } = carriedDoors(seed, count);
  const reaches = await compareReach('random', doors, PORTS);
  const wider = reaches.flatMap(({ knockd, gate }, i) => {
    const more = gate.filter((each) => !knockd.includes(each));
    return more.length === 0 ? [] : [{ ...doors[i], more, knockd }];
  });
  expect(wider, `seed ${seed}`).toEqual([]);
  const same = reaches.filter(({ knockd, gate }) => gate.length > 0 && gate.length === knockd.length);
  expect(same.length, `seed ${seed}`).toBeGreaterThan(0);
  return `seed ${seed}: of ${tried} random commands ${count} are carried over, ${same.length} of them with the same reach, none with more`;
}

/** Of every program as many, and each once. */
function carriedDoors(seed: string, count: number): { readonly doors: readonly Door[]; readonly tried: number } {
  const random = new Random(seed);
  const doors = new Map<string, Door>();
  let tried = 0;
  while (doors.size < count) {
    const door = randomDoor(random, doors.size % PROGRAM_COUNT);
    tried += 1;
    if (importKnockd(confOf([door]), 'knockd.conf').doors > 0) doors.set(JSON.stringify(door), door);
  }
  return { doors: [...doors.values()], tried };
}
