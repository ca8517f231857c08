import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { connectionLost } from '../../../src/deploy/connection/problems.ts';
import type { Ran, Remote } from '../../../src/deploy/connection/remote.ts';
import { LOCK } from '../../../src/deploy/host-lock.ts';
import { type RotatedGate, type RotateInput, rotateGateKey } from '../../../src/deploy/rotate.ts';
import { formatGateLine, type GateEnrolment } from '../../../src/spa/enrolment.ts';
import { formatKey } from '../../../src/spa/keys.ts';
import { FakeClock } from '../client/support.ts';
import { problemOf } from '../support.ts';
import { PSK, SETTINGS } from './support.ts';

const ALICE = { key: new Uint8Array(32).fill(9), name: 'alice' };
const lineOf = (key: number) =>
  formatGateLine({
    key: new Uint8Array(32).fill(key),
    slots: 8,
    addresses: ['192.0.2.2'],
    knockPorts: [443],
    name: 'prod',
  });
const [OLD, NEW, BROKEN_OFF, CUT] = [1, 2, 'broken off', 'cut, without a word'];
const UNDONE = ['rotate', 'rotate --back', 'rotate --finish'];

/** A host whose gate has one key, until `rotate` gives it another. */
class Rig {
  key = OLD;
  heard = true;
  logins = 0;
  readonly asked: string[] = [];
  /** Line that this device has. */
  line: GateEnrolment | undefined;
  /** Texts that the gate prints instead of an answer, by subcommand. */
  readonly instead = new Map<string, string>();
  /** Fault of the gate's rotation, before or after it has written its keys. */
  fault: { key: number; says: string } | undefined;
  diskIsFull = false;
  isLockedByAnother = false;
  /** Calls for the lock of the server. */
  readonly locking: ('new' | 'back')[] = [];

  private answer(argv: readonly string[]): string {
    const [, name = ''] = argv;
    const rest = argv.filter((word) => word === '--back' || word === '--finish');
    if (name === 'rotate') this.asked.push([name, ...rest].join(' '));
    const instead = rest.length > 0 ? undefined : this.instead.get(name);
    if (name === 'rotate' && instead !== undefined) this.key = NEW;
    if (instead !== undefined) return instead;
    if (name === 'client') return JSON.stringify([{ name: 'alice', key: formatKey(ALICE.key) }]);
    if (name === 'key') return `${lineOf(this.key)}\n`;
    if (name === 'list') return JSON.stringify(this.heard ? [{ client: 'alice' }] : []);
    if (name !== 'rotate') return '';
    if (this.fault !== undefined && rest.length === 0) {
      this.key = this.fault.key;
      throw this.fault.says === BROKEN_OFF ? connectionLost('prod') : new Error(this.fault.says);
    }
    if (!rest.includes('--finish')) this.key = rest.includes('--back') ? OLD : NEW;
    return JSON.stringify({ line: lineOf(this.key), until: null });
  }

  private lock(mode = ''): string {
    this.locking.push(mode === 'new' ? mode : 'back');
    return this.isLockedByAnother ? `held ${'A'.repeat(43)} carols-laptop 5 1 1199` : 'taken';
  }

  private open(): Remote {
    this.logins += 1;
    let isLost = false;
    const run = async (argv: readonly string[]): Promise<Ran> => {
      if (isLost) throw connectionLost('prod');
      try {
        const stdout = argv.includes(LOCK) ? this.lock(argv.at(-1)) : this.answer(argv);
        return { code: 0, stdout, stderr: '' };
      } catch (error) {
        isLost = (error as Error).name === 'Problem';
        if (isLost) throw error;
        isLost = (error as Error).message === CUT;
        if (isLost) return { code: null, stdout: '', stderr: '' };
        return { code: 1, stdout: '', stderr: (error as Error).message };
      }
    };
    return { carrier: 'ssh', hostKey: { type: '', fingerprint: '' }, run, close: async () => undefined };
  }

