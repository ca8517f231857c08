import { describe, expect, it } from 'vitest';
import { noRoute } from '../../../../src/client/problems.ts';
import { knockUntilAnswered, type ReloadOccasion } from '../../../../src/vscode/auto-knock/lost-connection.ts';
import type { Door } from '../../../../src/vscode/knock/doors.ts';
import type { Log } from '../../../../src/vscode/log.ts';
import { FakeClock, systemError } from '../../client/support.ts';
import { DOOR, FakeComputer } from '../support.ts';

const MINUTE = 60_000;

/** A window whose connection is lost, on a computer before a gate that opens for `grantMs` at each knock that it hears. */
function lostWindow(changes: { grantMs?: number } = {}) {
  const { grantMs = 30_000 } = changes;
  const computer = new FakeComputer();
  const { network, clock } = computer;
  const world = { isAway: true, forgotAtMs: 0, error: undefined as string | undefined, door: DOOR as Door | undefined };
  const heard: number[] = [];
  const isOpen = (atMs: number) => heard.some((knockMs) => knockMs >= world.forgotAtMs && atMs < knockMs + grantMs);
  network.portState = (_, atMs) => (!world.isAway && isOpen(atMs) ? 'open' : 'silent');
  const openRoute: typeof network.io.openRoute = async (address, port) => {
    if (world.error !== undefined) throw systemError(world.error);
    const route = await network.io.openRoute(address, port);
    const send = async (datagram: Uint8Array) => {
      if (!world.isAway) heard.push(clock.monotonicMs());
      await route.send(datagram);
    };
    return { ...route, send };
  };
  const told: string[] = [];
  const tell = (line: string) => void told.push(line);
  const log: Log = { debug: () => {}, info: tell, warn: tell, error: tell };
  const { knocker, states } = computer.window({ openRoute, log });
  const answered = new AbortController();
  const settings = { isWanted: true };
  const askedEditorAtMs: number[] = [];
  const connectAgain = () => void askedEditorAtMs.push(clock.monotonicMs());
  const reloadAtMs: Record<ReloadOccasion, number[]> = { waiting: [], 'given up': [] };
  const reload = async (occasion: ReloadOccasion) => void reloadAtMs[occasion].push(clock.monotonicMs());
  const isWanted = () => settings.isWanted;
  const io = { clock, knocker, states, log, door: () => world.door, isWanted, connectAgain, reload };
  const done = knockUntilAnswered(answered.signal, io);
  const wait = (ms: number) => clock.run(clock.sleep(ms));
  /** How long the port is shut for, at most, within the next `ms`. */
  const longestShut = async (ms: number) => {
    let [longestMs, shutMs] = [0, 0];
    for (let passedMs = 0; passedMs < ms; passedMs += 100) {
      await wait(100);
      shutMs = isOpen(clock.monotonicMs()) ? 0 : shutMs + 100;
      longestMs = Math.max(longestMs, shutMs);
    }
    return longestMs;
  };
  const parts = { computer, network, clock, world, settings, heard, told, states, answered, done };
  return { ...parts, askedEditorAtMs, reloadAtMs, wait, longestShut };
}

