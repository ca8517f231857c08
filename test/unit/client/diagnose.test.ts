import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { toBase64Url } from '../../../src/base/bytes.ts';
import { english, inEnglish, speak } from '../../../src/base/phrase.ts';
import { diagnose, type Subject } from '../../../src/client/diagnose/diagnose.ts';
import type { Step, StepName } from '../../../src/client/diagnose/diagnosis.ts';
import { asDocument, asIssueText } from '../../../src/client/diagnose/report.ts';
import { silence } from '../../../src/client/diagnose/verdicts.ts';
import type { DiagnoseIo } from '../../../src/client/diagnose/walk.ts';
import { type Host, hostOfGate } from '../../../src/client/gate/host.ts';
import { fileUnusable } from '../../../src/client/problems.ts';
import { type SaidDiagnosis, said } from '../../rig/said-diagnosis.ts';
import { FakeNetwork, ordinary, pair, problemOf, requestOf, systemError, temporaryFolder, WALL_MS } from './support.ts';

const GLOBAL4 = '203.0.113.9';

const GATE = {
  key: pair.gatePublic,
  slots: 32,
  addresses: ['192.0.2.2', '2001:db8::2'],
  knockPorts: [443, 62201],
  name: 'gw',
};
const HOST = hostOfGate('prod', GATE, undefined);

const SUBJECT: Subject = {
  host: HOST,
  sshPort: undefined,
  pair: async () => pair,
  hasPsk: false,
  keyName: 'alice-laptop',
  openedMs: undefined,
};

/** A network whose gate opens to the knocks that it likes. */
function scene(opensTo: (knock: { port: number; address: string; offsetMs: number }) => boolean = () => true) {
  const network = new FakeNetwork(join(temporaryFolder(), 'ledger'));
  const greetings = { text: 'SSH-2.0-OpenSSH_9.2' as string | undefined };
  /** Each knock is opened once: a diagnosis sends many, and looks often. */
  const opensAt = new Map<object, boolean>();
  network.portState = (address, atMs) => {
    for (const sent of network.sent) {
      if (opensAt.has(sent)) continue;
      const offsetMs = Math.round(requestOf(sent.datagram).timestamp - (WALL_MS + sent.atMs));
      opensAt.set(sent, opensTo({ ...sent, offsetMs }));
    }
    const isLiked = network.sent.some((sent) => sent.address === address && sent.atMs <= atMs && opensAt.get(sent));
    return isLiked ? 'open' : 'silent';
  };
  const io: DiagnoseIo = {
    ...network.io,
    resolve: () => Promise.reject(systemError('ENOTFOUND')),
    readGreeting: async (socket) => {
      socket.destroy();
      return greetings.text;
    },
  };
  const told: Step[] = [];
  const walk = (changes: Partial<Subject> = {}) =>
    network.clock.run(
      diagnose({ ...SUBJECT, ...changes }, io, new AbortController().signal, (step) => told.push(step)),
    );
  const run = async (changes: Partial<Subject> = {}) => said(await walk(changes));
  return { network, greetings, io, run, walk, told };
}

const step = ({ steps }: SaidDiagnosis, name: StepName) => steps.find((each) => each.name === name);

