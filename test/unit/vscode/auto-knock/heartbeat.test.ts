import { describe, expect, it } from 'vitest';
import { Heartbeat } from '../../../../src/vscode/auto-knock/heartbeat.ts';
import { FakeClock } from '../../client/support.ts';

const PAUSE_MS = 3000;
const NEVER = Number.POSITIVE_INFINITY;

/** A window whose other side answers after `world.answerMs`; what is asked when that is `NEVER` waits for `reconnect`. */
function connectedWindow(answerMs = 50) {
  const clock = new FakeClock();
  const world = { answerMs, isWanted: true };
  const asked: number[] = [];
  const lost: { fromMs: number; toMs: number | undefined }[] = [];
  let waiting: (() => void)[] = [];
  const reconnect = () => {
    world.answerMs = 50;
    for (const answer of waiting.splice(0)) answer();
  };
  const ask = async () => {
    asked.push(clock.monotonicMs());
    if (world.answerMs === NEVER) return new Promise<void>((resolve) => waiting.push(resolve));
    await clock.sleep(world.answerMs);
  };
  const heartbeat = new Heartbeat({
    clock,
    ask,
    pauseMs: () => PAUSE_MS,
    isWanted: () => world.isWanted,
    lost: async (answered) => {
      const entry: (typeof lost)[number] = { fromMs: clock.monotonicMs(), toMs: undefined };
      lost.push(entry);
      await new Promise<void>((resolve) => answered.addEventListener('abort', () => resolve(), { once: true }));
      entry.toMs = clock.monotonicMs();
    },
  });
  const running = heartbeat.run();
  const wait = (ms: number) => clock.run(clock.sleep(ms));
  const drop = () => {
    world.answerMs = NEVER;
  };
  const forget = () => {
    waiting = [];
  };
  return { clock, world, asked, lost, heartbeat, running, reconnect, drop, forget, wait };
}

describe('the connection of a window', () => {
  it('is not lost while it answers, nor while the window is still being connected', async () => {
    const { asked, lost, wait, reconnect } = connectedWindow(NEVER);
    await wait(10 * 60_000);
    expect(lost).toEqual([]);
    reconnect();
    await wait(60 * 60_000);
    expect(lost).toEqual([]);
    expect(asked.length).toBeLessThanOrEqual((70 * 60_000) / PAUSE_MS);
  });

  it('is lost after 5 s of silence, 8 s after it broke at most, until it answers', async () => {
    const { clock, lost, wait, drop, reconnect } = connectedWindow();
    await wait(60_000);
    const brokeMs = clock.monotonicMs();
    drop();
    await wait(40_000);
    expect(lost).toHaveLength(1);
    const [{ fromMs = Number.NaN } = {}] = lost;
    expect(fromMs - brokeMs).toBeGreaterThanOrEqual(5000);
    expect(fromMs - brokeMs).toBeLessThanOrEqual(5000 + PAUSE_MS + 50);
    reconnect();
    await wait(10);
    expect(lost[0]?.toMs).toBeLessThanOrEqual(brokeMs + 40_010);
    await wait(10 * 60_000);
    expect(lost).toHaveLength(1);
  });

  it('is lost again as quickly', async () => {
    const { clock, lost, wait, drop, reconnect } = connectedWindow();
    for (let i = 0; i < 4; i++) {
      await wait(70_000);
      const brokeMs = clock.monotonicMs();
      drop();
      await wait(12_000);
      reconnect();
      await wait(10);
      expect((lost[i]?.fromMs ?? Number.NaN) - brokeMs).toBeLessThanOrEqual(5000 + PAUSE_MS + 50);
    }
  });

  it('is asked anew while it is lost, when the editor has dropped the question', async () => {
    const { lost, wait, drop, forget, reconnect } = connectedWindow();
    await wait(10_000);
    drop();
    await wait(20_000);
    forget();
    reconnect();
    await wait(60_000);
    expect(lost).toMatchObject([{ toMs: expect.any(Number) }]);
  });

  it('is not lost when the server gets slower and slower, as one that is busy does', async () => {
    const { world, lost, wait } = connectedWindow();
    for (world.answerMs = 1000; world.answerMs <= 12_000; world.answerMs += 500) await wait(60_000);
    expect(lost).toEqual([]);
  });

  it('is taken for lost twice at most when a server becomes slow at once', async () => {
    const { world, lost, wait } = connectedWindow();
    await wait(60_000);
    world.answerMs = 7000;
    await wait(10 * 60_000);
    expect(lost).toHaveLength(2);
  });

  it('has answered also when it answers with an error', async () => {
    const clock = new FakeClock();
    let asked = 0;
    const heartbeat = new Heartbeat({
      clock,
      ask: () => {
        asked += 1;
        return Promise.reject(new Error('no such folder'));
      },
      pauseMs: () => PAUSE_MS,
      isWanted: () => true,
      lost: () => Promise.reject(new Error('lost')),
    });
    const running = heartbeat.run();
    await clock.run(clock.sleep(60_000));
    expect(asked).toBeGreaterThan(10);
    heartbeat.dispose();
    await clock.run(running);
  });

  it('is not lost because this computer slept or stood still', async () => {
    const { clock, lost, world, wait } = connectedWindow();
    await wait(60_000);
    // Each step of the waiting takes a quarter of an hour.
    world.answerMs = 1500;
    const { sleep } = clock;
    clock.sleep = (ms, signal) => sleep.call(clock, ms === 1000 ? 900_000 : ms, signal);
    await wait(1_000_000);
    clock.sleep = sleep;
    expect(lost).toEqual([]);
  });

  it('is not asked while nothing is to be done about it, nor when the window is closed', async () => {
    const { world, asked, heartbeat, running, clock, wait } = connectedWindow();
    world.isWanted = false;
    await wait(60_000);
    const before = asked.length;
    expect(before).toBeLessThanOrEqual(1);
    await wait(60_000);
    expect(asked).toHaveLength(before);
    world.isWanted = true;
    await wait(10_000);
    expect(asked.length).toBeGreaterThan(before);
    heartbeat.dispose();
    await clock.run(running);
    const after = asked.length;
    await clock.run(clock.sleep(60_000));
    expect(asked).toHaveLength(after);
  });
});
