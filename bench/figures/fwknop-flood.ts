import { startFlood } from '../flood.ts';
import { Ground } from '../ground.ts';
import { knockOften } from '../measure.ts';
import { type Figure, median, rounded } from '../results.ts';
import { startForBoth } from '../subjects/knockgate-fwknop.ts';

const LONGEST_FLOOD_S = 60;

/** Measures what a flood of fwknop's port, as fast as one sender can, does to messages of our own. */
export async function fwknopFlood(knocks: number): Promise<Figure[]> {
  const ground = await Ground.make('both');
  try {
    const { fwknop, own } = await startForBoth(ground, { clients: 1, grants: 0, knocks: 0 }, 2 * knocks);
    const half = (from: number) => ({ clients: knocks, knock: (n: number) => own.knock(from + n, '') });
    const idle = await knockOften(ground, half(0), knocks);
    const limits = { rate: Number.POSITIVE_INFINITY, seconds: LONGEST_FLOOD_S };
    const flood = await startFlood(ground.pair.client, fwknop.junk(), limits);
    const flooded = await knockOften(ground, half(knocks), knocks, knocks);
    await flood.stop();
    await fwknop.stop();
    const figure = (name: string, value: number | undefined, unit: string): Figure => {
      return { figure: name, subject: 'knockgate', value: rounded(value), unit };
    };
    return [
      figure('our own knock, beside fwknop’s port, median', median(idle.times), 'ms'),
      figure('the same while fwknop’s port is flooded', median(flooded.times), 'ms'),
      figure('knocks that opened meanwhile', flooded.times.length, ''),
    ];
  } finally {
    await ground.end();
  }
}
