import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { askGate } from '../../../src/deploy/ask-gate.ts';
import type { Ran, Remote } from '../../../src/deploy/connection/remote.ts';
import { formatKey } from '../../../src/spa/keys.ts';
import { problemOf } from '../support.ts';
import { PSK, SETTINGS } from './support.ts';

const [OURS, OTHERS] = [9, 8].map((byte) => new Uint8Array(32).fill(byte)) as [Uint8Array, Uint8Array];
const CLIENTS = [
  { name: 'alice-laptop', key: formatKey(OURS) },
  { name: 'alice-phone', key: formatKey(OTHERS) },
];

const GATE = { key: OTHERS, slots: 32, addresses: ['192.0.2.2'], knockPorts: [443], name: 'prod' };

/** Runs a command for a gate with two clients. @returns the commands that ran there */
async function ask(...argv: string[]): Promise<string[]> {
  const ran: string[] = [];
  await askFor({ code: 0, stdout: JSON.stringify(CLIENTS), stderr: '' }, ran, argv);
  return ran;
}

/** A login of a device that knows the gate. */
interface Known {
  readonly settings: typeof SETTINGS;
  readonly seen: string[];
}

/** @param list how the gate answers when it is asked who may knock */
async function askFor(list: Ran, ran: string[], argv: string[], known?: Known): Promise<void> {
  const remote: Remote = {
    carrier: 'ssh',
    hostKey: { type: '', fingerprint: '' },
    run: async (words) => {
      ran.push(words.join(' '));
      if (words[0] === 'printenv') return { code: 0, stdout: '198.51.100.7 40022 192.0.2.2 22\n', stderr: '' };
      return words.includes('list') ? list : { code: 0, stdout: '', stderr: '' };
    },
    close: async () => undefined,
  };
  await askGate(
    {
      host: 'prod',
      login: { settings: known?.settings ?? SETTINGS, systemBecause: [], open: async () => remote },
      device: {
        // The key decides: the gate may have another name for it.
        client: { key: OURS, name: 'alice' },
        known: known && GATE,
        psk: undefined,
        randomBytes: (count: number) => PSK.subarray(0, count),
        noteSeen: async (_gate, address, seen) => {
          known?.seen.push(`${address} ${seen}`);
        },
        gates: [],
        knock: async () => ({ socket: new Socket(), address: '192.0.2.2', afterMs: 1 }),
        save: async () => async () => undefined,
      },
      probe: async () => ({ kind: 'open', socket: new Socket() }),
      resolve: async (name) => [name],
      signal: new AbortController().signal,
    },
    argv,
  );
}

describe('the address that the server sees', () => {
  it.each<[string, Partial<typeof SETTINGS>, string[]]>([
    ['is noted after a direct login', { hostName: '192.0.2.2' }, ['192.0.2.2 198.51.100.7']],
    ['is that of another host behind a jump', { hostName: '192.0.2.2', proxyJump: 'bastion' }, []],
    ['is unknown behind a ProxyCommand', { hostName: '192.0.2.2', proxyCommand: 'nc %h %p' }, []],
  ])('%s', async (_, change, expected) => {
    const seen: string[] = [];
    const settings = { ...SETTINGS, ...change };
    await askFor({ code: 0, stdout: '', stderr: '' }, [], ['status'], { settings, seen });
    expect(seen).toEqual(expected);
  });
});

describe('a command for a gate over SSH', () => {
  it('does not remove the key of this login', async () => {
    for (const words of [
      ['remove', 'alice-laptop'],
      ['--json', 'remove', '--', 'alice-laptop'],
    ]) {
      const problem = await problemOf(() => ask('client', ...words));
      expect(problem).toMatchObject({ code: 'own-key-not-removed', exit: 2 });
    }
  });

  it.each<[string, Ran, string]>([
    ['not understood', { code: 0, stdout: 'Welcome!', stderr: '' }, 'answer-not-understood'],
    ['refused', { code: 3, stdout: '', stderr: 'gate.toml: line 3' }, 'step-failed'],
  ])('takes nothing away when the list of clients is %s', async (_, list, code) => {
    const ran: string[] = [];
    const problem = await problemOf(() => askFor(list, ran, ['client', 'remove', 'alice-phone']));
    expect(problem).toMatchObject({ code, exit: 3 });
    expect(ran.filter((words) => words.includes('remove'))).toEqual([]);
  });

  it('removes the key of another device', async () => {
    expect((await ask('client', 'remove', 'alice-phone')).at(-1)).toBe('knockgated client remove alice-phone');
  });

  const LINE = `knockgate1 client ${formatKey(OTHERS)} phone`;
  it.each([
    ['its key', formatKey(OTHERS)],
    ['its line', LINE],
  ])('removes a device by %s, whatever the gate calls it', async (_, wanted) => {
    expect((await ask('client', 'remove', wanted)).at(-1)).toBe('knockgated client remove alice-phone');
  });

  it('does not remove its own key by the key itself', async () => {
    const problem = await problemOf(() => ask('client', 'remove', formatKey(OURS)));
    expect(problem).toMatchObject({ code: 'own-key-not-removed' });
  });

  it('succeeds for a key that the gate does not know: it may be removed from many gates', async () => {
    const unknown = formatKey(new Uint8Array(32).fill(7));
    expect(await ask('client', 'remove', unknown)).toEqual(['knockgated client list --json']);
    expect((await ask('client', 'remove', 'nobody')).at(-1)).toBe('knockgated client remove nobody');
  });

  it('is run unchanged', async () => {
    expect(await ask('revoke', 'alice-laptop')).toEqual(['knockgated revoke alice-laptop']);
  });
});
