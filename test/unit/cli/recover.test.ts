import { readdirSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { concat } from '../../../src/base/bytes.ts';
import type { Shell } from '../../../src/cli/shell.ts';
import { type ExportedHost, writeExportedKey } from '../../../src/client/keys/exported-key.ts';
import { newSealKey } from '../../../src/client/keys/sealed-key-file.ts';
import { nodeCrypto } from '../../../src/spa/crypto-node.ts';
import { parseGateLine } from '../../../src/spa/enrolment.ts';
import { clientPrivate, requestOf, temporaryFolder } from '../client/support.ts';
import { gateLine, knockgate } from './support.ts';

const PASSPHRASE = 'correct horse battery staple';
const PROD: ExportedHost = { gate: parseGateLine(gateLine()), login: 'ssh://dev@127.0.0.1:2222' };

/** A computer that knows nothing. */
let home: string;
let file: string;
beforeEach(() => {
  home = temporaryFolder();
  file = join(temporaryFolder(), 'prod');
});

async function fileOf(hosts: Readonly<Record<string, ExportedHost>>): Promise<void> {
  const io = {
    crypto: nodeCrypto,
    deriveKey: async (passphrase: Uint8Array, salt: Uint8Array) => nodeCrypto.sha256(concat(salt, passphrase)),
  };
  const exported = { identity: 'recovery', key: clientPrivate, hosts: new Map(Object.entries(hosts)) };
  writeExportedKey(file, exported, await newSealKey(PASSPHRASE, io), io, 'new');
}

/** Runs the command; the port opens at once. Notes what was sent, and the programs that ran. */
async function recover(argv: readonly string[], changes: Partial<Shell> = {}, typed = `${PASSPHRASE}\n`) {
  const sent: Uint8Array[] = [];
  const programs: (readonly string[])[] = [];
  const done = await knockgate(home, ['recover', file, ...argv], {
    openStdin: () => Readable.from([typed]),
    openRoute: async () => ({
      localAddress: '127.0.0.1',
      send: async (datagram: Uint8Array) => {
        sent.push(datagram);
      },
      close: () => {},
    }),
    probe: async () => ({ kind: 'open', socket: new Socket() }),
    runProgram: async (program, args) => {
      programs.push([program, ...args]);
      return 0;
    },
    ...changes,
  });
  return { ...done, sent, programs };
}

describe('recover', () => {
  it('knocks with the key of the file at the port of its host, runs ssh, and writes nothing', async () => {
    await fileOf({ prod: PROD });
    const { code, err, sent, programs } = await recover([]);
    expect(`${code} ${err}`).toMatch(/^0 .*prod: open\. Running: ssh ssh:\/\/dev@127\.0\.0\.1:2222/s);
    expect(sent.map((datagram) => requestOf(datagram).ports)).toContainEqual([{ protocol: 'tcp', port: 2222 }]);
    expect(programs).toEqual([['ssh', 'ssh://dev@127.0.0.1:2222']]);
    expect(readdirSync(home)).toEqual([]);
  });

  it('passes the arguments behind -- to ssh, and ends with its exit code', async () => {
    await fileOf({ prod: PROD });
    const programs: (readonly string[])[] = [];
    const runProgram = async (...program: Parameters<Shell['runProgram']>) => {
      programs.push(program[1]);
      return 77;
    };
    expect((await recover(['--', '-i', '/stick/key'], { runProgram })).code).toBe(77);
    expect(programs).toEqual([['ssh://dev@127.0.0.1:2222', '-i', '/stick/key']]);
  });

  it('asks which host when the file opens several', async () => {
    await fileOf({ prod: PROD, test: { ...PROD, login: 'ssh://dev@127.0.0.9:22' } });
    const several = await recover([]);
    expect([several.code, several.sent, several.err]).toEqual([2, [], expect.stringContaining('--host: prod, test')]);
    expect((await recover(['--host', 'test'])).programs).toEqual([['ssh', 'ssh://dev@127.0.0.9:22']]);
    expect((await recover(['--host', 'other'])).err).toContain('does not open other');
  });

  it.each([
    ['another passphrase', 'wrong horse battery staple\n', 'this passphrase does not open the file'],
    ['no passphrase', '', 'No passphrase was given'],
  ])('sends and runs nothing with %s', async (_, typed, told) => {
    await fileOf({ prod: PROD });
    const { code, err, sent, programs } = await recover([], {}, typed);
    expect([code === 0, sent, programs]).toEqual([false, [], []]);
    expect(err).toContain(told);
  });

  it('refuses a file that is not a recovery file, and one without hosts', async () => {
    await fileOf({});
    expect((await recover([])).err).toContain('opens no host');
    writeFileSync(file, 'something else');
    expect((await recover([])).code).not.toBe(0);
  });

  it('refuses a gate whose key anybody could use', async () => {
    await fileOf({ prod: { ...PROD, gate: { ...PROD.gate, key: new Uint8Array(32) } } });
    const { err, sent, programs } = await recover([]);
    expect([err, sent, programs]).toEqual([expect.stringContaining('low-order point'), [], []]);
  });

  it('runs no ssh when the port stays closed', async () => {
    await fileOf({ prod: PROD });
    const programs: string[] = [];
    const { code } = await recover([], {
      probe: async () => ({ kind: 'unreachable', code: 'EHOSTUNREACH' }),
      runProgram: async (program) => {
        programs.push(program);
        return 0;
      },
    });
    expect([code === 0, programs]).toEqual([false, []]);
  });

  it('says how to go on without ssh', async () => {
    await fileOf({ prod: PROD });
    const { code, err } = await recover([], { runProgram: async () => undefined });
    expect([code, err]).toEqual([5, expect.stringContaining('ssh://dev@127.0.0.1:2222')]);
  });
});
