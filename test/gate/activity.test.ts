import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { figure } from '../rig/figure.ts';
import { CLIENT4 } from '../rig/netns.ts';
import { CLIENT, Scene } from '../rig/scene.ts';

const HOUR_MS = 3_600_000;

describe('activity and metrics', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.make({ name: 'activity' });
  });
  afterAll(async () => {
    await scene.end();
  });

  const activity = async () => JSON.parse((await scene.gate.cli(['activity', '--json'])).stdout);
  const metrics = async () => (await scene.gate.cli(['metrics'])).stdout;

  it('count a knock and a refusal, and name who came', async () => {
    const datagram = scene.seal();
    await scene.outcome(datagram);
    await scene.outcome(scene.seal({ ports: [{ protocol: 'tcp', port: 23 }] }));
    expect(await activity()).toMatchObject({
      status: { capture: 'listening' },
      grants: [{ client: CLIENT, address: CLIENT4, port: 'tcp/22' }],
      totals: expect.arrayContaining([
        { event: 'granted', count: 1 },
        { event: 'refused', reason: 'denied', count: 1 },
      ]),
      visitors: [{ client: CLIENT, address: CLIENT4, knocks: 1 }],
    });
    const shown = (await scene.gate.cli(['activity'])).stdout;
    expect(shown).toMatch(/KNOCKS +REFUSED.*\n.* 1 +1 +#+-+/);
    expect(await metrics()).toContain('knockgate_events_total{event="refused",reason="denied"} 1\n');
  });

  it('stay after a restart', async () => {
    await scene.gate.stop();
    expect(await metrics()).toContain('knockgate_up 0\n');
    expect((await scene.gate.cli(['activity'])).code).toBe(1);
    await scene.gate.start();
    expect((await activity()).visitors).toMatchObject([{ client: CLIENT, knocks: 1 }]);
  });

  it('answer below a megabyte after a month of a million events', async () => {
    await scene.gate.stop();
    const now = Date.now();
    const reasons = ['replayed', 'clock-skew', 'denied', 'malformed', 'destination-mismatch'];
    const hours = Array.from({ length: 744 }, (_, n) => now - (now % HOUR_MS) - n * HOUR_MS);
    const kinds = [{ event: 'granted' }, ...reasons.map((reason) => ({ event: 'refused', reason }))];
    const record = {
      hours: hours.flatMap((hour) => kinds.map((kind) => ({ hour, ...kind, count: 225 }))),
      totals: kinds.map((kind) => ({ ...kind, count: 225 * 744 })),
      visitors: Array.from({ length: 2000 }, (_, n) => {
        return { client: `client-${n}`, address: `198.51.${n >> 8}.${n & 255}`, first: now, last: now, knocks: 500 };
      }),
    };
    writeFileSync(join(scene.gate.dir, 'state/activity'), JSON.stringify(record));
    await scene.gate.start();
    const start = performance.now();
    const { stdout } = await scene.gate.cli(['activity', '--days', '31', '--json']);
    figure(
      `activity of a month: ${stdout.length} bytes, ${Math.round(performance.now() - start)} ms with the start of Node`,
    );
    expect(stdout.length).toBeLessThan(1_000_000);
    const answer = JSON.parse(stdout);
    expect(answer.visitors).toHaveLength(2000);
    const sum = (event: string) =>
      answer.hours
        .filter((each: { event: string }) => each.event === event)
        .reduce((all: number, { count }: { count: number }) => all + count, 0);
    expect([sum('granted'), sum('refused')]).toEqual([225 * 744, 5 * 225 * 744]);
    expect(readFileSync(join(scene.gate.dir, 'state/activity'), 'utf8')).not.toBe('');
  });

  it('refuse a number of days that is none', async () => {
    for (const days of ['0', '32', 'x', '-1']) {
      const { code, stderr } = await scene.gate.cli(['activity', `--days=${days}`]);
      expect(code).toBe(2);
      expect(stderr).toContain('a whole number from 1 to 31');
    }
  });
});

describe('the log', () => {
  it('is a chain over restarts, names who granted by hand, and shows a removed line', async () => {
    const scene = await Scene.make({ name: 'chain' });
    try {
      await scene.outcome(scene.seal());
      await scene.gate.stop();
      await scene.gate.start();
      const granted = await scene.gate.cli(['grant', CLIENT4, '--seconds', '9'], { env: { SUDO_USER: 'carol' } });
      expect(granted.code).toBe(0);
      await scene.gate.stop();
      const lines = scene.gate.events.map((line) => JSON.stringify(line));
      expect(lines.find((line) => line.includes('by hand'))).toContain('"detail":"by carol"');
      const file = join(scene.gate.dir, 'log');
      const verify = async (kept: readonly string[]) => {
        writeFileSync(file, `${kept.join('\n')}\n`);
        return await scene.gate.cli(['audit', 'verify', file, '--json'], { asRoot: true });
      };
      const whole = await verify(lines);
      expect([whole.code, JSON.parse(whole.stdout)]).toEqual([
        0,
        { lines: lines.length, first: 1, last: lines.length, faults: [] },
      ]);
      const cut = await verify(lines.slice(0, -1));
      expect([cut.code, JSON.parse(cut.stdout).faults[0].what]).toEqual([
        1,
        `missing at the end: line ${lines.length}`,
      ]);
      const removed = await verify(lines.filter((_, n) => n !== 1));
      expect([removed.code, JSON.parse(removed.stdout).faults[0].what]).toEqual([
        1,
        'missing before this line: line 2',
      ]);
    } finally {
      await scene.end();
    }
  });
});
