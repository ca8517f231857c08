import { describe, expect, it } from 'vitest';
import { toBase64Url } from '../../../../src/base/bytes.ts';
import { parsePort } from '../../../../src/base/ports.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { knockBeforeConnecting } from '../../../../src/vscode/auto-knock/on-open.ts';
import { problemOf, systemError, WALL_MS } from '../../client/support.ts';
import { DOOR, FakeComputer, FOREVER, HOST, onlyClientKeys, PRIVATE_KEY } from '../support.ts';

const OPENING = { reason: 'window opened', force: false, trustMs: 5000 };
const COMMAND = { reason: 'command', force: true, trustMs: 0 };

/** A computer before a gate that opens at the first knock. */
function openingGate() {
  const computer = new FakeComputer();
  computer.network.portState = (_, atMs) => {
    const first = computer.network.sent[0];
    return first !== undefined && atMs >= first.atMs ? 'open' : 'silent';
  };
  return computer;
}

describe('a knock', () => {
  it('opens, and says until when and what answered', async () => {
    const computer = openingGate();
    const { knocker, states, log } = computer.window();
    const seen: string[] = [];
    states.onDidChange((name) => seen.push(`${name} ${states.get(name).kind}`));
    await computer.clock.run(knocker.knock(DOOR, COMMAND, FOREVER));
    expect(seen).toEqual(['prod knocking', 'prod open']);
    const answer = { address: '192.0.2.2', port: 22, knocks: 1, sourceClaimed: false };
    expect(states.get('prod')).toMatchObject({ kind: 'open', untilMs: WALL_MS + 30_000, answer });
    expect(log.lines.join()).toContain('prod: open after 1 ms (192.0.2.2 tcp/22) (command)');
    await computer.clock.run(computer.clock.sleep(31_000));
    expect(states.get('prod')).toEqual({ kind: 'closed' });
    expect(states.lastAnswer('prod')).toMatchObject(answer);
  });

  it('is one for two windows that open together', async () => {
    const computer = openingGate();
    const [first, second] = [computer.window(), computer.window()];
    const knocks = [first, second].map(({ knocker }) => knocker.knock(DOOR, OPENING, FOREVER));
    await computer.clock.run(Promise.all(knocks));
    expect(computer.network.sent).toHaveLength(1);
    expect(computer.network.probes.length).toBeLessThanOrEqual(1);
    for (const { states } of [first, second]) expect(states.get('prod').kind).toBe('open');
  });

  it('is one for who asks while it is under way, and each may leave', async () => {
    const computer = new FakeComputer();
    const { knocker, states } = computer.window();
    const first = problemOf(() => knocker.knock(DOOR, OPENING, FOREVER));
    const stop = new AbortController();
    const second = problemOf(() => knocker.knock(DOOR, OPENING, stop.signal));
    await computer.clock.run(computer.clock.sleep(100));
    stop.abort();
    expect((await computer.clock.run(second)).code).toBe('cancelled');
    expect(states.get('prod').kind).toBe('knocking');
    expect((await computer.clock.run(first)).code).toBe('no-answer');
    expect(computer.network.sent).toHaveLength(4);
  });

  it('that a person asks for is sent though the door is open', async () => {
    const computer = openingGate();
    const { knocker } = computer.window();
    await computer.clock.run(knocker.knock(DOOR, OPENING, FOREVER));
    await computer.clock.run(computer.clock.sleep(6000));
    await computer.clock.run(knocker.knock(DOOR, OPENING, FOREVER));
    expect(computer.network.sent).toHaveLength(1);
    await computer.clock.run(knocker.knock(DOOR, COMMAND, FOREVER));
    expect(computer.network.sent).toHaveLength(2);
  });

  it('that failed says why, and the next one is sent', async () => {
    const computer = new FakeComputer();
    const { knocker, states } = computer.window();
    const again = () => computer.clock.run(problemOf(() => knocker.knock(DOOR, OPENING, FOREVER)));
    expect((await again()).code).toBe('no-answer');
    expect(states.get('prod')).toMatchObject({ kind: 'failed', problem: { code: 'no-answer' } });
    expect((await again()).code).toBe('no-answer');
    expect(computer.network.sent).toHaveLength(8);
  });

  it('that was cancelled leaves things as they were', async () => {
    const computer = openingGate();
    const { knocker, states } = computer.window();
    await computer.clock.run(knocker.knock(DOOR, OPENING, FOREVER));
    const before = states.get('prod');
    const stop = new AbortController();
    stop.abort();
    expect((await computer.clock.run(problemOf(() => knocker.knock(DOOR, COMMAND, stop.signal)))).code).toBe(
      'cancelled',
    );
    expect(states.get('prod')).toEqual(before);
  });

  it('fails with the gate’s key when that is not one', async () => {
    const computer = new FakeComputer();
    const { knocker } = computer.window();
    const host = { ...HOST, gate: { ...HOST.gate, key: new Uint8Array(32) } };
    expect((await computer.clock.run(problemOf(() => knocker.knock({ ...DOOR, host }, COMMAND, FOREVER)))).code).toBe(
      'gate-key-unusable',
    );
  });

  it('for UDP only says that it cannot tell', async () => {
    const computer = new FakeComputer();
    const { knocker, states } = computer.window();
    const host = { ...HOST, ports: [{ protocol: 'udp' as const, port: 51820 }] };
    await computer.clock.run(knocker.knock({ ...DOOR, host }, COMMAND, FOREVER));
    expect(states.get('prod').kind).toBe('sent');
  });

  it.each([
    [undefined, [], 22],
    [2222, [], 2222],
    [2222, ['tcp/22', 'tcp/2222'], 2222],
    [2222, ['tcp/22'], 22],
    [2222, ['udp/60001', 'tcp/80'], 80],
  ])('waits for port %s of ssh, with %j asked for, at %i', async (sshPort, ports, waitedFor) => {
    const computer = openingGate();
    const { knocker } = computer.window();
    const host = { ...HOST, ports: ports.map((port) => parsePort(port)) };
    await computer.clock.run(knocker.knock({ ...DOOR, host, sshPort }, COMMAND, FOREVER));
    expect(computer.network.probes.map(({ port }) => port)).toEqual([waitedFor]);
  });

  it('never tells the log the key', async () => {
    const computer = openingGate();
    const { knocker, log } = computer.window();
    await computer.clock.run(knocker.knock(DOOR, COMMAND, FOREVER));
    expect(log.lines.join()).not.toContain(toBase64Url(PRIVATE_KEY));
    expect(log.lines.join()).not.toContain(Buffer.from(PRIVATE_KEY).toString('hex'));
  });
});