describe('a diagnosis', () => {
  it('finds nothing wrong where nothing is, and remembers the grant', async () => {
    const { network, run, told, io } = scene();
    network.routes.set('192.0.2.2', GLOBAL4);
    const found = await run();
    expect(found.verdict.code).toBe('open');
    expect(found.steps.map(({ result }) => result)).toEqual(found.steps.map(() => 'ok'));
    expect(told.length).toBeGreaterThanOrEqual(9);
    expect(step(found, 'Route')?.finding).toMatch(/203\.0\.113\.9.*claims it.*10\.0\.0\.9.*claims none/);
    expect(step(found, 'After a knock')?.finding).toMatch(/IPv4.*opened after \d+ ms.*IPv6.*opened, too/);
    const until = io.ledger.look(pair).grants[0]?.until;
    expect(found.opened).toMatchObject({ address: '192.0.2.2', knocks: 2, sourceClaimed: true, untilMs: until });
    expect(network.mostProbesAtOnce).toBe(1);
    expect(network.openRoutes).toBe(0);
  });

  it('names a name that is unknown', async () => {
    const { run } = scene();
    const found = await run({ host: { ...HOST, address: 'gate.invalid' } });
    expect(found.verdict).toMatchObject({ code: 'name-not-found', what: expect.stringContaining('ENOTFOUND') });
    expect(step(found, 'Name')?.result).toBe('not ok');
    expect(step(found, 'Route')).toMatchObject({ result: 'unknown', finding: 'Not looked at.' });
  });

  it('names a missing way', async () => {
    const { network, run } = scene();
    network.routes.set('192.0.2.2', 'ENETUNREACH').set('2001:db8::2', 'EHOSTUNREACH');
    const found = await run();
    expect(found.verdict.code).toBe('no-route');
    expect(step(found, 'Route')).toMatchObject({ result: 'not ok', finding: expect.stringContaining('ENETUNREACH') });
    expect(network.sent).toEqual([]);
  });

  it('goes on with the family that has a way', async () => {
    const { network, run } = scene();
    network.routes.set('2001:db8::2', 'ENETUNREACH');
    expect((await run()).verdict.code).toBe('open');
  });

  it('names a missing key', async () => {
    const { network, run } = scene();
    const found = await run({ pair: () => Promise.reject(fileUnusable('/k', 'EIO')) });
    expect(found.verdict.code).toBe('file-unusable');
    expect(found.clientLine).toBeUndefined();
    expect(network.sent).toEqual([]);
  });

  it('sees a port that is not hidden, and one that is open from before', async () => {
    const { network, run, io } = scene();
    network.portState = () => 'open';
    expect((await run()).verdict.code).toBe('not-hidden');
    const until = WALL_MS + 60_000;
    await io.ledger.addGrant(pair, { address: '192.0.2.2', from: '10.0.0.9', ports: [], until });
    const found = await run();
    expect(found.verdict).toMatchObject({
      code: 'open-from-before',
      next: expect.stringMatching(/is over, in \d+ s\./),
    });
    expect(network.sent).toEqual([]);
  });

  it('names the knock port that is blocked, and the one that is not', async () => {
    const { run } = scene(({ port }) => port === 62201);
    const found = await run();
    expect(found.verdict).toMatchObject({ code: 'knock-port-blocked', next: expect.stringContaining('[62201]') });
    expect(step(found, 'Knock ports')?.finding).toBe('UDP 443: no answer. UDP 62201: arrives.');
  });

  it('names the family that stays shut', async () => {
    const { run } = scene(({ address }) => address === '192.0.2.2');
    const found = await run();
    expect(found.verdict).toMatchObject({ code: 'family-shut', what: expect.stringContaining('not at 2001:db8::2') });
    expect(step(found, 'After a knock')?.result).toBe('not ok');
  });

  it('names the firewall of this computer', async () => {
    const { io, network, run } = scene();
    const openRoute = io.openRoute;
    const blocked: DiagnoseIo = {
      ...io,
      openRoute: async (address, port) => ({
        ...(await openRoute(address, port)),
        send: () => Promise.reject(systemError('EPERM')),
      }),
    };
    const walk = diagnose(SUBJECT, blocked, new AbortController().signal, () => {});
    const found = said(await network.clock.run(walk));
    expect(found.verdict).toMatchObject({ code: 'own-firewall', what: expect.stringContaining('EPERM') });
    await expect(run()).resolves.toMatchObject({ verdict: { code: 'open' } });
  });

  it('names a service that is down', async () => {
    const { network, run } = scene();
    const state = network.portState;
    network.portState = (address, atMs) => (state(address, atMs) === 'open' ? 'refused' : 'silent');
    expect((await run()).verdict.code).toBe('service-down');
  });

  it('names what answers and is not an sshd, and does not expect one elsewhere', async () => {
    const { greetings, run } = scene();
    greetings.text = undefined;
    expect((await run()).verdict.code).toBe('no-greeting');
    const web: Host = { ...HOST, ports: [{ protocol: 'tcp', port: 443 }] };
    const other = scene();
    other.greetings.text = undefined;
    const found = await other.run({ host: web, sshPort: 22 });
    expect([found.verdict.code, step(found, 'Greeting of sshd')?.result]).toEqual(['open', 'unknown']);
  });

  it('waits for the port that ssh connects to', async () => {
    const { network, run } = scene();
    await run({ sshPort: 2222 });
    expect(new Set(network.probes.map(({ port }) => port))).toEqual(new Set([2222]));
  });

  it('cannot test what is UDP only', async () => {
    const { run } = scene();
    const host: Host = { ...HOST, ports: [{ protocol: 'udp', port: 51820 }] };
    expect((await run({ host, sshPort: 22 })).verdict.code).toBe('udp-only');
  });

  it.each([
    [-3_600_000, /about 1 h behind/],
    [-240_000, /about 4 min behind/],
  ])('finds a gate whose clock differs by %i ms', async (gateMs, said) => {
    const { network, run } = scene(({ offsetMs }) => Math.abs(offsetMs - gateMs) < 60_000);
    network.routes.set('192.0.2.2', GLOBAL4);
    const found = await run();
    expect(found.verdict).toMatchObject({ code: 'clock', what: expect.stringMatching(said) });
    expect(step(found, 'Clock')?.result).toBe('not ok');
    // The client has learnt the difference: the next knock has the gate's time, and opens.
    expect(found.opened).toBeUndefined();
    network.sent.length = 0;
    expect((await run()).verdict.code).toBe('open');
  });

  it('finds a clock that has been set right since', async () => {
    const { network, run, io } = scene(({ offsetMs }) => Math.abs(offsetMs) < 60_000);
    for (const knownMs of [3_600_000, -240_000]) {
      await io.ledger.learnClock(pair, 'prod', knownMs, []);
      network.sent.length = 0;
      expect((await run()).verdict.code).toBe('clock-set-right');
      expect(io.ledger.clocks(pair, 'prod')).toEqual([0]);
    }
  });

  it.each([
    ['behind a NAT', undefined],
    ['from an address that it claims', GLOBAL4],
  ])('sends nothing dated in the future, %s', async (_, claimed) => {
    const { network, run } = scene(({ offsetMs }) => Math.abs(offsetMs - 7_200_000) < 60_000);
    if (claimed !== undefined) network.routes.set('192.0.2.2', claimed);
    const found = await run();
    expect(found.verdict.code).toBe('silent');
    expect(found.verdict.next).toContain('A clock that is behind was not');
    const ahead = network.sent.filter((sent) => requestOf(sent.datagram).timestamp > WALL_MS + sent.atMs + 1000);
    expect(ahead).toEqual([]);
  });

  it('sends nothing later than the time that a gate is known to have', async () => {
    const { network, run, io } = scene(() => false);
    network.routes.set('192.0.2.2', GLOBAL4);
    for (const knownMs of [7_200_000, 3_600_000]) await io.ledger.learnClock(pair, 'prod', knownMs, []);
    await run();
    const latest = Math.max(...network.sent.map((sent) => requestOf(sent.datagram).timestamp - sent.atMs));
    expect(latest).toBeLessThanOrEqual(WALL_MS + 3_600_000 + 1000);
  });

  it('lists what to check when nothing answers, by what is known', async () => {
    const first = await scene(() => false).run();
    expect(first.verdict.next).toMatch(
      /1\. \*\*The key.*2\. \*\*The gate.*3\. \*\*The way.*4\. \*\*The NAT.*10\.0\.0\.9.*5\. \*\*The clock/s,
    );
    const known = await scene(() => false).run({ openedMs: WALL_MS - 1000, hasPsk: true });
    expect(known.verdict.next).toMatch(/1\. \*\*The gate.*5\. \*\*The key.*pre-shared key must be the same/s);
  });

  it('does not suspect a NAT where the gate was told our address', () => {
    const facts = { host: 'prod', knockPorts: [443], port: 22, wallMs: WALL_MS, hasPsk: false, openedMs: undefined };
    const nextOf = (privateAddresses: readonly string[], claimed: readonly string[] = []) =>
      inEnglish(silence({ ...facts, privateAddresses, claimed }).next);
    expect(nextOf([])).not.toContain('NAT');
    expect(nextOf([])).not.toContain('claimSource');
    expect(nextOf([], ['25.1.2.3'])).toMatch(/claimed to come from 25\.1\.2\.3\..*`claimSource` of this host to false/);
    expect(nextOf(['10.0.0.9'])).toContain('**The NAT.** 10.0.0.9 is');
  });

  it('says when the tags are used up', async () => {
    const { io, run } = scene();
    await io.ledger.takeSlots(pair, 32, ordinary(64), 0);
    expect((await run()).verdict.code).toBe('slots-exhausted');
  });

  it('can be cancelled', async () => {
    const { network, io } = scene(() => false);
    for (const afterMs of [10, 1000, 5000]) {
      const stop = new AbortController();
      const work = problemOf(() => diagnose(SUBJECT, io, stop.signal, () => {}));
      await network.clock.run(network.clock.sleep(afterMs));
      stop.abort();
      expect((await network.clock.run(work)).code).toBe('cancelled');
    }
  });
});

