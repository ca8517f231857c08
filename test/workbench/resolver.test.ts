import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseClientLine } from '../../src/spa/enrolment.ts';
import { formatKey } from '../../src/spa/keys.ts';
import { type Capture, capture } from '../rig/capture.ts';
import { ASKS_FOR_RESOLVER, fakeRemoteSsh, type WindowEvent, windowEvents } from '../rig/editor/fake-remote-ssh.ts';
import type { Window } from '../rig/editor/window.ts';
import { Workbench } from '../rig/editor/workbench.ts';
import { figure } from '../rig/figure.ts';
import { TARGET4 } from '../rig/netns.ts';
import { loadNft } from '../rig/nft.ts';
import { HOST, KNOCKS, Scene } from '../rig/scene.ts';

/** Seconds. More than the five that make a grant worth relying on, and yet soon over. */
const GRANT = 15;
/** How long a window may be held up, when nothing is set. */
const BOUND_MS = 2000;
/** Kept back from it, for timers that come late. */
const MARGIN_MS = 100;
/** A window on the way to the host: its folder's authority says so. Folders of the editor's own scheme would lose theirs here. */
const REMOTE_WINDOW = `folder=${encodeURIComponent(`rig://ssh-remote+${HOST}/srv`)}`;

/* The editor asks for the resolver of ssh-remote, and waits for our activate() first: the knock is on the wire by then. */
describe('a window that is about to connect', () => {
  let scene: Scene;
  let workbench: Workbench;
  let window: Window;
  let tap: Capture;

  /** Events in windows after the first `since` ones, once that many resolvers have tried to connect. */
  const outcome = (since: number, resolvers: number) =>
    window.eventually(`${resolvers} resolvers to connect`, async () => {
      const events = windowEvents(workbench.home).slice(since);
      const ended = events.filter(({ event }) => event === 'connected' || event === 'refused');
      return ended.length === resolvers ? events : undefined;
    });
  const at = (events: readonly WindowEvent[], wanted: WindowEvent['event']) =>
    events.filter(({ event }) => event === wanted).map((each) => each.at);
  /** How long windows were held up, by what each says of itself, in milliseconds; `lateMs` where a knock outlasted the bound. */
  const heldUp = () => {
    const lines = workbench
      .output('Knockgate')
      .matchAll(/held up for (\d+) ms(?:, of (\d+) ms .*timer was (\d+) ms late)?/g);
    return [...lines].map(([, ms, bound, late]) => ({ ms: Number(ms), boundMs: Number(bound), lateMs: Number(late) }));
  };
  const grants = (since: number) => scene.gate.events.slice(since).filter(({ event }) => event === 'granted');

  beforeAll(async () => {
    scene = await Scene.make({ name: 'resolver' });
    workbench = await Workbench.start(scene.pair.client, {
      vsix: [resolve('dist/knockgate.vsix')],
      madeUp: [fakeRemoteSsh(TARGET4), ASKS_FOR_RESOLVER],
      settings: { 'knockgate.hosts': { [HOST]: { gate: scene.line, address: TARGET4, duration: GRANT } } },
    });
    const first = await workbench.open();
    await first.runCommand('Knockgate: Copy Public Key');
    await first.notice(/clipboard/);
    const { key, name } = parseClientLine(await first.clipboard());
    await first.close();
    await scene.reconfigure({ key: formatKey(key), name });
  });
  afterAll(async () => {
    await workbench?.close();
    await scene?.end();
  });

  it('knocks before the resolver runs, which then finds the port open', async () => {
    expect(await scene.isOpen()).toBe(false);
    tap = await capture(scene.pair.client, KNOCKS);
    window = await workbench.open(REMOTE_WINDOW);
    const events = await outcome(0, 1);
    const { datagrams } = await tap.stop();
    const [asked = 0, resolving = 0] = [...at(events, 'asked'), ...at(events, 'resolving')];
    const sent = datagrams[0]?.at ?? Number.NaN;
    figure(
      `first open: packet ${(sent - asked).toFixed(1)} ms after the editor asked, resolver ${(resolving - sent).toFixed(1)} ms after the packet`,
    );
    expect(sent).toBeGreaterThan(asked);
    expect(sent).toBeLessThan(resolving);
    expect(events.at(-1)).toMatchObject({ event: 'connected', greeting: expect.stringMatching(/^SSH-2\.0-/) });
    expect(grants(0)).not.toEqual([]);
    await window.statusBarSays('knockgate.knockgate', /target: open/);
  });

  it('knocks once for a reload and a second window together', async () => {
    await window.eventually('the grant to end', async () => !(await scene.isOpen()), (GRANT + 10) * 1000);
    const [since, before] = [scene.gate.events.length, windowEvents(workbench.home).length];
    // Counts from here on, since each window has a log file of its own.
    const logged = (line: RegExp) => workbench.output('Knockgate').match(line)?.length ?? 0;
    const opened = /target: open after/g;
    const spared = /target: (another window has just opened it|still open)/g;
    const [openedBefore, sparedBefore, heldBefore] = [logged(opened), logged(spared), heldUp()];
    tap = await capture(scene.pair.client, KNOCKS);
    const [second] = await Promise.all([workbench.open(REMOTE_WINDOW), window.reload()]);
    const events = await outcome(before, 2);
    const { datagrams } = await tap.stop();
    const resolving = at(events, 'resolving');
    // Windows that are opened together are not loaded together: each from when its editor asked.
    const asked = new Map(events.flatMap(({ event, pid, at: ms }) => (event === 'asked' ? [[pid, ms]] : [])));
    const waits = events
      .filter(({ event }) => event === 'resolving')
      .map(({ pid, at: ms }) => ms - (asked.get(pid) ?? 0));
    figure(
      `reload and second window: resolvers ${waits.map((ms) => ms.toFixed(0)).join(' and ')} ms after their editor asked`,
    );
    expect(new Set(events.map(({ pid }) => pid)).size).toBe(2);
    const outcomes = () => [logged(opened) - openedBefore, logged(spared) - sparedBefore];
    // A log is written some time after what it tells.
    await window.eventually('what both windows say', async () => outcomes().every((count) => count > 0));
    expect(outcomes()).toEqual([1, 1]);
    // The order in which logs are read varies.
    const held = heldUp();
    for (const { ms } of heldBefore)
      held.splice(
        held.findIndex((each) => each.ms === ms),
        1,
      );
    figure(`the two windows were held up for ${held.map(({ ms }) => `${ms} ms`).join(' and ')}`);
    // A knock whose answer takes long, on a busy machine, is repeated: all of it comes before either resolver.
    expect(Math.max(...datagrams.map((each) => each.at))).toBeLessThan(Math.min(...resolving));
    expect(grants(since)).toHaveLength(datagrams.length);
    expect(at(events, 'connected')).toHaveLength(2);
    await second.statusBarSays('knockgate.knockgate', /target: open/);
    await second.close();
  });

  it('lets the resolver run within the bound when the gate does not answer', async () => {
    await window.eventually('the grant to end', async () => !(await scene.isOpen()), (GRANT + 10) * 1000);
    await scene.gate.stop();
    // With its tags the kernel would go on to open for this client.
    await loadNft(scene.pair.target, 'flush map inet knockgate tags');
    const before = windowEvents(workbench.home).length;
    tap = await capture(scene.pair.client, KNOCKS);
    await window.reload();
    const events = await outcome(before, 1);
    const { datagrams } = await tap.stop();
    const [asked = 0, resolving = 0] = [...at(events, 'asked'), ...at(events, 'resolving')];
    const [held] = heldUp().filter(({ boundMs }) => boundMs > 0);
    const { ms = Number.NaN, lateMs = Number.NaN } = held ?? {};
    figure(`gate unreachable: held up for ${ms} ms by us, of which ${lateMs} ms are a timer that came late`);
    figure(`gate unreachable: resolver ${Math.round(resolving - asked)} ms after the editor asked`);
    expect(datagrams.length).toBeGreaterThan(1);
    expect(datagrams[0]?.at).toBeLessThan(resolving);
    // Our own part, from the call of activate() to its end, on a computer that is never so busy that timers are late.
    expect(held?.boundMs).toBe(BOUND_MS);
    expect(ms - lateMs).toBe(BOUND_MS - MARGIN_MS);
    expect(events.at(-1)).toMatchObject({ event: 'refused' });
    expect(await window.notifications()).toEqual([]);
    expect(await window.page.locator('.monaco-dialog-box').count()).toBe(0);
    await window.statusBarSays('knockgate.knockgate', /target: no answer/);
  });
});
