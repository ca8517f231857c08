import { createHash } from 'node:crypto';
import { Socket } from 'node:net';
import { inEnglish } from '../../../src/base/phrase.ts';
import { connectionLost } from '../../../src/deploy/connection/problems.ts';
import type { Ran, Remote } from '../../../src/deploy/connection/remote.ts';
import type { DeployInput } from '../../../src/deploy/deploy-input.ts';
import type { DeployUi } from '../../../src/deploy/deploy-ui.ts';
import { LOCK } from '../../../src/deploy/host-lock.ts';
import { LOOK_AS_USER } from '../../../src/deploy/preflight/script.ts';
import { formatGateLine, type GateEnrolment } from '../../../src/spa/enrolment.ts';
import { FakeClock, pair } from '../client/support.ts';
import { GATE_FILES, PSK, SETTINGS } from './support.ts';

const GATE: GateEnrolment = {
  key: pair.gatePublic,
  slots: 32,
  addresses: ['192.0.2.2'],
  knockPorts: [443],
  name: 'prod',
};
const DEVICE = { key: new Uint8Array(32).fill(9), name: 'alice' };
const CONFIG = '/etc/knockgate/gate.toml';

/**
 * A fake of a bare server. It keeps what the steps change, hides its port while its gate is armed, and shows it again when a
 * trial ends. test/deploy has real servers.
 */
export class FakeServer {
  readonly clock = new FakeClock();
  readonly packages = new Set<string>();
  readonly files = new Map<string, string>();
  readonly folders = new Set<string>();
  hasUser = false;
  active = false;
  enabled = false;
  private trialUntilMs: number | undefined;
  private grantedUntilMs = 0;
  isLost = false;
  /** Another device has the lock. */
  isLockedByAnother = false;
  /** Calls of this device for the lock. */
  readonly locking: ('new' | 'keep' | 'back')[] = [];
  /** As ss shows them. */
  udpListeners = '';
  /** Called before a program runs. When it throws, the program fails with that text and code 1. */
  before: (argv: readonly string[]) => void = () => {};
  /** Line that this device was given. */
  line: GateEnrolment | undefined;

  get hides(): boolean {
    const isOver = this.trialUntilMs !== undefined && this.clock.monotonicMs() >= this.trialUntilMs;
    return this.active && !isOver;
  }

  /** Whether anything is on it that a gate needs. */
  get isTouched(): boolean {
    return this.packages.size + this.files.size + this.folders.size > 0 || this.hasUser || this.active;
  }

  private readonly remote: Remote = {
    carrier: 'ssh2',
    hostKey: { type: 'ssh-ed25519', fingerprint: 'SHA256:x' },
    run: async (argv, { stdin = '' } = {}): Promise<Ran> => {
      try {
        this.before(argv);
      } catch (error) {
        return { code: 1, stdout: '', stderr: error instanceof Error ? error.message : String(error) };
      }
      if (this.isLost) throw connectionLost('prod');
      return { code: 0, stdout: this.answer(argv, String(stdin)), stderr: '' };
    },
    close: async () => {},
  };

  private answer(argv: readonly string[], stdin: string): string {
    const [program, ...rest] = argv;
    if (program === 'date') return `${(this.clock.wallMs() / 1000).toFixed(3)}000000`;
    if (program === 'cat') return 'boot-1';
    if (program === 'knockgated') return this.daemon(rest);
    if (program === 'systemctl') this.systemctl(rest);
    if (program === 'systemd-sysusers') this.hasUser = true;
    if (program === 'install') this.folders.add(String(rest.at(-1)));
    if (program === 'rm' && rest[0] === '-rf') this.removeFolder(String(rest[1]));
    if (program === '/bin/sh' && rest[0] === '-s') return stdin === LOOK_AS_USER ? this.asUser() : this.asRoot();
    if (rest.includes(LOCK)) return this.lock(rest.at(-1));
    if (program === '/bin/sh') this.shell(rest.slice(1), stdin);
    return '';
  }

  /** @param mode as `host-lock.ts` says it; the process that gives the lock back otherwise */
  private lock(mode = ''): string {
    this.locking.push(mode === 'new' || mode === 'keep' ? mode : 'back');
    if (!this.isLockedByAnother) return 'taken';
    return mode === 'keep' ? 'lost' : `held ${'A'.repeat(43)} carols-laptop 5 1 1199`;
  }

  private daemon([name, seconds]: readonly string[]): string {
    if (name === 'key') return `${formatGateLine(GATE)}\n`;
    if (name === 'trial') this.trialUntilMs = this.clock.monotonicMs() + 1000 * Number(seconds);
    if (name === 'flush') this.grantedUntilMs = 0;
    if (name === 'confirm') {
      if (!this.hides) throw new Error('The trial is over.');
      this.trialUntilMs = undefined;
    }
    if (name !== 'status') return '';
    return JSON.stringify({ armed: this.hides ? 'now' : null, trial: this.trialUntilMs && { seconds_left: 0 } });
  }

