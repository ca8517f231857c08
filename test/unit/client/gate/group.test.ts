import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { openAny } from '../../../../src/client/gate/group.ts';
import type { Open, Opened, OpenRequest } from '../../../../src/client/hosts/server-kind.ts';

const REQUEST: OpenRequest = { force: false, timeoutMs: 1000, sshPort: undefined };

function opened(socket = new Socket()): Opened {
  const result = {
    kind: 'open',
    address: '192.0.2.2',
    port: 22,
    afterMs: 3,
    knocks: 1,
    sourceClaimed: false,
    socket,
  } as const;
  return { result, untilMs: 0 };
}

const sent: Opened = { result: { kind: 'sent', addresses: ['192.0.2.2'], knocks: 4 }, untilMs: 0 };

/** A gate that gets no packet: its knock ends when it is given up, or fails. */
const silent: Open = (_, signal) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('given up')), { once: true });
  });

describe('a group', () => {
  const never = new AbortController().signal;

  it('is open when one gate has opened, and gives the others up', async () => {
    const result = opened();
    expect(await openAny([silent, async () => result, silent], REQUEST, never)).toBe(result);
  });

  it('keeps one connection when two gates open', async () => {
    const [first, second] = [new Socket(), new Socket()];
    const { result } = await openAny([async () => opened(first), async () => opened(second)], REQUEST, never);
    expect(result.kind === 'open' && result.socket).toBe(first);
    expect([first.destroyed, second.destroyed]).toEqual([false, true]);
  });

  it('is open when the others fail', async () => {
    const result = opened();
    const fails: Open = () => Promise.reject(new Error('no slots'));
    expect(await openAny([fails, async () => result], REQUEST, never)).toBe(result);
  });

  it('counts all knocks where nothing shows whether a port is open', async () => {
    const { result } = await openAny([async () => sent, async () => sent], REQUEST, never);
    expect(result).toMatchObject({ kind: 'sent', knocks: 8 });
  });

  it('says of the first gate why no gate has opened', async () => {
    const fails = (why: string) => () => Promise.reject(new Error(why));
    await expect(openAny([fails('first'), fails('second')], REQUEST, never)).rejects.toThrow('first');
  });

  it('ends when its caller gives up', async () => {
    const over = new AbortController();
    const all = openAny([silent, silent], REQUEST, over.signal);
    over.abort();
    await expect(all).rejects.toThrow('given up');
  });

  it('says that its packets are out when those of all gates are', async () => {
    const calls: string[] = [];
    const bound =
      (name: string): Open =>
      async (request) => {
        calls.push(name);
        request.onBoundSent?.();
        return sent;
      };
    await openAny([bound('first'), bound('second')], { ...REQUEST, onBoundSent: () => calls.push('out') }, never);
    expect(calls).toEqual(['first', 'second', 'out']);
  });
});
