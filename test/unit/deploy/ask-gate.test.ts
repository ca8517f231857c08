import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { askGate } from '../../../src/deploy/ask-gate.ts';
import type { Remote } from '../../../src/deploy/connection/remote.ts';
import { formatKey } from '../../../src/spa/keys.ts';
import { problemOf } from '../support.ts';
import { PSK, SETTINGS } from './support.ts';

const [OURS, OTHERS] = [9, 8].map((byte) => new Uint8Array(32).fill(byte)) as [Uint8Array, Uint8Array];
const CLIENTS = [
  { name: 'alice-laptop', key: formatKey(OURS) },
  { name: 'alice-phone', key: formatKey(OTHERS) },
];

/** Has a gate with two clients do something; returns what was run there, in words. */
async function ask(...argv: string[]): Promise<string[]> {
  const ran: string[] = [];
  const remote: Remote = {
    carrier: 'ssh',
    hostKey: { type: '', fingerprint: '' },
    run: async (words) => {
      ran.push(words.join(' '));
      return { code: 0, stdout: words.includes('list') ? JSON.stringify(CLIENTS) : '', stderr: '' };
    },
    close: async () => undefined,
  };
  await askGate(
    {
      host: 'prod',
      login: { settings: SETTINGS, systemBecause: [], open: async () => remote },
      device: {
        // By its key: the gate may call it otherwise.
        client: { key: OURS, name: 'alice' },
        known: undefined,
        psk: undefined,
        randomBytes: (count: number) => PSK.subarray(0, count),
        gates: [],
        knock: async () => ({ socket: new Socket(), address: '192.0.2.2', afterMs: 1 }),
        save: async () => async () => undefined,
      },
      probe: () => Promise.reject(new Error('nothing is probed without a gate that is known')),
      resolve: async (name) => [name],
      signal: new AbortController().signal,
    },
    argv,
  );
  return ran;
}

describe('what is asked of a gate from afar', () => {
  it('does not take away the key that one came in with', async () => {
    for (const words of [
      ['remove', 'alice-laptop'],
      ['--json', 'remove', '--', 'alice-laptop'],
    ]) {
      const problem = await problemOf(() => ask('client', ...words));
      expect(problem).toMatchObject({ code: 'own-key-not-removed', exit: 2 });
    }
  });

  it('is to take away that of another device', async () => {
    expect((await ask('client', 'remove', 'alice-phone')).at(-1)).toBe('knockgated client remove alice-phone');
  });

  it('is run unchanged', async () => {
    expect(await ask('revoke', 'alice-laptop')).toEqual(['knockgated revoke alice-laptop']);
  });
});
