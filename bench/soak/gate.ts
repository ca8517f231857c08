import type { ChildProcess } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'smol-toml';
import { parseGateLine } from '../../src/spa/enrolment.ts';
import type { ClientEntry } from '../../test/rig/gate.ts';
import { exec, type Pair, processesIn, TARGET4 } from '../../test/rig/netns.ts';
import { end, sleep } from '../../test/rig/process.ts';
import { Target } from '../../test/rig/target.ts';
import { native } from '../native.ts';

export const KNOCK_PORT = 62201;
export const HIDDEN_PORT = 22;
/** Seconds. Short, so that each knock of a client finds the port shut. */
const GRANT = 5;

const COLLECTING_MAY_TAKE = 60_000;

/** A gate as people have it: the package, installed on a booted target, run by its unit. */
export class SoakGate {
  private reloads = 0;

  private constructor(
    private readonly target: Target,
    private readonly acceptor: ChildProcess,
    readonly key: Uint8Array,
  ) {}

  /**
   * Boots a target and installs the package.
   * @param addresses of the clients' host, with prefix length
   */
  static async start(deb: string, addresses: readonly string[]): Promise<SoakGate> {
    const target = await Target.boot({ name: 'soak', clientAddresses: addresses });
    try {
      copyFileSync(deb, join(target.root, 'root', basename(deb)));
      await target.must(['dpkg', '-i', `/root/${basename(deb)}`], { timeout: 60_000 });
      collectOnSignal(target.root);
      // sshd would take longer for a connection than the gate; something that accepts and closes is enough.
      await target.must(['sh', '-c', 'systemctl daemon-reload && systemctl stop ssh']);
      const argv = [await native('acceptor'), String(HIDDEN_PORT)];
      const acceptor = exec(target.pair.target, argv, { stdio: ['ignore', 'ignore', 'inherit'] });
      const line = await target.must(['knockgated', 'key', '--address', TARGET4, '--name', 'soak']);
      return new SoakGate(target, acceptor, parseGateLine(line.trim()).key);
    } catch (error) {
      await target.end();
      throw error;
    }
  }

  get pair(): Pair {
    return this.target.pair;
  }

  /** Enrols clients and starts the daemon. */
  async arm(clients: readonly ClientEntry[]): Promise<void> {
    this.configure(clients);
    await this.target.must(['systemctl', 'start', 'knockgate']);
  }

  /**
   * Has the daemon read a configuration in which a client has come or gone.
   * @returns what systemctl said when it gave up: on a busy machine the unit's 20 s can be too short, and the daemon ends its work later
   */
  async reload(clients: readonly ClientEntry[], guest: ClientEntry): Promise<string | undefined> {
    this.reloads += 1;
    this.configure(this.reloads % 2 === 1 ? [...clients, guest] : clients);
    const { code, stderr } = await this.target.run(['systemctl', 'reload', 'knockgate'], { timeout: 60_000 });
    return code === 0 ? undefined : `reload: ${stderr.trim().split('\n')[0]}`;
  }

  /** Asks for what people and Prometheus ask for. */
  async ask(): Promise<void> {
    for (const command of ['status', 'activity', 'list']) await this.target.must(['knockgated', command, '--json']);
    await this.target.must(['knockgated', 'metrics']);
  }

  async restart(): Promise<void> {
    await this.target.must(['systemctl', 'restart', 'knockgate'], { timeout: 60_000 });
  }

  /** The processes of the unit: the daemon and the programs that it runs. */
  pids(): number[] {
    return processesIn(this.pair.target).filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cgroup`, 'latin1').includes('/knockgate.service');
      } catch {
        // Ended meanwhile.
        return false;
      }
    });
  }

  /**
   * Has the daemon collect its garbage, and waits until it has, or for a minute. What it holds then is what it keeps.
   * @returns kB that its values take; undefined when it has not said so
   */
  async collect(): Promise<number | undefined> {
    const done = '/run/knockgate/collected';
    await this.target.must(['rm', '-f', done]);
    const daemon = this.pids().find((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('knockgated.cjs\0run'),
    );
    if (daemon === undefined) return undefined;
    process.kill(daemon, 'SIGUSR2');
    const start = performance.now();
    while (performance.now() - start < COLLECTING_MAY_TAKE) {
      const bytes = Number.parseInt((await this.target.run(['cat', done])).stdout, 10);
      if (bytes > 0) return Math.round(bytes / 1024);
      await sleep(200);
    }
    return undefined;
  }

  /** Descriptors that a process has open. */
  descriptors(pid: number): number {
    try {
      return readdirSync(`/proc/${pid}/fd`).length;
    } catch {
      return 0;
    }
  }

  /** Bytes of each file that the daemon writes. */
  async files(): Promise<Map<string, number>> {
    const folders = ['/var/lib/knockgate', '/run/knockgate'];
    const listed = await this.target.must(['find', ...folders, '-type', 'f', '-printf', '%s %f\\n']);
    const lines = listed.split('\n').filter(Boolean);
    return new Map(lines.map((line) => [line.slice(line.indexOf(' ') + 1), Number.parseInt(line, 10)]));
  }

  /** Elements of each set of the gate's table. */
  async sets(): Promise<Map<string, number>> {
    const listed = await this.target.must(['nft', '-j', 'list', 'table', 'inet', 'knockgate']);
    const { nftables } = JSON.parse(listed) as { nftables: Record<string, { name: string; elem?: unknown[] }>[] };
    return new Map(nftables.flatMap(({ set }) => (set === undefined ? [] : [[set.name, set.elem?.length ?? 0]])));
  }

  /** Its audit lines of a client from a second before to 25 seconds after that time (unix milliseconds). */
  async said(client: string, at: number): Promise<string[]> {
    const lines = (await this.journal()).split('\n').filter((line) => line.includes(`"${client}"`));
    return lines.filter((line) => {
      const time = Date.parse(/"time":"([^"]+)"/.exec(line)?.[1] ?? '');
      return time > at - 1000 && time < at + 25_000;
    });
  }

  journal(): Promise<string> {
    return this.target.journal('knockgate');
  }

  async end(): Promise<void> {
    await end(this.acceptor);
    await this.target.end();
  }

  private configure(clients: readonly ClientEntry[]): void {
    const gate = { ports: [`tcp/${HIDDEN_PORT}`], knock_ports: [443, KNOCK_PORT], grant: GRANT };
    const file = join(this.target.root, 'etc/knockgate/gate.toml');
    // Over the file that is there: it keeps its owner and mode.
    writeFileSync(file, stringify({ gate, client: clients }));
  }
}

/**
 * Apart from this, the unit is as the package brings it. Booted targets share control groups: in a slice of its own the unit stays apart
 * from those of other targets.
 */
function collectOnSignal(root: string): void {
  const program = '/usr/lib/knockgate/collect-on-signal.cjs';
  copyFileSync(fileURLToPath(new URL('./collect-on-signal.cjs', import.meta.url)), join(root, program));
  const folder = join(root, 'etc/systemd/system/knockgate.service.d');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'soak.conf'),
    `[Service]\nSlice=soak.slice\nEnvironment=NODE_OPTIONS=--require=${program}\n`,
  );
}
