import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { everyMinute, MemoryWatch, ProgramWatch } from '../../../../server-helper/action/watches.ts';
import { auditLog, FakeClock, temporaryFolder } from '../support.ts';

describe('memory', () => {
  it('is told when it grows above the limit, and again only after it was well below', () => {
    const { audit, entries } = auditLog();
    let megabytes = 60;
    const watch = new MemoryWatch(audit, () => megabytes * 2 ** 20);
    const told = [60, 100, 101, 300, 95, 102, 89, 101].map((each) => {
      megabytes = each;
      watch.look(100);
      return entries.splice(0).map(({ event, detail }) => `${event}: ${detail}`);
    });
    const high = 'memory-high: 101 MB, above 100 MB';
    expect(told).toEqual([[], [], [high], [], [], [], [], [high]]);
  });
});

describe('the installed program', () => {
  const make = () => {
    const path = join(temporaryFolder(), 'knockgated.cjs');
    writeFileSync(path, 'version 1');
    const { audit, entries } = auditLog();
    const watch = new ProgramWatch(audit, path, '1.0.0');
    const looks = (times: number) => {
      for (let i = 0; i < times; i++) watch.look();
      return entries.splice(0);
    };
    return { path, looks };
  };

  it('that is newer than this process for five looks is told, once', () => {
    const { path, looks } = make();
    expect(looks(10)).toEqual([]);
    writeFileSync(path, 'version 2');
    expect(looks(4)).toEqual([]);
    expect(looks(100)).toEqual([
      { event: 'program-replaced', detail: `${path} was replaced; this daemon is still version 1.0.0` },
    ]);
    writeFileSync(path, 'version three');
    expect(looks(100)).toHaveLength(1);
  });

  it('that is the same, or is away for a while, is not', () => {
    const { path, looks } = make();
    rmSync(path);
    expect(looks(10)).toEqual([]);
    writeFileSync(path, 'version 1');
    expect(looks(100)).toEqual([]);
  });
});

describe('a look every minute', () => {
  it('is taken at once and then each minute, however often it is asked', () => {
    const clock = new FakeClock();
    let looks = 0;
    const ask = everyMinute(clock, () => {
      looks += 1;
    });
    for (let second = 0; second < 181; second++) {
      ask();
      clock.pass(1000);
    }
    expect(looks).toBe(4);
  });
});