  rotate(): Promise<RotatedGate> {
    const clock = new FakeClock();
    const input: RotateInput = {
      host: 'prod',
      login: { settings: SETTINGS, systemBecause: [], open: async () => this.open() },
      device: {
        client: ALICE,
        known: undefined,
        psk: undefined,
        randomBytes: (count: number) => PSK.subarray(0, count),
        noteSeen: async () => {},
        gates: [],
        knock: async () => ({ socket: new Socket(), address: '192.0.2.2', afterMs: 1 }),
        save: async (gate) => {
          if (this.diskIsFull) throw new Error('no space left');
          this.line = gate;
          return async () => {
            this.line = undefined;
          };
        },
      },
      probe: () => Promise.reject(new Error('nothing is probed without a gate that is known')),
      resolve: async (name) => [name],
      signal: new AbortController().signal,
      options: [],
      ui: { step: () => undefined },
      clock,
    };
    return clock.run(rotateGateKey(input));
  }
}

describe('a rotation over SSH', () => {
  it('gives this device the new line, and is kept when the gate hears a knock with it', async () => {
    const rig = new Rig();
    const { report, line } = await rig.rotate();
    expect(report).toContain(lineOf(NEW));
    expect(line).toBe(lineOf(NEW));
    expect([rig.key, rig.line?.key[0], rig.asked]).toEqual([NEW, NEW, ['rotate']]);
  });

  it('has the lock of the server, and changes nothing while another device has it', async () => {
    const [free, busy] = [new Rig(), new Rig()];
    await free.rotate();
    expect(free.locking).toEqual(['new', 'back']);
    busy.isLockedByAnother = true;
    expect(await problemOf(() => busy.rotate())).toMatchObject({ code: 'host-busy' });
    expect([busy.key, busy.line, busy.asked]).toEqual([OLD, undefined, []]);
  });

  it('is undone when the gate wrote its new key and then failed', async () => {
    const rig = new Rig();
    rig.fault = { key: NEW, says: 'the daemon did not take it' };
    const problem = await problemOf(() => rig.rotate());
    expect(problem).toMatchObject({ why: 'the daemon did not take it', next: expect.stringMatching(/previous key/) });
    expect([rig.key, rig.line, rig.asked, rig.logins]).toEqual([OLD, undefined, UNDONE, 1]);
  });

  it.each([
    [BROKEN_OFF, 'connection-lost'],
    [CUT, 'step-failed'],
  ])('is undone over a new login when the connection broke off before the line came: %s', async (says, code) => {
    const rig = new Rig();
    rig.fault = { key: NEW, says };
    const problem = await problemOf(() => rig.rotate());
    expect(problem).toMatchObject({ code, next: expect.stringMatching(/have the previous key/) });
    expect([rig.key, rig.line, rig.asked, rig.logins]).toEqual([OLD, undefined, UNDONE, 2]);
  });

  it.each([
    ['rotate', ''],
    ['rotate', '{"line": "knockgate1 gate"}'],
    ['list', 'Welcome!'],
  ])('is undone when the answer to %s is not understood: %s', async (name, text) => {
    const rig = new Rig();
    rig.instead.set(name, text);
    const problem = await problemOf(() => rig.rotate());
    expect(problem).toMatchObject({ code: 'answer-not-understood', exit: 3 });
    expect(problem.next).toMatch(/have the previous key/);
    expect([rig.key, rig.line, rig.asked, rig.logins]).toEqual([OLD, undefined, UNDONE, 1]);
  });

  it.each([
    ['key', 'none'],
    ['client', 'Welcome!'],
    ['client', JSON.stringify([{ name: 'no name', key: formatKey(ALICE.key) }])],
  ])('changes nothing when the answer to %s is not understood: %s', async (name, text) => {
    const rig = new Rig();
    rig.instead.set(name, text);
    expect(await problemOf(() => rig.rotate())).toMatchObject({ code: 'answer-not-understood' });
    expect([rig.key, rig.asked]).toEqual([OLD, []]);
  });

  it('is undone when this device cannot keep the new line, or is not heard with it', async () => {
    const [full, unheard] = [new Rig(), new Rig()];
    full.diskIsFull = true;
    unheard.heard = false;
    for (const rig of [full, unheard]) {
      expect((await problemOf(() => rig.rotate())).next).toMatch(/have the previous key/);
      expect([rig.key, rig.line, rig.asked]).toEqual([OLD, undefined, UNDONE]);
    }
  });

  it.each([BROKEN_OFF, 'A rotation is in progress'])('leaves a gate alone that changed nothing: %s', async (says) => {
    const rig = new Rig();
    rig.fault = { key: OLD, says };
    expect((await problemOf(() => rig.rotate())).next ?? '').not.toMatch(/previous key/);
    expect([rig.key, rig.asked]).toEqual([OLD, ['rotate']]);
  });
});
