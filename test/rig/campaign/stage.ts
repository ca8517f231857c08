import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeCrypto } from '../../../src/spa/crypto-node.ts';
import { parseGateLine } from '../../../src/spa/enrolment.ts';
import { parseSecretKey } from '../../../src/spa/keys.ts';
import { type PairKeys, pairKeys } from '../../../src/spa/outer.ts';
import { epochAt, SLOTS } from '../../../src/spa/tags.ts';
import { scratch } from '../cleanup.ts';
import { Client } from '../client.ts';
import { settableClock } from '../clock-off.ts';
import { sendDatagram } from '../flood.ts';
import type { ClientEntry } from '../gate.ts';
import { processesIn, run } from '../netns.ts';
import { isOpen } from '../probe.ts';
import { must, named, runHere, signalQuietly, sleep } from '../process.ts';
import { KNOCK_PORT, keyFile, Scene, sealFor } from '../scene.ts';
import { GATE4, GATE6, plugStranger } from './stranger.ts';

/** Seconds of a grant: the least there is, so that a row need not wait for the end of one. */
const GRANT_SECONDS = 1;
const SHUT_WITHIN_MS = 15_000;
const SYN_WAITS_MS = 300;
/** Time for the daemon to grant what it must not. */
const SETTLE_MS = 150;

/** Needs of a row. */
export interface StageOptions {
  /** Settings of `[gate]`. */
  readonly settings?: Record<string, unknown>;
  /** Parts of the stage, beside the usual. */
  readonly stage?: { readonly hasOwnNft?: boolean; readonly hasSmallDisk?: boolean; readonly hasOwnClock?: boolean };
}

/** An owner, a stranger and a client that was removed, at a gate that runs. */
export class Stage {
  readonly scene: Scene;
  /** Folder for what a row puts aside. */
  readonly aside: string;
  /** Seconds from the change of the table by somebody else until the daemon had put it back; a row sets it. */
  putBackAfter: number | undefined;
  private readonly stranger: { ns: string; unplug(): void };
  private readonly used: Uint8Array;
  private readonly revoked: { readonly entry: ClientEntry; readonly keys: PairKeys };
  private slot = 0;
  private readonly discard: () => void;

  private constructor(
    parts: Pick<Stage, 'scene' | 'aside'> & {
      stranger: Stage['stranger'];
      revoked: Stage['revoked'];
      used: Uint8Array;
      discard(): void;
    },
  ) {
    this.scene = parts.scene;
    this.aside = parts.aside;
    this.stranger = parts.stranger;
    this.revoked = parts.revoked;
    this.used = parts.used;
    this.discard = parts.discard;
  }

  static async make(row: StageOptions): Promise<Stage> {
    const { dir, discard } = scratch('campaign');
    chmodSync(dir, 0o755);
    const { hasOwnNft, hasOwnClock, hasSmallDisk } = row.stage ?? {};
    if (hasOwnClock) setClock(dir, 0);
    const scene = await Scene.make({
      name: 'campaign',
      settings: { grant: GRANT_SECONDS, ...row.settings },
      gate: {
        ...(hasOwnNft && { through: ownNft(dir) }),
        ...(hasOwnClock && { env: settableClock(join(dir, 'clock')) }),
      },
      start: false,
    });
    try {
      if (hasSmallDisk) await mountSmall(scene.gate.stateDir);
      const stranger = await plugStranger(scene.pair);
      const revoked = await enrolled(scene);
      const { entry } = revoked;
      scene.gate.configure({ grant: GRANT_SECONDS, slots: SLOTS.most, ...row.settings }, [scene.entry, entry]);
      await scene.gate.start();
      // To the address that the stranger reaches: a message names the one that it is for.
      const used = scene.seal({ to: GATE4 });
      const granted = await scene.outcome(used, { host: GATE4 });
      if (granted.event !== 'granted') throw new Error(`the owner's first knock: ${JSON.stringify(granted)}`);
      const removed = await scene.gate.cli(['client', 'remove', entry.name], { asRoot: true });
      if (removed.code !== 0) throw new Error(`client remove: ${removed.stderr}`);
      const stage = new Stage({ scene, aside: dir, stranger, revoked, used, discard });
      await stage.shut();
      return stage;
    } catch (error) {
      await scene.end();
      throw error;
    }
  }

  /**
   * Everything by which somebody who may not could get in.
   * @param used a knock that has opened once
   * @returns what did get in: nothing, if all is well
   */
  async intruders(used = this.used): Promise<string[]> {
    const { ns } = this.stranger;
    // One by one: what opened is then known by what was sent before it.
    const ways: [string, Uint8Array | undefined][] = [
      ['a SYN', undefined],
      ['a replayed knock', used],
      ['a knock of a removed client', this.sealRevoked()],
    ];
    const found: string[] = [];
    for (const [what, datagram] of ways) {
      if (datagram !== undefined) {
        // Where the fault took the cable away the packet cannot be sent either.
        await sendDatagram(ns, GATE4, KNOCK_PORT, datagram).catch(() => undefined);
        await sleep(SETTLE_MS);
      }
      const open = await Promise.all([GATE4, GATE6].map((host) => isOpen(ns, host, 22, SYN_WAITS_MS)));
      if (open.includes(true)) found.push(what);
    }
    return found;
  }

