import { appendFileSync, chmodSync, copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALERT_EVENTS, type AlertEvent } from '../../server-helper/config/alert-config.ts';
import { scratch } from '../rig/cleanup.ts';
import { settableClock } from '../rig/clock-off.ts';
import { figure } from '../rig/figure.ts';
import { CLIENT4, processesIn, run } from '../rig/netns.ts';
import { must, named, runHere, signalQuietly, sleep } from '../rig/process.ts';
import { CLIENT } from '../rig/scene.ts';
import { Alarmed } from './alerts/alarmed.ts';

/** Refusals of the storm, and the seconds for which it goes on. */
const STORM = { refusals: 150, seconds: 150 };
/** A minute, and what a busy machine needs. */
const WITHIN = 120_000;
const MINUTES = 60_000;

/** Every event of an alert is really caused: its alert runs once, and no other does. */
describe('alerts', { timeout: 180_000 }, () => {
  let alarmed: Alarmed;
  let disk: string;
  const caused: AlertEvent[] = [];
  const { dir, discard } = scratch('alerts');
  const clockFile = join(dir, 'clock');
  const program = join(dir, 'knockgated.cjs');

  beforeAll(async () => {
    chmodSync(dir, 0o755);
    writeFileSync(clockFile, '0');
    for (const name of readdirSync('dist').filter((each) => /^knockgated.*\.cjs$/.test(each)))
      copyFileSync(join('dist', name), join(dir, name));
    alarmed = await Alarmed.make({ name: 'alerts', gate: { daemon: program, env: settableClock(clockFile) } });
    disk = alarmed.scene.gate.stateDir;
    mkdirSync(disk, { recursive: true });
    await must(['mount', '-t', 'tmpfs', '-o', 'size=2m,mode=777', 'knockgate-test', disk]);
    configure(4096);
    await alarmed.startUnit();
    await alarmed.scene.gate.start();
  });
  afterAll(async () => {
    await alarmed?.scene.gate.stop();
    await runHere(['umount', '-l', disk]);
    await alarmed?.end();
    discard();
  });

  /** An alert for each event. @param memory megabytes that the daemon may use */
  const configure = (memory: number) =>
    alarmed.configure(ALERT_EVENTS.map((event) => ({ name: event, events: [event], memory })));
  const runs = () => ALERT_EVENTS.filter((event) => alarmed.runs(event).length > 0);

  /** Causes an event, and waits for its alert. @returns what it was told */
  async function cause(event: AlertEvent, doIt: () => Promise<void>, withinMs = WITHIN) {
    expect(runs().sort()).toEqual([...caused].sort());
    await doIt();
    const { input } = await alarmed.run(event, 1, withinMs);
    caused.push(event);
    const { events } = JSON.parse(input);
    expect(events).toMatchObject([{ event, count: 1 }]);
    // Whatever else it may have caused had the time to run.
    await sleep(3000);
    expect(runs().sort()).toEqual([...caused].sort());
    return events[0].entries[0];
  }

  it('tells of the first visit from an address, and not of the second', async () => {
    const { scene } = alarmed;
    const visit = async () => {
      expect(await scene.outcome(scene.seal())).toMatchObject({ event: 'granted' });
    };
    expect(await cause('new-address', visit)).toMatchObject({ client: CLIENT, source: CLIENT4 });
    await visit();
  });

  it('tells of a genuine knock that was refused, and not of junk', async () => {
    const { scene } = alarmed;
    const junk = Array.from({ length: 100 }, (_, i) => new Uint8Array(200).fill(i));
    await scene.flood({ count: junk.length, bodies: junk });
    const denied = async () => {
      const outcome = await scene.outcome(scene.seal({ ports: [{ protocol: 'tcp', port: 25 }] }));
      expect(outcome).toMatchObject({ event: 'refused', reason: 'denied' });
    };
    expect(await cause('refused', denied)).toMatchObject({ client: CLIENT, reason: 'denied' });
  });

  it('tells of a clock that was set', async () => {
    const set = async () => writeFileSync(clockFile, '5000');
    expect((await cause('clock', set)).event).toBe('clock-set');
  });

  it('tells of a capture that was lost', async () => {
    const kill = async () => {
      for (const pid of named(processesIn(alarmed.scene.pair.target), 'tcpdump')) signalQuietly(pid, 'SIGKILL');
    };
    expect((await cause('capture-lost', kill)).event).toBe('capture-lost');
  });

  it('tells of a table that was flushed', async () => {
    const flush = async () => {
      await run(alarmed.scene.pair.target, ['nft', 'flush', 'ruleset']);
    };
    expect(await cause('firewall-lost', flush)).toMatchObject({ detail: 'the table was flushed' });
  });

  it('tells of a disk that cannot be written', async () => {
    const { gate } = alarmed.scene;
    const makeReadOnly = async () => {
      await gate.stop();
      await must(['mount', '-o', 'remount,ro', disk]);
      await gate.start();
    };
    expect((await cause('state-degraded', makeReadOnly)).event).toBe('state-degraded');
    await must(['mount', '-o', 'remount,rw', disk]);
  });

  it('tells of memory above the limit', async () => {
    const { gate } = alarmed.scene;
    const lowerTheLimit = async () => {
      configure(16);
      const since = gate.events.length;
      gate.reload();
      await gate.audit(({ event }) => event === 'reloaded', 10_000, since);
    };
    expect((await cause('memory', lowerTheLimit)).detail).toMatch(/^[0-9]+ MB, above 16 MB$/);
  });

  it(
    'in a storm of refusals run at most once a minute, and tell of each',
    async () => {
      const { scene } = alarmed;
      const before = alarmed.runs('refused').length;
      const since = scene.gate.events.length;
      const startedAt = performance.now();
      for (let i = 0; i < STORM.refusals; i++) {
        await scene.send(scene.seal({ ports: [{ protocol: 'tcp', port: 25 }] }));
        await sleep((STORM.seconds * 1000) / STORM.refusals);
      }
      const told = () =>
        alarmed
          .runs('refused')
          .slice(before)
          .reduce((sum, { environment }) => sum + Number(environment.KNOCKGATE_COUNT), 0);
      const refused = scene.gate.events.slice(since).filter(({ event }) => event === 'refused').length;
      for (let i = 0; i < 90 && told() < refused; i++) await sleep(1000);
      const minutes = (performance.now() - startedAt) / MINUTES;
      const sent = alarmed.runs('refused').length - before;
      figure(`${refused} refusals in ${STORM.seconds} s: ${sent} runs of the alert`);
      expect([told(), refused]).toEqual([STORM.refusals, STORM.refusals]);
      expect(sent).toBeLessThanOrEqual(Math.ceil(minutes) + 1);
    },
    10 * MINUTES,
  );

  it(
    'tells of a program that was replaced, once the daemon has run on for minutes',
    async () => {
      const replace = async () => appendFileSync(program, '\n');
      expect((await cause('old-version', replace, 8 * MINUTES)).event).toBe('program-replaced');
    },
    10 * MINUTES,
  );

  it('told of each event once', () => {
    // This gate has no decoy: test/deploy/decoy.long.test.ts has the alert of a visit.
    const others = ALERT_EVENTS.filter((event) => event !== 'refused' && event !== 'decoy-visited');
    expect(others.map((event) => [event, alarmed.runs(event).length])).toEqual(others.map((event) => [event, 1]));
  });
});
