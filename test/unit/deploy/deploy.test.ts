import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { concat } from '../../../src/base/bytes.ts';
import { openExportedKey, readSealedText } from '../../../src/client/keys/exported-key.ts';
import { deploy } from '../../../src/deploy/deploy.ts';
import type { DeployInput } from '../../../src/deploy/deploy-input.ts';
import type { DeployUi } from '../../../src/deploy/deploy-ui.ts';
import { type AskForTarget, RecoveryFile } from '../../../src/deploy/second-way/recovery-file.ts';
import type { SecondWay } from '../../../src/deploy/second-way/second-way.ts';
import { nodeCrypto } from '../../../src/spa/crypto-node.ts';
import { formatKey } from '../../../src/spa/keys.ts';
import { temporaryFolder } from '../client/support.ts';
import { problemOf } from '../support.ts';
import { FakeServer } from './fake-server.ts';
import { PSK } from './support.ts';

const HOUR_MS = 3_600_000;
/** A derivation that costs nothing. */
const IO = {
  crypto: nodeCrypto,
  deriveKey: async (passphrase: Uint8Array, salt: Uint8Array) => nodeCrypto.sha256(concat(salt, passphrase)),
};
const PASSPHRASE = 'correct horse battery staple';

let server: FakeServer;
let path: string;
beforeEach(() => {
  server = new FakeServer();
  path = join(temporaryFolder(), 'prod-recovery');
});

const recoveryKey = (ask: AskForTarget = async () => ({ path, passphrase: PASSPHRASE })): SecondWay => {
  const keeper = RecoveryFile.create(ask, IO);
  return { kind: 'recovery-key', client: { key: keeper.publicKey, name: 'alice-recovery' }, keeper };
};
const opened = async () => (await openExportedKey(readSealedText(path), PASSPHRASE, path, IO)).exported;
const run = (ui: Partial<DeployUi>, changes: Partial<DeployInput> = {}) =>
  server.clock.run(deploy(server.input(ui, changes)));
const withRecoveryKey = { chooseSecondWay: async () => recoveryKey() };

describe('the knock ports of a new gate', () => {
  /** Knock ports in gate.toml, when these numbers are drawn one after the other. */
  async function knockPorts(...drawn: number[]) {
    const input = server.input({});
    const randomBytes = (count: number) => {
      const bytes = new Uint8Array(count);
      new DataView(bytes.buffer).setUint32(0, drawn.shift() ?? 0);
      return bytes;
    };
    await server.clock.run(deploy({ ...input, device: { ...input.device, psk: PSK, randomBytes } }));
    return /knock_ports = (.*)/.exec(server.files.get('/etc/knockgate/gate.toml') ?? '')?.[1];
  }

  it.each([
    [0, '[443, 10000]'],
    [22_767, '[443, 32767]'],
    [2 ** 32 - 1, /^\[443, [1-3]\d{4}\]$/],
  ])('are that of HTTPS and one that is drawn: %s', async (number, ports) => {
    expect(await knockPorts(number, 1, 2)).toMatch(ports);
  });

  it('are others where something listens', async () => {
    server.udpListeners = ['UNCONN 0 0 0.0.0.0:443 0.0.0.0:*', 'UNCONN 0 0 0.0.0.0:10005 0.0.0.0:*'].join('\n');
    expect(await knockPorts(5, 6, 7)).toBe('[10006]');
  });
});

describe('an upgrade', () => {
  it('changes nothing where there is no gate', async () => {
    const problem = await problemOf(() => run({}, { onlyUpgrade: true }));
    expect(problem).toMatchObject({ code: 'no-gate', exit: 3 });
    expect(server.files.get('/etc/knockgate/gate.toml')).toBeUndefined();
  });

  it('is for a gate that is there', async () => {
    await run({});
    await run({}, { onlyUpgrade: true });
  });
});