describe('a lost connection', () => {
  it.each([0, 5, 17, 64, 119, 300])(
    'has its port open 3 s after the server is back, %i s after it was lost',
    async (seconds) => {
      const { world, heard, wait, clock } = lostWindow();
      // Not at the moment of a knock.
      await wait(seconds * 1000 + 500);
      world.isAway = false;
      const backMs = clock.monotonicMs();
      await wait(3100);
      expect((heard[0] ?? Number.NaN) - backMs).toBeLessThanOrEqual(3000);
    },
  );

  it('has it stay open until the editor has connected, however long that takes', async () => {
    const { world, wait, longestShut } = lostWindow();
    await wait(10_000);
    world.isAway = false;
    await wait(3100);
    expect(await longestShut(90_000)).toBe(0);
  });

  it('has it stay open with a grant that is short', async () => {
    const { world, wait, longestShut } = lostWindow({ grantMs: 10_000 });
    world.isAway = false;
    await wait(3100);
    expect(await longestShut(60_000)).toBeLessThanOrEqual(8000);
  });

  it('has it opened again when the server has forgotten its grants, though they would still be good', async () => {
    const { world, heard, clock, wait } = lostWindow();
    world.isAway = false;
    await wait(3100);
    expect(heard).toHaveLength(1);
    world.forgotAtMs = clock.monotonicMs();
    await wait(9000);
    expect(heard).toHaveLength(2);
  });

  it('has the editor asked once to connect again, when the port is open and the answer does not come', async () => {
    const { world, heard, askedEditorAtMs, wait } = lostWindow();
    await wait(30_000);
    expect(askedEditorAtMs).toEqual([]);
    world.isAway = false;
    await wait(10 * MINUTE);
    expect(askedEditorAtMs).toHaveLength(1);
    const afterMs = (askedEditorAtMs[0] ?? Number.NaN) - (heard[0] ?? Number.NaN);
    expect(afterMs).toBeGreaterThanOrEqual(2000);
    expect(afterMs).toBeLessThan(3000);
  });

  it('is a case for a reload when it was lost for a minute, once, as soon as the port is open', async () => {
    const { world, heard, askedEditorAtMs, reloadAtMs, wait } = lostWindow();
    await wait(MINUTE);
    expect(reloadAtMs.waiting).toEqual([]);
    world.isAway = false;
    await wait(10 * MINUTE);
    expect(reloadAtMs.waiting).toHaveLength(1);
    expect((reloadAtMs.waiting[0] ?? Number.NaN) - (heard[0] ?? Number.NaN)).toBeLessThan(1000);
    // By then the editor has long been connecting: it is not to be asked.
    expect(askedEditorAtMs).toEqual([]);
  });

  it('is a case for a reload when the editor was asked and has not connected a minute after the loss', async () => {
    const { world, askedEditorAtMs, reloadAtMs, wait } = lostWindow();
    await wait(50_000);
    world.isAway = false;
    await wait(9000);
    expect([askedEditorAtMs.length, reloadAtMs.waiting.length]).toEqual([1, 0]);
    await wait(10_000);
    expect([askedEditorAtMs.length, reloadAtMs.waiting.length]).toEqual([1, 1]);
  });

  it.each([
    ['a short', 10_000],
    ['a long', 2 * MINUTE],
  ])('is given up by the editor when the port is open for 75 s after %s outage', async (_, awayMs) => {
    const { world, heard, reloadAtMs, wait } = lostWindow();
    await wait(awayMs);
    world.isAway = false;
    await wait(3 * MINUTE);
    expect(reloadAtMs['given up']).toHaveLength(1);
    const openMs = (reloadAtMs['given up'][0] ?? Number.NaN) - (heard[0] ?? Number.NaN);
    expect(openMs).toBeGreaterThanOrEqual(75_000);
    expect(openMs).toBeLessThan(75_000 + 10_000);
  });

  it('is not given up by the editor while the server comes and goes', async () => {
    const { world, reloadAtMs, wait } = lostWindow();
    for (let times = 0; times < 5; times++) {
      world.isAway = false;
      await wait(50_000);
      world.isAway = true;
      await wait(40_000);
    }
    expect(reloadAtMs['given up']).toEqual([]);
  });

  it('is not given up by the editor because the computer slept for an hour before an open port', async () => {
    const { world, clock, reloadAtMs, wait } = lostWindow({ grantMs: 180 * MINUTE });
    world.isAway = false;
    await wait(15_000);
    clock.fallAsleep(60 * MINUTE);
    const wokeMs = clock.monotonicMs();
    await wait(60_000);
    expect(reloadAtMs).toEqual({ waiting: [], 'given up': [] });
    await wait(30_000);
    expect((reloadAtMs['given up'][0] ?? Number.NaN) - wokeMs).toBeGreaterThanOrEqual(75_000);
  });

  it('was not lost for a minute when the computer slept meanwhile', async () => {
    const { world, clock, reloadAtMs, wait } = lostWindow();
    await wait(10_000);
    clock.fallAsleep(60 * MINUTE);
    world.isAway = false;
    await wait(50_000);
    expect(reloadAtMs.waiting).toEqual([]);
    await wait(20_000);
    expect(reloadAtMs.waiting).toHaveLength(1);
  });

  it('is left to the editor when it answers as soon as the port is open', async () => {
    const { world, heard, answered, askedEditorAtMs, done, clock, wait } = lostWindow();
    world.isAway = false;
    await wait(1000);
    expect(heard).toHaveLength(1);
    answered.abort();
    await clock.run(done);
    await wait(MINUTE);
    expect(askedEditorAtMs).toEqual([]);
  });

  it('is knocked for in each grant, without using up the tags of an epoch', async () => {
    const { network, clock, wait } = lostWindow();
    await wait(18 * MINUTE);
    const times = network.sent.map(({ atMs }) => atMs);
    const within = (fromMs: number) => times.filter((ms) => ms >= fromMs && ms < fromMs + 30_000).length;
    expect(Math.max(...times.map(within))).toBeLessThanOrEqual(16);
    const gaps = times.map((ms, i) => (times[i + 1] ?? clock.monotonicMs()) - ms);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(10_000);
  });

  it('is given up when the editor gives up, after three hours', async () => {
    const clock = new FakeClock();
    const ignore = () => {};
    const io = {
      clock,
      // Nothing is sealed and sent: there are more than a thousand knocks.
      knocker: { knock: () => Promise.reject(noRoute('prod', ['192.0.2.2'], ['ENETUNREACH'])) },
      states: { get: () => ({ kind: 'closed' as const }) },
      log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
      door: () => DOOR,
      isWanted: () => true,
      connectAgain: ignore,
      reload: async () => {},
    };
    await clock.run(knockUntilAnswered(new AbortController().signal, io));
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(180 * MINUTE);
    expect(clock.monotonicMs()).toBeLessThan(181 * MINUTE);
  });

  it('is not knocked for any more when it answers', async () => {
    const { network, answered, done, clock, states, wait } = lostWindow();
    await wait(7500);
    answered.abort();
    await clock.run(done);
    const sent = network.sent.length;
    await wait(MINUTE);
    expect(network.sent).toHaveLength(sent);
    expect(states.get('prod').kind).not.toBe('knocking');
  });

  it('is not knocked for any more when that is turned off, or the host is removed', async () => {
    for (const stop of ['setting', 'host']) {
      const { network, settings, world, done, clock, wait } = lostWindow();
      await wait(7500);
      if (stop === 'setting') settings.isWanted = false;
      else world.door = undefined;
      await clock.run(done);
      const sent = network.sent.length;
      await wait(MINUTE);
      expect(network.sent).toHaveLength(sent);
    }
  });

  it('is tried again while there is no network', async () => {
    const { world, heard, wait } = lostWindow();
    world.error = 'ENETUNREACH';
    await wait(20_000);
    world.isAway = false;
    world.error = undefined;
    await wait(3100);
    expect(heard).toHaveLength(1);
  });

  it('is given up at once for what does not pass, such as a missing key', async () => {
    const { computer, network, done, clock, told, wait } = lostWindow();
    computer.privateKey = undefined;
    await wait(10_000);
    await clock.run(done);
    expect(network.sent.length).toBeLessThanOrEqual(1);
    expect(told.length).toBeLessThan(8);
  });

  it('gets a line in the log when the outcome changes, not for each knock', async () => {
    const { world, told, answered, done, clock, wait } = lostWindow();
    await wait(50_000);
    world.isAway = false;
    await wait(MINUTE);
    answered.abort();
    await clock.run(done);
    expect(told).toEqual([
      'the connection of this window does not answer: knocking until it does',
      'prod: no-answer (connection lost)',
      'prod: open (connection lost)',
      'the port is open, and the connection is still silent: asking the editor to connect again',
      expect.stringMatching(/^the connection of this window answers again, after 11\d s and \d+ knocks$/),
    ]);
  });
});
