import { Ground } from '../../../bench/ground.ts';
import { asKnock, type RunningGate, startKnockgate } from '../../../bench/subjects/knockgate.ts';
import type { Turn } from '../../../bench/turns.ts';
import { EPOCH_SECONDS } from '../../../src/spa/tags.ts';
import type { Sealing } from '../../rig/clients.ts';
import { flood } from '../../rig/flood.ts';
import type { Gate } from '../../rig/gate.ts';
import { run, TARGET4 } from '../../rig/netns.ts';
import { counters, loadNft, setElements } from '../../rig/nft.ts';
import { sleep } from '../../rig/process.ts';
import { OPENED4 } from '../single-use/table.ts';

/** Long enough for a daemon on a busy machine. */
const OPENS_WITHIN_MS = 10_000;
/** The kernel opens at once, and a daemon would need no longer than this. */
const SHUT_FOR_MS = 300;

/** The parts of a stage. */
export interface StageOptions {
  readonly name: string;
  readonly clients: number;
  /** Addresses that the gate is to know. */
  readonly known: readonly Turn[];
  /** Settings of `[gate]`. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** A gate with many clients, some of them at addresses that it knows, and one sender that knocks and connects in one flight. */
export class Stage {
  private constructor(
    private readonly ground: Ground,
    private readonly running: RunningGate,
  ) {}

  static async make({ name, clients, known, settings = {} }: StageOptions): Promise<Stage> {
    const ground = await Ground.make(name);
    try {
      return new Stage(ground, await startKnockgate(ground, { clients, grants: 0, knocks: 0 }, { settings, known }));
    } catch (error) {
      await ground.end();
      throw error;
    }
  }

  get gate(): Gate {
    return this.running.gate;
  }

  get target(): string {
    return this.ground.pair.target;
  }

  async end(): Promise<void> {
    await this.running.stop();
    await this.ground.end();
  }

  seal(client: number, sealing: Sealing = {}): Uint8Array {
    return this.running.enrolled.seal(client, sealing);
  }

  /** With a tag that is bound to the address, and to which the kernel opens. */
  sealBound(client: number, from: string): Uint8Array {
    return this.running.sealBound(client, from);
  }

  /** Waits until the kernel opens to tags of the present epoch: what was used before its table was made, it does not know. */
  async untilTrusted(): Promise<void> {
    await sleep(Math.max(0, this.running.trusted() * EPOCH_SECONDS * 1000 - Date.now()));
  }

  /** Whether a knock from an address opens the port for it. */
  async opens(source: string, datagram: Uint8Array): Promise<boolean> {
    return (await this.opensAfter(source, datagram)) !== undefined;
  }

  /** Milliseconds from a knock to the first connection from its address; undefined when there is none. */
  async opensAfter(source: string, datagram: Uint8Array, within = OPENS_WITHIN_MS): Promise<number | undefined> {
    return (await this.ground.prober.measure(source, asKnock(datagram), within)).ms;
  }

  /** Whether a knock from an address leaves the port shut for it. */
  async staysShut(source: string, datagram: Uint8Array, within = SHUT_FOR_MS): Promise<boolean> {
    return (await this.opensAfter(source, datagram, within)) === undefined;
  }

  /** Sends a knock, and looks at nothing. */
  async send(source: string, datagram: Uint8Array): Promise<void> {
    const { port } = asKnock(datagram);
    await flood(this.ground.pair.client, { host: TARGET4, port, count: 1, bodies: [datagram], source });
  }

  /** Packets that the kernel has counted, by name. */
  async counted(): Promise<Record<string, number>> {
    const found = await counters(this.target);
    return Object.fromEntries(found.flatMap(({ name, packets }) => (name === undefined ? [] : [[name, packets]])));
  }

  /** Ends every grant: by the daemon, or, where there is none, by waiting for the kernel. */
  async shut(): Promise<void> {
    if (this.gate.running) {
      const { code, stderr } = await this.gate.cli(['flush']);
      if (code !== 0) throw new Error(`knockgated flush: ${stderr}`);
    }
    while ((await this.letIn()).length > 0) await sleep(100);
  }

  /** A strict gate has no set of its own for what the kernel opens. */
  private async letIn(): Promise<unknown[]> {
    const { stdout } = await run(this.target, ['nft', 'list', 'sets', 'inet']);
    const sets = [OPENED4, 'granted4'].filter((set) => stdout.includes(`set ${set} {`));
    return (await Promise.all(sets.map((set) => setElements(this.target, set)))).flat();
  }

  /** Kills the daemon, and whatever it has started, which would read what the kernel logs. */
  async kill(): Promise<void> {
    await this.gate.kill9();
    this.ground.killSubject();
  }

  signal(signal: NodeJS.Signals): void {
    const { pid } = this.gate;
    if (pid === undefined) throw new Error('no daemon runs');
    process.kill(pid, signal);
  }

  async listing(): Promise<string> {
    return (await run(this.target, ['nft', 'list', 'ruleset'])).stdout;
  }

  /** Loads a ruleset as the system does it from a file. */
  async load(ruleset: string): Promise<void> {
    await loadNft(this.target, `flush ruleset\n${ruleset}`);
  }

  async flushRuleset(): Promise<void> {
    await loadNft(this.target, 'flush ruleset\n');
  }
}
