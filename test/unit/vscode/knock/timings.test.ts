import { describe, expect, it } from 'vitest';
import { Marks, type Moment } from '../../../../src/vscode/knock/load-marks.ts';
import { timingsInWords, timingsOf } from '../../../../src/vscode/knock/timings.ts';

function marksAt(moments: readonly (readonly [Moment, number])[]): Marks {
  let nowMs = 0;
  const marks = new Marks(() => nowMs, 100);
  for (const [moment, atMs] of moments) {
    nowMs = atMs;
    marks.mark(moment);
  }
  return marks;
}

const KNOCKED: [Moment, number][] = [
  ['loaded', 110],
  ['activate', 200],
  ['host known', 204],
  ['key asked for', 205],
  ['key given', 305],
  ['packet sent', 311],
  ['showing', 311],
  ['port open', 315],
  ['shown', 320],
  ['activated', 321],
];

describe('the timings', () => {
  it('tell the answer of the editor from what is ours', () => {
    const found = timingsOf(marksAt(KNOCKED));
    expect(found).toEqual({ load: 10, activate: 13, toPacket: 111, key: 100, own: 11 });
    expect(timingsInWords(found).at(-1)).toBe('  of that ours: 11.0 ms');
  });

  it('leave out what has not been, and a knock that came later', () => {
    const moments = KNOCKED.filter(([moment]) => !/key|packet|port/.test(moment));
    const { key, own, toPacket } = timingsOf(marksAt([...moments, ['key asked for', 9000], ['packet sent', 9010]]));
    expect([key, own, toPacket]).toEqual([undefined, undefined, undefined]);
    expect(timingsInWords(timingsOf(marksAt([])))).toEqual([]);
  });

  it('are of the first of each kind, and can be waited for', async () => {
    const marks = marksAt([['loaded', 110]]);
    let isSent = false;
    const sent = marks.reached('packet sent').then(() => {
      isSent = true;
    });
    marks.mark('loaded');
    await marks.reached('loaded');
    expect(isSent).toBe(false);
    marks.mark('packet sent');
    await sent;
    expect(isSent).toBe(true);
  });
});