describe('the report', () => {
  const about = { version: '0.1.0', system: 'linux x64' };

  it('shows the line to compare, in the document alone', async () => {
    const found = await scene(() => false).walk();
    const line = `knockgate1 client ${toBase64Url(pair.clientPublic)} alice-laptop`;
    expect(asDocument(found)).toContain(line);
    expect(asDocument(found)).toMatch(/^# Diagnosis: prod\n\n\*\*prod: knocked, and nothing answered\.\*\*/);
    for (const withNames of [true, false]) {
      const text = asIssueText(found, about, withNames);
      expect(text).toMatch(/Knockgate 0\.1\.0, linux x64/);
      expect(text).not.toContain(toBase64Url(pair.clientPublic));
    }
  });

  it('is in the language of the reader, but for an issue in English', async () => {
    const found = await scene(() => false).walk();
    speak((message) => message.toUpperCase());
    onTestFinished(() => speak(english));
    expect(asDocument(found)).toMatch(/^# DIAGNOSIS: /);
    expect(asIssueText(found, about, true)).toContain('prod: knocked, and nothing answered.');
  });

  it('leaves names and addresses out when asked', async () => {
    const host: Host = { ...HOST, name: 'prod', address: 'Gate.Example' };
    const { io, network } = scene();
    const resolving: DiagnoseIo = { ...io, resolve: async () => ['192.0.2.2', '2001:db8::2'] };
    const found = await network.clock.run(
      diagnose({ ...SUBJECT, host }, resolving, new AbortController().signal, () => {}),
    );
    const text = asIssueText(found, about, false);
    for (const word of ['prod', '192.0.2.2', '2001:db8', '10.0.0.9', 'example'])
      expect(text).not.toMatch(new RegExp(word, 'i'));
    expect(text).toMatch(/HOST-1.*ADDRESS-1/s);
    expect(asIssueText(found, about, true)).toContain('192.0.2.2');
  });

  it('holds no secret', async () => {
    const found = await scene().walk();
    const all = asDocument(found) + asIssueText(found, about, true) + JSON.stringify(found);
    for (const secret of [new Uint8Array(32).fill(1), pair.staticShared, pair.tagKey, pair.maskKey])
      expect(all).not.toContain(toBase64Url(secret));
  });
});
