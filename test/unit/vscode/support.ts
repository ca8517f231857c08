import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostOfGate } from '../../../src/client/gate/host.ts';
import { Ledger } from '../../../src/client/gate/ledger.ts';
import type { KeySource } from '../../../src/client/hosts/server-kind.ts';
import { noAnswer } from '../../../src/client/problems.ts';
import { nodeCrypto } from '../../../src/spa/crypto-node.ts';
import type { Door } from '../../../src/vscode/knock/doors.ts';
import { HostStates } from '../../../src/vscode/knock/host-states.ts';
import { Turns } from '../../../src/vscode/knock/knock-turns.ts';
import { Knocker, type KnockerIo } from '../../../src/vscode/knock/knocker.ts';
import { Marks } from '../../../src/vscode/knock/load-marks.ts';
import type { Log } from '../../../src/vscode/log.ts';
import { extensions } from '../../rig/fake-vscode.ts';
import { FakeNetwork, pair, systemError, temporaryFolder, WALL_MS } from '../client/support.ts';

/** A host behind the gate of `client/support.ts`. */
export const HOST = hostOfGate(
  'prod',
  { key: pair.gatePublic, slots: 32, addresses: ['192.0.2.2'], knockPorts: [443], name: 'gate' },
  undefined,
);

/** The way to it. */
export const DOOR: Door = { host: HOST, sshPort: undefined, sshName: undefined };

/** The private half of the client in `client/support.ts`. */
export const PRIVATE_KEY = new Uint8Array(32).fill(1);

/** A log that can be read. */
export class FakeLog implements Log {
  readonly lines: string[] = [];
  readonly debug = (line: string) => this.lines.push(line);
  readonly info = (line: string) => this.lines.push(line);
  readonly warn = (line: string) => this.lines.push(line);
  readonly error = (line: string) => this.lines.push(line);
}

/** Memory that the editor keeps for an extension. */
export class FakeMemento {
  readonly values = new Map<string, unknown>();
  get<T>(key: string): T | undefined;
  get<T>(key: string, fallback: T): T;
  get(key: string, fallback?: unknown): unknown {
    return this.values.get(key) ?? fallback;
  }
  async update(key: string, value: unknown): Promise<void> {
    if (value === undefined) this.values.delete(key);
    else this.values.set(key, value);
  }
}

/** Keys of gates alone. */
export function onlyClientKeys(clientKeys: KeySource['clientKeys']): KeySource {
  const none = () => Promise.reject(new Error('no key'));
  return { clientKeys, sharedKeys: none, gpgKeys: none };
}

/** The windows of an editor on one computer, and a gate that opens when the test says so. */
export class FakeComputer {
  readonly folder = temporaryFolder();
  readonly network = new FakeNetwork(join(this.folder, 'ledger'));
  readonly clock = this.network.clock;
  private readonly noKey = new Error('no key');
  privateKey: Uint8Array | undefined = PRIVATE_KEY;

  /** One more window. */
  window(changes: Partial<KnockerIo> = {}): { knocker: Knocker; states: HostStates; log: FakeLog; marks: Marks } {
    const { clock, network } = this;
    const states = new HostStates(() => clock.wallMs());
    const log = new FakeLog();
    const marks = new Marks(() => clock.monotonicMs(), 0);
    const knocker = new Knocker({
      clock,
      crypto: nodeCrypto,
      resolve: () => Promise.reject(systemError('ENOTFOUND')),
      openRoute: network.io.openRoute,
      probe: network.io.probe,
      ledger: new Ledger(join(this.folder, 'ledger'), clock, nodeCrypto),
      turns: new Turns(join(this.folder, 'turns'), clock, nodeCrypto.randomBytes),
      keys: {
        clientKeys: async () => {
          if (this.privateKey === undefined) throw this.noKey;
          return [{ privateKey: this.privateKey, psk: undefined, opened: async () => {} }];
        },
        sharedKeys: () => Promise.reject(this.noKey),
        gpgKeys: () => Promise.reject(this.noKey),
      },
      states,
      log,
      marks,
      ...changes,
    });
    return { knocker, states, log, marks };
  }
}

/** Never aborts. */
export const FOREVER = new AbortController().signal;

/**
 * An extension that resolves SSH windows. Node finds the module `vscode` beside it, where the editor would give it its
 * own view of the API.
 * @param env what `env` is in that view, as JavaScript; undefined for no such module
 */
export function sshExtension(env: string | undefined, id = 'jeanp413.open-remote-ssh'): void {
  const extensionPath = temporaryFolder();
  if (env !== undefined) {
    const folder = join(extensionPath, 'node_modules/vscode');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'index.js'), `exports.env = ${env};`);
  }
  const packageJSON = { activationEvents: ['onResolveRemoteAuthority:ssh-remote'] };
  extensions.all.push({ id, extensionPath, packageJSON });
}

/** Problem of a host that stays silent. */
export const NO_ANSWER = noAnswer({
  host: 'prod',
  addresses: ['192.0.2.2'],
  knockPorts: [443],
  port: { protocol: 'tcp', port: 22 },
  knocks: 4,
  elapsedMs: 8000,
  wallMs: WALL_MS,
  clockOffsetsMs: [0],
  claimed: [],
});
