import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Ran, Remote } from '../../../src/deploy/connection/remote.ts';
import { connectToGate } from '../../../src/deploy/gate-connection.ts';
import type { LoginInput } from '../../../src/deploy/log-in.ts';
import { PSK, SETTINGS } from './support.ts';

const KEY = new Uint8Array(32).fill(8);
const GATE = { key: KEY, slots: 32, addresses: ['192.0.2.2'], knockPorts: [443], name: 'prod' };

/** A login whose programs succeed, unless `fails` names one. */
function login(fails?: string) {
  const ran: string[] = [];
  const state = { isOpen: true, knocks: 0 };
  const answer = (word = ''): Ran => ({
    code: 0,
    stdout: word === 'printenv' ? '203.0.113.5 1 192.0.2.2 22\n' : '',
    stderr: '',
  });
  const remote: Remote = {
    carrier: 'ssh',
    hostKey: { type: '', fingerprint: '' },
    run: async (argv, options) => {
      ran.push(`${options?.sudo ? 'sudo ' : ''}${argv.join(' ')}`);
      if (argv[0] === fails) throw new Error('no root');
      return answer(argv[0]);
    },
    close: async () => {
      state.isOpen = false;
    },
  };
  const input: LoginInput = {
    host: 'prod',
    login: { settings: { ...SETTINGS, hostName: '192.0.2.2' }, systemBecause: [], open: async () => remote },
    device: {
      client: { key: KEY, name: 'alice' },
      known: GATE,
      psk: undefined,
      randomBytes: (count: number) => PSK.subarray(0, count),
      noteSeen: async () => {},
      gates: [],
      knock: async () => {
        state.knocks += 1;
        return { socket: new Socket(), address: '192.0.2.2', afterMs: 1 };
      },
      save: async () => async () => undefined,
    },
    probe: () => Promise.reject(new Error('nobody answers without a knock')),
    resolve: async (name) => [name],
    signal: new AbortController().signal,
  };
  return { input, ran, state };
}

describe('a connection to a gate', () => {
  it('knocks at once, becomes root, and stays open for many questions', async () => {
    const { input, ran, state } = login();
    const connection = await connectToGate(input);
    expect(connection.seenFrom).toBe('203.0.113.5');
    await connection.ask(['activity', '--json']);
    await connection.ask(['events', '--json']);
    expect(ran.toSorted()).toEqual([
      'printenv SSH_CONNECTION',
      'sudo knockgated activity --json',
      'sudo knockgated events --json',
      'sudo true',
    ]);
    expect(state).toEqual({ isOpen: true, knocks: 1 });
    await connection.close();
    expect(state.isOpen).toBe(false);
  });

  it('is closed again when nobody can become root', async () => {
    const { input, state } = login('true');
    await expect(connectToGate(input)).rejects.toThrow('no root');
    expect(state.isOpen).toBe(false);
  });
});