describe('the pre-shared key of this device', () => {
  const FILE = '/etc/knockgate/psk/alice.psk';

  /** Pre-shared keys of the server and of this device. */
  async function pskOf(withoutPsk: boolean, own?: Uint8Array) {
    const input = server.input({});
    let kept: Uint8Array | undefined;
    const save: typeof input.device.save = (gate, found) => {
      kept = found?.psk;
      return input.device.save(gate);
    };
    const device = { ...input.device, psk: own, save };
    await server.clock.run(deploy({ ...input, device, secondWay: { kind: 'declined' }, options: { withoutPsk } }));
    return { there: server.files.get(FILE), kept };
  }

  it('is made, for the server and for this device', async () => {
    expect(await pskOf(false)).toEqual({ there: `${formatKey(PSK)}\n`, kept: PSK });
  });

  it('is not made with --no-psk', async () => {
    expect(await pskOf(true)).toEqual({ there: undefined, kept: undefined });
    expect([server.hides, server.enabled]).toEqual([true, true]);
  });

  it('that is there is used, also with --no-psk: this device knocks with it', async () => {
    const own = new Uint8Array(32).fill(3);
    expect(await pskOf(true, own)).toEqual({ there: `${formatKey(own)}\n`, kept: own });
  });
});

describe('the port of sshd', () => {
  it('is noted with the host: a knock waits for it', async () => {
    const input = server.input({});
    const noted: (number | undefined)[] = [];
    const save: typeof input.device.save = (gate, found) => {
      noted.push(found?.sshPort);
      return input.device.save(gate, found);
    };
    const device = { ...input.device, save };
    await server.clock.run(deploy({ ...input, device, secondWay: { kind: 'declined' }, options: {} }));
    expect(noted).toEqual([input.login.settings.port]);
  });
});

describe('setting up a gate', () => {
  it('may be read for hours: nobody is asked anything while the ports are hidden', async () => {
    const asked: { question: string; touched: boolean; hides: boolean }[] = [];
    const slowly = async <T>(question: string, answer: T): Promise<T> => {
      asked.push({ question, touched: server.isTouched, hides: server.hides });
      await server.clock.sleep(HOUR_MS);
      return answer;
    };
    const { report } = await run({
      approve: () => slowly('plan', 'yes'),
      chooseSecondWay: () =>
        slowly(
          'second way',
          recoveryKey(() => slowly('place', { path, passphrase: PASSPHRASE })),
        ),
    });
    expect(asked).toEqual(
      ['second way', 'plan', 'place'].map((question) => ({ question, touched: false, hides: false })),
    );
    expect([server.hides, server.enabled]).toEqual([true, true]);
    expect(report).toContain(`Second way in: the recovery key in ${path}, under its passphrase`);
  });

  it('leaves a file that gets its owner in from elsewhere, complete before anything is hidden', async () => {
    let whenHidden = 0;
    server.before = ([program, verb]) => {
      if (program === 'systemctl' && verb === 'restart') whenHidden = readSealedText(path).length;
    };
    await run(withRecoveryKey);
    const { identity, key, hosts } = await opened();
    expect(hosts.get('prod')).toEqual({ gate: server.line, login: 'ssh://dev@192.0.2.2:22' });
    expect([identity, nodeCrypto.publicKey(key).length]).toEqual(['recovery', 32]);
    expect(whenHidden).toBe(readSealedText(path).length);
  });

  it('tells how far it has come before it goes further', async () => {
    const input = server.input(withRecoveryKey);
    await server.clock.run(deploy(input));
    const order = [
      'Keep the recovery key',
      '(being-changed)',
      'Write the gate’s line into the recovery file',
      '(on-trial)',
      'Start the gate, which hides the ports',
      '(being-confirmed)',
      'Confirm: the trial ends, the gate stays',
    ];
    expect(input.steps.filter((step) => order.includes(step))).toEqual(order);
  });

  it('shows another plan for another second way in', async () => {
    const plans: string[] = [];
    const ways: SecondWay[] = [recoveryKey(), { kind: 'declined' }];
    await run({
      approve: async (document, isWayOpen) => {
        expect(isWayOpen).toBe(true);
        plans.push(document);
        return plans.length === 1 ? 'another-way' : 'yes';
      },
      chooseSecondWay: async () => ways.shift(),
    });
    expect(plans.map((plan) => /second way in: (.*)/.exec(plan)?.[1])).toEqual([
      'a recovery key, in a file under a passphrase that you choose next',
      'none, as asked for: without this key nobody gets in by ssh',
    ]);
    expect(existsSync(path)).toBe(false);
  });
});