  private sealRevoked(): Uint8Array {
    const place = { kind: 'ordinary' as const, epoch: epochAt(Date.now()), slot: this.slot++ };
    return sealFor(this.revoked.keys, { ...place, to: GATE4 });
  }

  /** Lets the removed client in again, as nobody may: for the test of the checker. */
  async enrolRemoved(): Promise<void> {
    const { name, key } = this.revoked.entry;
    const added = await this.scene.gate.cli(['client', 'add', 'knockgate1', 'client', key, name], { asRoot: true });
    if (added.code !== 0) throw new Error(`client add: ${added.stderr}`);
  }

  /** Ids of the target's processes by that name. */
  pids(program: 'daemon' | 'tcpdump' | 'nft'): number[] {
    if (program === 'daemon') return this.scene.gate.pid === undefined ? [] : [this.scene.gate.pid];
    return named(processesIn(this.scene.pair.target), program);
  }

  signal(program: 'daemon' | 'tcpdump' | 'nft', signal: NodeJS.Signals): void {
    for (const pid of this.pids(program)) signalQuietly(pid, signal);
  }

  /** Runs a program on the target. */
  on(...argv: string[]) {
    return run(this.scene.pair.target, argv);
  }

  nft(script: string) {
    return run(this.scene.pair.target, ['nft', '-f', '-'], { input: script });
  }

  /** Starts the daemon, when it does not run. */
  async startAgain(): Promise<void> {
    if (!this.scene.gate.running) await this.scene.gate.start();
  }

  state(name: string): string {
    return join(this.scene.gate.stateDir, name);
  }

  /** Changes a file of the state while no daemon runs, as a power cut or a backup does. */
  async changeState(change: (stateDir: string) => void, { flushed = true } = {}): Promise<void> {
    await this.scene.gate.kill9();
    // A power cut takes the kernel's table with it.
    if (flushed) await this.on('nft', 'flush', 'ruleset');
    change(this.scene.gate.stateDir);
    this.scene.gate.giveState();
  }

  setNft(mode: 'usual' | 'slow' | 'once' | 'always'): void {
    writeFileSync(join(this.aside, 'mode'), mode, { mode: 0o666 });
    chmodSync(join(this.aside, 'mode'), 0o666);
  }

  setClock(aheadMs: number): void {
    setClock(this.aside, aheadMs);
  }

  /** Waits until no grant of the owner is left. */
  async shut(): Promise<void> {
    const start = performance.now();
    while (await isOpen(this.scene.pair.client, '192.0.2.2', 22, 100)) {
      if (performance.now() - start > SHUT_WITHIN_MS) throw new Error('the port stays open for the owner');
      await sleep(50);
    }
  }

  async end(): Promise<void> {
    this.stranger.unplug();
    for (const program of ['daemon', 'tcpdump', 'nft'] as const) this.signal(program, 'SIGCONT');
    await this.scene.gate.stop();
    await runHere(['umount', '-l', this.scene.gate.stateDir]);
    await this.scene.end();
    this.discard();
  }
}

/** A client that may knock, until the stage removes it. */
async function enrolled(scene: Scene): Promise<{ entry: ClientEntry; keys: PairKeys }> {
  const client = new Client(scene.pair.client);
  try {
    const entry = await client.keygen('removed');
    const key = parseSecretKey(readFileSync(keyFile(client), 'latin1').trim());
    if (key === undefined) throw new Error('the client has no key');
    return { entry, keys: pairKeys(nodeCrypto, 'client', key, parseGateLine(scene.line).key) };
  } finally {
    client.dispose();
  }
}

function setClock(dir: string, aheadMs: number): void {
  writeFileSync(join(dir, 'clock'), String(aheadMs), { mode: 0o644 });
}

/** Command that runs the daemon with an nft that can be made slow or failing: a script that hides the system's own. */
function ownNft(dir: string): string[] {
  const [real, script] = [join(dir, 'real', 'nft'), join(dir, 'nft')];
  mkdirSync(join(dir, 'real'), { mode: 0o755 });
  copyFileSync('/usr/sbin/nft', real);
  const mode = join(dir, 'mode');
  writeFileSync(mode, 'usual', { mode: 0o666 });
  chmodSync(mode, 0o666);
  writeFileSync(
    script,
    `#!/bin/sh
read -r mode < ${mode}
case $mode in
  slow) sleep 0.7 ;;
  once) echo usual > ${mode}; exit 1 ;;
  always) exit 1 ;;
esac
exec ${real} "$@"
`,
    { mode: 0o755 },
  );
  return ['unshare', '--mount', 'sh', '-c', 'mount --bind "$1" /usr/sbin/nft; shift; exec "$@"', 'sh', script];
}

/** A file system of 2 MB over a folder. */
async function mountSmall(path: string): Promise<void> {
  await must(['mount', '-t', 'tmpfs', '-o', 'size=2m,mode=777', 'knockgate-test', path]);
}
