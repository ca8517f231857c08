import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createPair, exec, LINK, type Pair, processesIn } from '../test/rig/netns.ts';
import { end, signalQuietly } from '../test/rig/process.ts';
import { native } from './native.ts';
import { Prober, SERVICE_PORT } from './prober.ts';
import { KNOCKERS } from './turns.ts';

/** A killed process is gone within this time. */
const LONGEST_DYING_MS = 5000;

/** Two hosts with nothing between them yet: a service on the target, and the prober on the client. */
export class Ground {
  readonly pair: Pair;
  readonly prober: Prober;
  private readonly acceptor: ChildProcess;

  private constructor(pair: Pair, prober: Prober, acceptor: ChildProcess) {
    this.pair = pair;
    this.prober = prober;
    this.acceptor = acceptor;
  }

  /** Makes it; `name` shows in the namespaces' names. */
  static async make(name: string): Promise<Ground> {
    const pair = await createPair({ name, clientAddresses: KNOCKERS.map((address) => `${address}/24`) });
    try {
      const argv = [await native('acceptor'), String(SERVICE_PORT)];
      const acceptor = exec(pair.target, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
      await new Promise((resolve, reject) => {
        acceptor.stdout?.once('data', resolve);
        acceptor.once('exit', () => reject(new Error('nobody listens at the service port')));
      });
      return new Ground(pair, await Prober.start(pair.client), acceptor);
    } catch (error) {
      pair.destroy();
      throw error;
    }
  }

  /** Packets that have arrived at the target's interface so far (proc(5), net/dev). */
  received(): number {
    const devices = readFileSync(`/proc/${this.acceptor.pid}/net/dev`, 'utf8');
    const counts = new RegExp(`^\\s*${LINK}:\\s*\\d+\\s+(\\d+)`, 'm').exec(devices)?.[1];
    if (counts === undefined) throw new Error(`no interface ${LINK} in the target's namespace`);
    return Number(counts);
  }

  /** Every process of the subject: all that live on the target, but the service. */
  subjectPids(): number[] {
    return processesIn(this.pair.target).filter((pid) => pid !== this.acceptor.pid);
  }

  /**
   * Kills every process of the subject, and makes sure that nobody reads what the kernel logs.
   * @throws when somebody still does
   */
  killSubject(): void {
    for (const pid of this.subjectPids()) signalQuietly(pid, 'SIGKILL');
    const readers = () => readFileSync(`/proc/${this.acceptor.pid}/net/netfilter/nfnetlink_log`, 'utf8').trim();
    const start = performance.now();
    while (this.subjectPids().length > 0 || readers() !== '') {
      if (performance.now() - start > LONGEST_DYING_MS) throw new Error('somebody still reads what the kernel logs');
    }
  }

  async end(): Promise<void> {
    await this.prober.stop();
    await end(this.acceptor);
    this.pair.destroy();
  }
}
