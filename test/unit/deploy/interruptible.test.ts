import { describe, expect, it } from 'vitest';
import { interruptible, untilCancelled } from '../../../src/deploy/connection/interruptible.ts';
import type { Ran, Remote } from '../../../src/deploy/connection/remote.ts';

const DONE: Ran = { code: 0, stdout: 'x', stderr: '' };
const CANCELLED = { text: { code: 'cancelled' } };

/** A connection whose programs end when they are told to. */
function slowRemote() {
  let end = (_: Ran) => {};
  let fail = (_: Error) => {};
  const running = new Promise<Ran>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });
  const remote: Remote = {
    carrier: 'ssh2',
    hostKey: { type: 'ssh-ed25519', fingerprint: 'SHA256:x' },
    run: () => running,
    close: async () => {},
  };
  return { remote, end: () => end(DONE), fail: (error: Error) => fail(error) };
}

describe('a wait that the person may cancel', () => {
  it('gives the result, or the error', async () => {
    const { signal } = new AbortController();
    expect(await untilCancelled(Promise.resolve(1), 'prod', signal)).toBe(1);
    await expect(untilCancelled(Promise.reject(new Error('broken')), 'prod', signal)).rejects.toThrow('broken');
  });

  it('ends at once when it is cancelled, before or meanwhile', async () => {
    const { remote } = slowRemote();
    const cancel = new AbortController();
    const waiting = interruptible(remote, 'prod', cancel.signal).run(['true']);
    cancel.abort();
    await expect(waiting).rejects.toMatchObject(CANCELLED);
    await expect(interruptible(remote, 'prod', cancel.signal).run(['true'])).rejects.toMatchObject(CANCELLED);
  });

  it('hands over a result that comes too late, such as a connection to close, and ignores a late error', async () => {
    const cancel = new AbortController();
    for (const end of ['resolve', 'reject'] as const) {
      const slow = slowRemote();
      const late: Ran[] = [];
      const waiting = untilCancelled(slow.remote.run([]), 'prod', cancel.signal, (ran) => late.push(ran));
      cancel.abort();
      await expect(waiting).rejects.toMatchObject(CANCELLED);
      if (end === 'resolve') slow.end();
      else slow.fail(new Error('lost'));
      await new Promise((done) => setImmediate(done));
      expect(late).toEqual(end === 'resolve' ? [DONE] : []);
    }
  });
});
