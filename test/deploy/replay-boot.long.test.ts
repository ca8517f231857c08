import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Prober } from '../../bench/prober.ts';
import { asKnock, firstTrusted } from '../../bench/subjects/knockgate.ts';
import { KNOCKERS } from '../../bench/turns.ts';
import { parseGateLine } from '../../src/spa/enrolment.ts';
import { EPOCH_SECONDS } from '../../src/spa/tags.ts';
import { Clients } from '../rig/clients.ts';
import { clockOff } from '../rig/clock-off.ts';
import { until } from '../rig/deployment.ts';
import { figure } from '../rig/figure.ts';
import { flood } from '../rig/flood.ts';
import { TARGET4 } from '../rig/netns.ts';
import { anHourEarlier } from '../rig/nft.ts';
import { sleep } from '../rig/process.ts';
import { Installed } from './installed.ts';

/** The package comes with it. */
const KNOCK_PORT = 443;
/** A client's address that the gate knows, another client's, one that it does not know, and somebody with copies. */
const [HOME = '', NEIGHBOUR = '', ELSEWHERE = '', ANYWHERE = ''] = KNOCKERS;
const RULESET = '/etc/nftables.conf';
const STATE = 'var/lib/knockgate';
/** Knocks that are under way while the ruleset is saved. */
const IN_FLIGHT = 6;

/** Seconds after which the kernel no longer believes that a daemon hears packets, and some to spare. */
const UNHEARD_SECONDS = 33;

/** Copies a folder as it is, with its owners. */
function copy(from: string, to: string) {
  execFileSync('cp', ['-a', from, to]);
}

interface Captured {
  readonly what: string;
  readonly source: string;
  readonly datagram: Uint8Array;
}