describe('before a window connects', () => {
  const settings = { enabled: true, timeoutMs: 2000 };

  it('the knock is sent, and the window goes on as soon as the port is open', async () => {
    const computer = openingGate();
    const window = { ...computer.window(), clock: computer.clock };
    await computer.clock.run(knockBeforeConnecting(Promise.resolve(DOOR), settings, 0, window));
    expect(computer.network.sent).toHaveLength(1);
    expect(computer.clock.monotonicMs()).toBeLessThan(50);
    const moments = window.marks.lines().map((line) => line.replace(/.*ms +/, ''));
    expect(moments.slice(0, 2)).toEqual(['loading', 'key asked for']);
    // In any order: at once.
    expect(moments.slice(2, -2).sort()).toEqual(['address known', 'key given', 'keys derived', 'turn taken']);
    expect(moments.slice(-2)).toEqual(['packet sent', 'port open']);
  });

  it('it waits no longer than the bound, and the knock goes on', async () => {
    const computer = new FakeComputer();
    const { knocker, states, log } = computer.window();
    await computer.clock.run(
      knockBeforeConnecting(Promise.resolve(DOOR), settings, 0, { knocker, log, clock: computer.clock }),
    );
    expect(computer.clock.monotonicMs()).toBe(1900);
    expect(log.lines.at(-1)).toMatch(/held up for 1900 ms, of 2000 ms that it may be; the timer was 0 ms late/);
    expect(states.get('prod').kind).toBe('knocking');
    await computer.clock.run(computer.clock.sleep(9000));
    expect(states.get('prod').kind).toBe('failed');
  });

  it('it counts what the start of the extension took', async () => {
    const computer = new FakeComputer();
    const { knocker, log } = computer.window();
    await computer.clock.run(computer.clock.sleep(700));
    const io = { knocker, log, clock: computer.clock };
    await computer.clock.run(knockBeforeConnecting(Promise.resolve(DOOR), settings, 100, io));
    expect(computer.clock.monotonicMs()).toBe(2000);
    expect(log.lines.at(-1)).toMatch(/held up for 1900 ms, of 2000 ms that it may be; the timer was 0 ms late/);
  });

  it.each([
    ['without a key', { keys: onlyClientKeys(() => Promise.reject(new Error('x'))) }],
    ['where the network is gone', { openRoute: () => Promise.reject(systemError('ENETUNREACH')) }],
    ['with a key that hangs', { keys: onlyClientKeys(() => new Promise<never>(() => {})) }],
    [
      'with a fault in the crypto',
      {
        crypto: {
          ...nodeCrypto,
          agree: () => {
            throw new TypeError('x');
          },
        },
      },
    ],
  ])('it always returns: %s', async (_, changes) => {
    const computer = new FakeComputer();
    const { knocker, log } = computer.window(changes);
    await computer.clock.run(
      knockBeforeConnecting(Promise.resolve(DOOR), settings, 0, { knocker, log, clock: computer.clock }),
    );
    expect(computer.clock.monotonicMs()).toBeLessThanOrEqual(2000);
    expect(computer.network.sent).toEqual([]);
  });

  it('nothing is sent when it is turned off', async () => {
    const computer = openingGate();
    const { knocker, log } = computer.window();
    const off = { ...settings, enabled: false };
    await computer.clock.run(
      knockBeforeConnecting(Promise.resolve(DOOR), off, 0, { knocker, log, clock: computer.clock }),
    );
    expect(computer.network.sent).toEqual([]);
  });
});
