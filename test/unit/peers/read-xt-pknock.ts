import { createHmac } from 'node:crypto';

/** Moment at a server: its clock, and since when it runs, in seconds. */
export interface Moment {
  readonly real: number;
  readonly uptime: number;
}

/** The minute that a release counts. 3.16 to 3.25 divide wrongly, and get the seconds of the uptime within a minute. */
const MINUTE = {
  '3.23': ({ uptime }: Moment) => uptime % 60,
  master: ({ real }: Moment) => Math.floor(real / 60),
};
export type Release = keyof typeof MINUTE;

/**
 * A reader of xt_pknock's datagram, written from the description of its format alone; it shares no code with src/peers. The Python
 * server of test/interop/peers is another one.
 */
export function readXtPknock(release: Release, secret: string, source: string, now: Moment, datagram: Buffer): boolean {
  if (datagram.length !== 65) return false;
  const time = Buffer.alloc(4);
  time.writeUInt32LE(MINUTE[release](now));
  const address = Buffer.from(source.split('.').map(Number));
  const hmac = createHmac('sha256', Buffer.from(secret).subarray(0, 31)).update(address).update(time);
  return datagram.subarray(0, 64).toString('latin1') === hmac.digest('hex');
}

/** A packet that reaches a rule, or seconds that pass. */
export type Step = readonly ['tcp' | 'udp', number] | readonly ['adv', number];

export interface Rule {
  readonly knockports: readonly number[];
  readonly time: number;
  readonly strict: boolean;
}

/** Whether a rule lets in the next packet of a source that has sent these. */
export function followSteps({ knockports, time, strict }: Rule, steps: readonly Step[]): boolean {
  let [count, last, now] = [0, 0, 0];
  for (const [what, value] of steps) {
    if (what === 'adv') now += value;
    else if (count < knockports.length) {
      // The gap in front of the last knock is not looked at.
      const isLate = count > 0 && count < knockports.length - 1 && now - last > time;
      if (isLate) count = 0;
      else if (value === knockports[count]) {
        count += 1;
        last = now;
      } else if (strict) count = 0;
    }
  }
  return count === knockports.length;
}
