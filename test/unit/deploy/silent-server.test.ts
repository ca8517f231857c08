import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openSsh2 } from '../../../src/deploy/connection/ssh2/carrier.ts';
import { Patience } from '../../../src/deploy/connection/ssh2/patience.ts';
import { problemOf } from '../client/support.ts';
import { SETTINGS } from './support.ts';

const PROMPTS = { secret: async () => undefined, text: async () => undefined, confirm: async () => true };

/** A server that takes connections and says nothing. */
async function silentPort(): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => {}));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('a server that says nothing', () => {
  it('is given up after the ConnectTimeout of the configuration', async () => {
    const port = await silentPort();
    const settings = { ...SETTINGS, hostName: '127.0.0.1', port, all: new Map([['connecttimeout', '1']]) };
    const look = () => Promise.reject(new Error('no jump host'));
    const { code, why } = await problemOf(() =>
      openSsh2(settings, { prompts: PROMPTS, here: { home: '/', user: 'alice', env: {} }, look }),
    );
    expect([code, why]).toEqual(['not-reached', expect.stringContaining('no answer within 1 s')]);
  });
});

describe('patience', () => {
  it('does not count the time in which a person is asked', async () => {
    let isOver = false;
    const patience = new Patience(() => {
      isOver = true;
    });
    patience.start(20);
    let answer: (yes: boolean) => void = () => {};
    const asked = new Promise<boolean>((resolve) => {
      answer = resolve;
    });
    const confirmed = patience.around({ ...PROMPTS, confirm: () => asked }, 60_000).confirm('Go on?');
    await new Promise((resolve) => setTimeout(resolve, 60));
    answer(true);
    expect([await confirmed, isOver]).toEqual([true, false]);
    patience.stop();
  });
});