  private systemctl([verb]: readonly string[]): void {
    if (verb === 'restart') this.active = true;
    if (verb === 'enable') this.enabled = true;
  }

  private removeFolder(path: string): void {
    this.folders.delete(path);
    for (const file of this.files.keys()) if (file.startsWith(`${path}/`)) this.files.delete(file);
  }

  /** The scripts of the steps, told apart by what is in them. */
  private shell([script = '', , ...args]: readonly string[], stdin: string): void {
    const [path = ''] = args;
    if (script.includes('cat >"$1.knockgate-new"')) this.files.set(path, stdin);
    else if (script.startsWith('rm -f "$1.knockgate-new"')) this.files.delete(path);
    else if (script.includes('apt-get')) for (const name of args) this.packages.add(name);
    else if (script.startsWith('rmdir')) this.folders.delete(path);
    else if (script.includes('userdel')) this.hasUser = false;
    else if (script.includes('nft delete table')) this.active = false;
  }

  private asUser(): string {
    return sections({ sshconnection: '192.0.2.1 51234 192.0.2.2 22', host: 'prod', boot: 'boot-1', editornode: '' });
  }

  private asRoot(): string {
    const sum = (text: string) => createHash('sha256').update(text).digest('hex');
    const has = (name: string, text: string) => (this.packages.has(name) ? { [name]: text } : {});
    const { nftables, nodejs, tcpdump } = {
      ...has('nftables', 'nftables v1.0.6'),
      ...has('tcpdump', 'x'),
      ...has('nodejs', '/usr/bin/node v18.20.4'),
    } as Record<string, string | undefined>;
    const files = [...this.files].filter(([path]) => path !== CONFIG);
    return sections({
      os: 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"',
      init: 'systemd',
      booted: '',
      nft: nftables,
      table: '',
      saved: '',
      firewalls: '',
      candidates: 'manager apt-get\nnftables 1.0.6-2\ntcpdump 4.99.3-1\nnodejs 18.20.4+dfsg-1',
      tcpdump,
      node: nodejs,
      sshd: 'port 22',
      udp: this.udpListeners,
      files: files.map(([path, text]) => `${sum(text)}  ${path}`).join('\n'),
      config: this.files.get(CONFIG),
      folders: [...this.folders].filter((folder) => /^\/(etc|var)/.test(folder)).join('\n'),
      user: this.hasUser ? 'knockgate' : undefined,
      active: this.active ? 'active' : 'inactive',
      enabled: this.enabled ? 'enabled' : 'disabled',
      disk: '/dev/x 1 1 1000000 1% /',
    });
  }

  /** Everything that a deployment to it takes. */
  input(ui: Partial<DeployUi>, changes: Partial<DeployInput> = {}): DeployInput & { readonly steps: string[] } {
    const steps: string[] = [];
    const isOpen = () => !this.hides || this.clock.monotonicMs() < this.grantedUntilMs;
    return {
      steps,
      host: 'prod',
      login: { settings: SETTINGS, systemBecause: [], open: async () => this.remote },
      device: {
        client: DEVICE,
        known: undefined,
        psk: undefined,
        randomBytes: (count: number) => PSK.subarray(0, count),
        noteSeen: async () => {},
        gates: [],
        knock: async (_gate, { seconds }) => {
          this.grantedUntilMs = this.clock.monotonicMs() + 1000 * seconds;
          return { socket: new Socket(), address: '192.0.2.2', afterMs: 1 };
        },
        save: async (gate) => {
          this.line = gate;
          return async () => {
            this.line = undefined;
          };
        },
      },
      gateFiles: GATE_FILES,
      options: {},
      secondWay: undefined,
      dryRun: false,
      ui: {
        text: async () => undefined,
        secret: async () => undefined,
        confirm: async () => true,
        goOn: async () => true,
        step: (title) => void steps.push(inEnglish(title)),
        reached: async (progress) => void steps.push(`(${progress})`),
        approve: async () => 'yes',
        chooseSecondWay: async () => ({ kind: 'declined' }),
        ...ui,
      },
      clock: this.clock,
      probe: async (_address, _port, windowMs) => {
        if (isOpen()) return { kind: 'open', socket: new Socket() };
        await this.clock.sleep(windowMs);
        return { kind: 'silent' };
      },
      resolve: async (name) => [name],
      signal: new AbortController().signal,
      ...changes,
    };
  }
}

/** Sections as the scripts of the inspection print them; an undefined one has failed. */
function sections(texts: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(texts)
    .map(([name, text]) => {
      const lines = (text ?? '').split('\n').map((line) => ` ${line}\n`);
      return `@${name} ${text === undefined ? 1 : 0}\n${lines.join('')}`;
    })
    .join('');
}