describe('a person who stops', () => {
  it.each<[string, Partial<DeployUi>, string]>([
    ['at the plan', { approve: async () => 'no' }, 'prod: not approved. Nothing was changed.'],
    [
      'at the second way in',
      { chooseSecondWay: async () => undefined },
      'prod: no second way in was chosen. Nothing was changed.',
    ],
    [
      'before the recovery key is saved',
      { chooseSecondWay: async () => recoveryKey(async () => undefined) },
      'prod: the recovery key was not saved. Nothing was changed.',
    ],
  ])('%s is told that nothing was changed, which is true', async (_, ui, what) => {
    expect((await problemOf(() => run({ ...withRecoveryKey, ...ui }))).what).toBe(what);
    expect([server.isTouched, existsSync(path), server.line]).toEqual([false, false, undefined]);
  });

  it('in the middle is told what is left, and that the recovery key is void', async () => {
    const stop = new AbortController();
    server.before = (argv) => {
      if (argv.includes('/etc/knockgate')) stop.abort();
    };
    const { code, what } = await problemOf(() => run(withRecoveryKey, { signal: stop.signal }));
    expect(code).toBe('taken-back');
    expect(what).toBe(
      `prod: cancelled, and rolled back. prod is as it was before, but for the packages nftables, tcpdump, nodejs. tcp/22 is shown. The recovery file ${path} is void and was deleted.`,
    );
    expect([server.files.size, server.hasUser, server.hides, server.line, existsSync(path)]).toEqual([
      0,
      false,
      false,
      undefined,
      false,
    ]);
    expect([...server.packages]).toEqual(['nftables', 'tcpdump', 'nodejs']);
  });
});

describe('a trial that ends before it is confirmed', () => {
  it('is told as that, with how the server is now', async () => {
    // A login with a one-time code, which a person had to fetch.
    let logins = 0;
    const input = server.input(withRecoveryKey);
    const open = async () => {
      if (++logins === 2) await server.clock.sleep(200_000);
      return input.login.open();
    };
    const problem = await problemOf(() => server.clock.run(deploy({ ...input, login: { ...input.login, open } })));
    expect(problem.code).toBe('trial-over');
    expect(problem.what).toBe(
      `prod: the trial of 180 s ended before the gate was confirmed. prod is as it was before, but for the packages nftables, tcpdump, nodejs. tcp/22 is shown. The recovery file ${path} is void and was deleted.`,
    );
    expect([server.hides, server.enabled, server.files.size]).toEqual([false, false, 0]);
  });
});

describe('something that fails', () => {
  it('in the recovery file stops it before anything is hidden', async () => {
    let wasHidden = false;
    server.before = ([program, verb]) => {
      wasHidden ||= server.hides;
      if (program === 'knockgated' && verb === 'key') rmSync(path);
    };
    const { code, what } = await problemOf(() => run(withRecoveryKey));
    expect(code).toBe('recovery-file-changed');
    expect(what).toContain('prod is as it was before, but for the packages');
    expect(what).toContain(`The recovery file ${path} was moved or changed: every copy of it is void.`);
    expect([wasHidden, server.files.size]).toEqual([false, 0]);
  });

  it('and leaves something behind is reported by what is there, not by what was done', async () => {
    server.before = ([program, verb]) => {
      if (program === 'knockgated' && verb === 'check') {
        // Somebody else has changed the server meanwhile.
        server.enabled = true;
        throw new Error('port 22 is listed twice');
      }
    };
    const { what, why } = await problemOf(() => run(withRecoveryKey));
    expect(what).toContain('prod is not as it was before: what runs at the next boot. tcp/22 is shown.');
    expect(why).toBe('port 22 is listed twice');
  });

  it('by a lost connection says what is unknown, and keeps the recovery file', async () => {
    server.before = ([program, verb]) => {
      if (program === 'systemctl' && verb === 'restart') server.isLost = true;
    };
    const { code, what } = await problemOf(() => run(withRecoveryKey));
    expect(code).toBe('connection-lost');
    expect(what).toBe(
      'prod: the connection broke off. The unfinished changes are still on prod. They hide no port. It shows its ports again within 180 seconds in any case.',
    );
    expect((await opened()).hosts.has('prod')).toBe(true);
  });
});
