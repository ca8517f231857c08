import { afterEach, describe, expect, it } from 'vitest';
import { turnsOf } from '../../bench/turns.ts';
import { Stage } from './kernel-opens/stage.ts';

const [HOME = { client: 0, source: '' }] = turnsOf(1, 1);
const FROM = { from: HOME.source };

describe('the daemon alone opens', () => {
  let stage: Stage | undefined;
  afterEach(async () => {
    await stage?.end();
    stage = undefined;
  });

  it('where the gate is strict: nothing opens before its verdict', async () => {
    stage = await Stage.make({ name: 'strict', clients: 1, known: [], settings: { strict: true } });
    // From an address that would be known afterwards.
    expect(await stage.opens(HOME.source, stage.seal(0, FROM))).toBe(true);
    await stage.shut();
    stage.signal('SIGSTOP');
    expect(await stage.staysShut(HOME.source, stage.seal(0, { ...FROM, kind: 'bound' }))).toBe(true);
    expect(await stage.staysShut(HOME.source, stage.seal(0, FROM))).toBe(true);
    expect(await stage.counted()).toMatchObject({ opened: 0 });
    stage.signal('SIGCONT');
    // The daemon finds the second message waiting.
    await stage.gate.audit(({ event, source }) => event === 'granted' && source === HOME.source, 10_000, 1);
    expect(await stage.counted()).toMatchObject({ opened: 0 });
  });

  it('and elsewhere the kernel does, and counts it', async () => {
    stage = await Stage.make({ name: 'lenient', clients: 1, known: [HOME] });
    const before = await stage.counted();
    expect(before).toMatchObject({ opened: 0 });
    stage.signal('SIGSTOP');
    expect(await stage.opens(HOME.source, stage.sealBound(0, HOME.source))).toBe(true);
    expect(await stage.counted()).toMatchObject({ opened: 1, asked: before.asked });
    stage.signal('SIGCONT');
  });
});
