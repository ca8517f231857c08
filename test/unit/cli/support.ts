import { PassThrough, Readable } from 'node:stream';
import { concat } from '../../../src/base/bytes.ts';
import * as commands from '../../../src/cli/commands.ts';
import { run } from '../../../src/cli/run.ts';
import type { Shell } from '../../../src/cli/shell.ts';
import { openUdpRoute } from '../../../src/client/network/udp.ts';
import type { Clock } from '../../../src/os/clock.ts';
import { nodeCrypto } from '../../../src/spa/crypto-node.ts';
import { formatGateLine } from '../../../src/spa/enrolment.ts';
import { FakeClock, OWNER, pair, systemError } from '../client/support.ts';

/** The line of a gate; on loopback, since nothing there leaves the computer. */
export function gateLine(name = 'prod', addresses = ['127.0.0.1'], knockPorts = [443]): string {
  return formatGateLine({ key: pair.gatePublic, slots: 32, addresses, knockPorts, name });
}

/** Result of a run of the command line. */
export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A shell in a home folder of its own. It collects what the program prints. */
export function collectingShell(home: string, clock: Clock, changes: Partial<Shell> = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const shell: Shell = {
    env: {},
    platform: 'linux',
    homeFolder: home,
    account: () => ({ home, user: 'alice' }),
    owner: OWNER,
    userName: () => 'alice',
    hostName: () => 'laptop.example',
    openStdin: () => Readable.from([]),
    openStdout: () => new PassThrough(),
    print: (line) => out.push(`${line}\n`),
    tell: (line) => err.push(`${line}\n`),
    ask: (text) => err.push(text),
    openScreen: () => undefined,
    signal: new AbortController().signal,
    interrupt: () => {},
    ownCommand: () => ['/usr/bin/node', '/home/alice/.local/bin/knockgate'],
    programFolder: () => 'dist',
    loadDeployment: () => Promise.reject(new Error('Cannot find module')),
    runProgram: () => Promise.resolve(undefined),
    clock,
    crypto: nodeCrypto,
    // The real derivation runs on another thread, for which the test's clock does not wait.
    deriveKey: async (passphrase, salt) => nodeCrypto.sha256(concat(salt, passphrase)),
    resolve: () => Promise.reject(systemError('ENOTFOUND')),
    openRoute: openUdpRoute,
    probe: async (_address, _port, windowMs) => {
      await clock.sleep(windowMs);
      return { kind: 'silent' };
    },
    ...changes,
  };
  return { shell, said: () => ({ out: out.join(''), err: err.join('') }) };
}

/** Runs the command line inside the test, in a home folder of its own. */
export async function knockgate(home: string, argv: readonly string[], changes: Partial<Shell> = {}): Promise<Said> {
  const clock = new FakeClock();
  const { shell, said } = collectingShell(home, clock, changes);
  const code = await clock.run(run(argv, shell, async () => commands));
  return { code, ...said() };
}