/** The kernel has forgotten which tags were used, and they are current still. Nftables loads a saved ruleset with such tags at each boot. */
describe.each(['known', 'first'])(
  'a gate with without_daemon = "%s" whose power went, and came back within the minute, opens to no knock that was captured before',
  (withoutDaemon) => {
    let gate: Installed;
    let prober: Prober;
    const clients = new Clients(2);

    beforeAll(async () => {
      gate = await Installed.armed({
        name: 'replay',
        clientAddresses: KNOCKERS.slice(0, 4).map((address) => `${address}/24`),
      });
      const setting = `s|^\\[gate\\]$|[gate]\\nwithout_daemon = "${withoutDaemon}"|`;
      await gate.target.must(['sed', '-i', setting, '/etc/knockgate/gate.toml']);
      await gate.daemon('reload');
      const line = await gate.daemon('key', '--address', TARGET4, '--name', 'target');
      clients.enrol(parseGateLine(line.trim()).key);
      for (const { name, key } of clients.entries)
        await gate.daemon('client', 'add', `knockgate1 client ${key} ${name}`);
      prober = await Prober.start(gate.target.pair.client);
      for (const [client, from] of [HOME, NEIGHBOUR].entries())
        expect(await opens(from, clients.seal(client, { from }))).toBe(true);
      await gate.shut();
      await gate.target.must(['systemctl', 'enable', 'nftables']);
    });

    afterAll(async () => {
      await prober?.stop();
      await gate?.end();
    });

    /** Waits until the kernel opens to tags of the present: what was used before this boot, it does not know. */
    beforeEach(async () => {
      const trusted = await firstTrusted(gate.target.pair.target, (epoch) => clients.firstTag(0, HOME, epoch));
      await sleep(Math.max(0, trusted * EPOCH_SECONDS * 1000 - Date.now()));
    });

    /** Whether a knock opens the port for its sender within so many milliseconds. */
    async function opens(source: string, datagram: Uint8Array, within = 10_000): Promise<boolean> {
      const knock = { ...asKnock(datagram), port: KNOCK_PORT };
      return (await prober.measure(source, knock, within)).ms !== undefined;
    }

    const bound = () => clients.seal(0, { kind: 'bound', from: HOME });

    /** Knocks in each way. @param isUnheard whether to knock also while nobody but the kernel hears it */
    async function capture(isUnheard = true): Promise<Captured[]> {
      const captured: Captured[] = [];
      const knock = async (what: string, source: string, datagram: Uint8Array) => {
        expect(`${what}: ${await opens(source, datagram)}`).toBe(`${what}: true`);
        captured.push({ what, source, datagram });
      };
      await knock('bound', HOME, bound());
      await knock('ordinary', ELSEWHERE, clients.seal(1));
      await knock('ordinary and claimed', NEIGHBOUR, clients.seal(1, { from: NEIGHBOUR }));
      await gate.shut();
      if (!isUnheard) return captured;
      await gate.target.must(['systemctl', 'stop', 'knockgate']);
      await knock('bound, heard by nobody', HOME, bound());
      if (withoutDaemon === 'first') {
        await sleep(UNHEARD_SECONDS * 1000);
        await knock('ordinary, heard by nobody', ELSEWHERE, clients.seal(1));
      }
      return captured;
    }

    /** Sends each again: from where it came from, from another known address, and from somewhere else. @returns what opened */
    async function replay(captured: readonly Captured[]): Promise<string[]> {
      const opened: string[] = [];
      for (const { what, source, datagram } of captured)
        for (const from of new Set([source, NEIGHBOUR, ANYWHERE]))
          if (await opens(from, datagram, 300)) opened.push(`${what} from ${from}`);
      return opened;
    }

    /** Cuts the power, sends what was captured while it boots and afterwards, and knocks anew. */
    async function expectNothing(captured: readonly Captured[], what: string, whileOff?: () => void): Promise<void> {
      const start = performance.now();
      await gate.target.powerCycle(whileOff);
      expect(await replay(captured)).toEqual([]);
      const isUp = async () => (await gate.mainPid()) !== undefined && (await gate.status()).armed !== null;
      await until('the gate is up', isUp, 60_000);
      expect(await replay(captured)).toEqual([]);
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      const version = (await gate.target.must(['nft', '--version'])).trim();
      expect((await gate.target.must(['systemctl', 'is-active', 'nftables'])).trim()).toBe('active');
      figure(
        `${version}, ${withoutDaemon}: ${what}: ${captured.length} knocks sent again until ${seconds} s after the cut, none opened`,
      );
    }

    async function expectFresh(): Promise<void> {
      expect(await opens(HOME, clients.seal(0, { from: HOME }))).toBe(true);
      await gate.shut();
    }

    it('and boots with the ruleset that was saved with knocks in flight', async () => {
      const inFlight = Array.from({ length: IN_FLIGHT }, (_, n) => ({
        what: `in flight ${n}`,
        source: HOME,
        datagram: bound(),
      }));
      const way = { host: TARGET4, port: KNOCK_PORT, source: HOME };
      const bodies = inFlight.map(({ datagram }) => datagram);
      await Promise.all([
        flood(gate.target.pair.client, { ...way, count: IN_FLIGHT, rate: IN_FLIGHT, bodies }),
        gate.target.must(['sh', '-c', `sleep 0.5; nft list ruleset >${RULESET}`]),
      ]);
      await gate.shut();
      const captured = await capture();
      await expectNothing([...inFlight, ...captured], 'saved in flight');
      await expectFresh();
    });

    it('nor when its state folder is an older one', async () => {
      const state = join(gate.target.root, STATE);
      const older = join(gate.target.root, 'root/older');
      copy(state, older);
      const captured = await capture();
      await expectNothing(captured, 'an older state folder', () => {
        rmSync(state, { recursive: true });
        copy(older, state);
      });
      await expectFresh();
    });

    it('nor when the ruleset was saved before the knocks, and an hour went by', async () => {
      await gate.target.must(['sh', '-c', `nft list ruleset >${RULESET}`]);
      const file = join(gate.target.root, RULESET);
      writeFileSync(file, anHourEarlier(readFileSync(file, 'utf8')));
      await expectNothing(await capture(), 'saved an hour before');
      await expectFresh();
    });

    /** One that nobody but the kernel heard is not protected: docs/security-model.md. */
    it('nor when its clock is set back, if a daemon has heard the knock', async () => {
      const captured = await capture(false);
      await expectNothing(captured, 'the clock 20 s behind', () => {
        const { NODE_OPTIONS, RIG_CLOCK_AHEAD_MS } = clockOff(-20_000);
        const [, helper = ''] = NODE_OPTIONS.split(' ');
        const there = '/usr/lib/knockgate/clock-off.cjs';
        cpSync(helper, join(gate.target.root, there));
        const dropIn = join(gate.target.root, 'etc/systemd/system/knockgate.service.d');
        mkdirSync(dropIn, { recursive: true });
        const environment = `"NODE_OPTIONS=--require ${there}" RIG_CLOCK_AHEAD_MS=${RIG_CLOCK_AHEAD_MS}`;
        writeFileSync(join(dropIn, 'clock.conf'), `[Service]\nEnvironment=${environment}\n`);
      });
      await expectFresh();
    });
  },
);
