import { spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { EventsFile } from '../../server-helper/audit/events-file.ts';
import { scratch } from '../rig/cleanup.ts';
import { CLIENT4 } from '../rig/netns.ts';
import { must } from '../rig/process.ts';
import { CLIENT, Scene } from '../rig/scene.ts';

const PAGE = 4096;

/** Mounts a file system of this size. @returns how to take it away */
async function mountSmall(folder: string, size: string): Promise<() => Promise<unknown>> {
  await must(['mount', '-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]);
  return () => must(['umount', '--lazy', folder]);
}

describe('the events of a gate without a journal', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.make({ name: 'events' });
  });
  afterAll(() => scene?.end());

  const events = async (...args: string[]) => {
    // A daemon that answers has written what it said before.
    if (scene.gate.running) await scene.status();
    const { code, stdout, stderr } = await scene.gate.cli(['events', '--json', ...args]);
    expect([code, stderr]).toEqual([0, '']);
    return JSON.parse(stdout);
  };

  it('are those of the log, the newest first, page by page', async () => {
    await scene.outcome(scene.seal());
    await scene.outcome(scene.seal({ ports: [{ protocol: 'tcp', port: 23 }] }));
    const all = await events();
    expect(all).toEqual({ events: scene.gate.events.toReversed(), next: null });
    const first = await events('--limit', '1');
    const second = await events('--limit', '1000', '--before', first.next);
    expect([...first.events, ...second.events]).toEqual(all.events);
  });

  it('are chosen by name, reason, client, address and time', async () => {
    const [refused] = (await events('--event', 'refused', '--reason', 'denied')).events;
    expect(refused).toMatchObject({ event: 'refused', reason: 'denied', client: CLIENT, source: CLIENT4 });
    expect((await events('--client', CLIENT, '--address', CLIENT4)).events).toHaveLength(2);
    expect((await events('--client', CLIENT, '--address', '198.51.100.0/24')).events).toEqual([]);
    expect((await events('--until', '1h')).events).toEqual([]);
    expect((await events('--since', refused.time, '--until', refused.time)).events).toContainEqual(refused);
    const shown = (await scene.gate.cli(['events', '--event', 'granted'])).stdout;
    expect(shown).toMatch(
      /^TIME \(UTC\) +EVENT.*\n[0-9-]{10} [0-9:]{8} {2}granted +alice-laptop +\S+ +tcp\/22, seconds 30$/m,
    );
  });

  it('are there without a daemon, and make a chain over restarts', async () => {
    await scene.gate.stop();
    const [last] = (await events('--limit', '1')).events;
    expect(last).toMatchObject({ event: 'stopped' });
    await scene.gate.start();
    const { code, stdout } = await scene.gate.cli(['audit', 'verify', join(scene.gate.stateDir, 'events'), '--json']);
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { first: 1, last: scene.gate.events.length, faults: [] }]);
  });

  it('refuse invalid values', async () => {
    for (const args of [
      ['--limit', '0'],
      ['--limit', '1001'],
      ['--since', 'x'],
      ['--before', 'x'],
      ['--address', 'x'],
    ]) {
      const { code, stderr } = await scene.gate.cli(['events', ...args]);
      expect([code, stderr]).toEqual([2, expect.stringContaining(`${args[0]}: "${args[1]}" is invalid`)]);
    }
  });

  it('of a daemon that could not start because another one runs are not among them', async () => {
    const before = (await events()).events;
    const second = await scene.gate.cli(['run'], { timeout: 15_000 });
    expect([second.code, second.stderr]).toEqual([6, expect.stringContaining('Another knockgated is running')]);
    expect((await events()).events).toEqual(before);
  });
});

it('a full disk keeps nobody out, and the log says that lines are missing', async () => {
  const scene = await Scene.make({ name: 'full', start: false });
  const unmount = await mountSmall(scene.gate.stateDir, '4m');
  try {
    scene.gate.giveState();
    await scene.gate.start();
    // It has written what it said.
    await scene.status();
    const [path, ballast] = [join(scene.gate.stateDir, 'events'), join(scene.gate.stateDir, 'ballast')];
    // To the end of its last page: the next line needs another one.
    appendFileSync(path, '\n'.repeat(PAGE - (statSync(path).size % PAGE)));
    spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, `bs=${PAGE}`]);
    expect(await scene.outcome(scene.seal())).toMatchObject({ event: 'granted' });
    const said = (name: string) => scene.gate.events.filter(({ event }) => event === name);
    expect(said('events-lost')).toMatchObject([{ detail: expect.stringContaining('ENOSPC') }]);
    rmSync(ballast);
    await scene.gate.cli(['flush']);
    expect(said('events-restored')).toMatchObject([{ detail: expect.stringMatching(/^\d+ lines are missing in /) }]);
    const { events } = JSON.parse((await scene.gate.cli(['events', '--json', '--limit', '2'])).stdout);
    expect(events).toMatchObject([{ event: 'events-restored' }, { event: 'revoked' }]);
  } finally {
    await scene.gate.stop();
    await unmount();
    await scene.end();
  }
});

it('a full disk leaves no part of a line', async () => {
  const { dir, discard } = scratch('full-disk');
  const unmount = await mountSmall(dir, '64k');
  onTestFinished(async () => {
    await unmount();
    discard();
  });
  const path = join(dir, 'events');
  const said: string[] = [];
  const file = new EventsFile(path, ({ event }) => said.push(event), true);
  file.begin();
  const line = `${'x'.repeat(999)}\n`;
  for (let n = 0; n < 100; n += 1) file.write(line);
  expect(said).toEqual(['events-lost']);
  expect(readFileSync(path, 'utf8').replaceAll(line, '')).toBe('');
});
