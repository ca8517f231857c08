import type { Server } from 'node:net';
import { setImmediate as immediate } from 'node:timers/promises';
import type { Address } from '../../src/base/addresses.ts';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import type { Actions } from '../action/actions.ts';
import type { Activity } from '../audit/activity.ts';
import type { Audit } from '../audit/audit.ts';
import { loadActionBundle, loadAnswerBundle, loadDecoyBundle, loadFwknopBundle, loadManageBundle } from '../bundles.ts';
import type { Capture } from '../capture/capture.ts';
import { NflogCapture } from '../capture/tcpdump.ts';
import type { Clock } from '../clock.ts';
import type { GateConfig } from '../config/gate-config.ts';
import type { Kept } from '../config/kept.ts';
import { keepLastGood, type LoadedGate, loadingGate, type Skip } from '../config/load.ts';
import { planOf } from '../config/plan.ts';
import { Skipped } from '../config/skipped.ts';
import type { ControlRequest } from '../control/protocol.ts';
import { listenForControl } from '../control/server.ts';
import { keepBootScript } from '../firewall/boot-script.ts';
import type { Firewall, FirewallPlan } from '../firewall/firewall.ts';
import type { FwknopDoor } from '../fwknop/door.ts';
import { inSlices } from '../in-slices.ts';
import type { Paths } from '../paths.ts';
import { reasonOf, starting } from '../problems.ts';
import { Alerting } from './alerting.ts';
import type { ChildFile } from './children.ts';
import { Door, type DoorSettings } from './door.ts';
import { meetFleet } from './fleet.ts';
import { Gate } from './gate.ts';
import type { Means } from './grant.ts';
import { LastHeard } from './last-heard.ts';
import type { ServiceManager } from './service-manager.ts';
import { readTrial } from './trial.ts';

/** Milliseconds without a sound heartbeat after which the watchdog is not fed; while the gate starts, one step takes no longer. */
const SOUND_WITHIN = 15_000;
const STARTS_WITHIN = 5000;

export interface DaemonParts {
  readonly paths: Paths;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly activity: Activity;
  readonly firewall: Firewall;
  readonly children: ChildFile;
  readonly service: ServiceManager;
  /** Id of this boot (`bootId`). */
  readonly boot: Uint8Array | undefined;
  /** Of what was read at the start. */
  readonly kept: Kept;
  /** Told when no other daemon runs here. */
  readonly alone: () => void;
}

/**
 * The process behind `knockgated run`: the gate, the door for fwknop, the actions, and the socket for subcommands, started,
 * reloaded and stopped together.
 */
export class Daemon {
  private readonly parts: DaemonParts;
  private readonly loaded: LoadedGate;
  readonly alerting: Alerting;
  private skipped: Skipped;
  private server: Server | undefined;
  private gate: Gate | undefined;
  private fwknop: FwknopDoor | undefined;
  private loading: Promise<Actions> | undefined;
  /** Starts and reloads wait for one another. */
  private working: Promise<unknown> = Promise.resolve();

  /**
   * @param loaded configuration at the start
   * @param skipped parts of it that are skipped
   */
  constructor(parts: DaemonParts, loaded: LoadedGate, skipped: Skipped) {
    this.parts = parts;
    this.loaded = loaded;
    this.skipped = skipped;
    this.alerting = new Alerting({ ...parts, configured: () => this.config.alerts });
  }

  /** The configuration that is in force. */
  get config(): GateConfig {
    return (this.gate ?? this.loaded).config;
  }

  /**
   * Listens for subcommands, hears knocks, hides the ports.
   * @throws Problem when it cannot work here; `close` is to be called then as well
   */
  async start(): Promise<void> {
    const { paths, audit, children, service, alone } = this.parts;
    // First of all: one daemon alone may use the replay file and the table.
    this.server = await listenForControl(paths.socket, (request) => this.answer(request));
    alone();
    if (children.endLeftovers() > 0) audit({ event: 'leftovers-ended', detail: 'tcpdump of an earlier daemon' });
    const gate = await this.makeGate();
    this.gate = gate;
    process.on('SIGHUP', () => void this.reload().catch(() => {}));
    service.starting(() => gate.isSound(STARTS_WITHIN));
    this.fwknop = await this.oneByOne(() => this.openFwknopDoor(this.loaded, this.skipped.add));
    this.reportSkipped();
    await gate.start();
    service.ready(() => gate.isSound(SOUND_WITHIN));
  }

  /**
   * Brings the configuration of now into force. What fails leaves the previous one in force.
   * @throws Problem
   */
  reload(): Promise<void> {
    const getsOn = () => this.gate?.isSound(SOUND_WITHIN) === true;
    return this.parts.service.reloading(
      getsOn,
      this.oneByOne(() => this.reloadNow()),
    );
  }

  /** To be called every second. */
  async second(): Promise<void> {
    this.alerting.second();
    if (this.parts.kept.fleet?.takeDue()) await this.reload();
    await this.gate?.second();
    if (this.config.actions.length > 0) await (await this.actions()).second();
  }

  /** To be called every few seconds. */
  async heartbeat(): Promise<void> {
    await this.gate?.heartbeat();
  }

  /** Lets go of everything; the ports stay hidden. To be called when it has started. */
  async stop(): Promise<void> {
    this.parts.service.stopping();
    await this.gate?.stop();
    await this.alerting.stop();
  }

  /** Ends what is left: to be called last, whether it has started or not. */
  async close(): Promise<void> {
    // Another daemon answers at the socket: the programs that are noted are its own.
    if (this.server === undefined) return;
    // A start or reload may be opening a door.
    await this.working.catch(() => {});
    await this.fwknop?.door.stop();
    this.server.close();
    this.parts.children.forget();
  }

  private async answer(request: ControlRequest): Promise<unknown> {
    const { gate, skipped, parts } = this;
    if (gate === undefined) throw starting();
    // These two work also while an upgrade replaces the files of the program.
    if (request.command === 'reload') await this.reload();
    else if (request.command === 'confirm') await gate.confirm();
    else
      return await (await loadAnswerBundle()).answer(
        {
          ...parts,
          gate,
          skipped: [...skipped.faults, ...gate.arming.leftOut, ...(parts.kept.fleet?.alarms ?? [])],
        },
        request,
      );
    return {};
  }

  private async makeGate(): Promise<Gate> {
    const { paths, boot, clock } = this.parts;
    const { capture, nflogGroup, knockPorts } = this.loaded.config.gate;
    return new Gate(
      {
        ...this.means(),
        crypto: nodeCrypto,
        clock,
        capture: await this.captureOf(capture, nflogGroup, knockPorts),
        replayFile: paths.replay,
        knownAddresses: paths.knownAddresses,
        lastHeard: new LastHeard(paths.heardRunning, paths.heardStopped),
        boot,
        trial: () => readTrial(paths.trial),
        planOf: withDecoysOf,
        otherDoors: () => (this.fwknop === undefined ? [] : [this.fwknop.door]),
        armedForGood: (plan) => keepBootScript(paths.boot, plan),
        reported: (prefix, source, { config }) =>
          void this.reported(prefix, source, config).catch((error: unknown) => this.fault(error)),
      },
      this.loaded,
    );
  }

  private async reloadNow(): Promise<void> {
    const { paths, audit, clock } = this.parts;
    let opened: FwknopDoor | undefined;
    try {
      const skipped = new Skipped(this.skipped);
      await meetFleet(paths, this.parts.kept, clock);
      const reading = loadingGate(nodeCrypto, paths, this.parts.kept, skipped.add);
      const next = await inSlices(reading, clock.steady, () => immediate());
      const stanzas = await this.fwknop?.prepare(next, skipped.add);
      if (this.fwknop === undefined) opened = await this.openFwknopDoor(next, skipped.add);
      await this.gate?.reload(next);
      if (stanzas !== undefined) await this.fwknop?.reload(next, stanzas);
      this.fwknop ??= opened;
      this.skipped = skipped;
      this.reportSkipped();
      keepLastGood(paths, next);
    } catch (error) {
      await opened?.door.stop();
      audit({ event: 'reload-failed', detail: reasonOf(error) });
      throw error;
    }
  }

  /**
   * Opens the door for fwknop when the configuration has a port for it and somebody to send packets. Whatever is wrong with this
   * door, the gate beside it starts: its owner may have no other way in.
   * @param skip told of the door, or of a stanza; when it throws, nothing is left listening
   */
  private async openFwknopDoor(loaded: LoadedGate, skip: Skip): Promise<FwknopDoor | undefined> {
    const { paths, audit, clock, boot } = this.parts;
    const { capture: kind, fwknop } = loaded.config.gate;
    if (fwknop.port === undefined || loaded.fwknop.length === 0) return undefined;
    let opened: FwknopDoor | undefined;
    try {
      const { FwknopDoor, nodeFwknopCrypto: fwknopCrypto } = await loadFwknopBundle();
      const capture = await this.captureOf(kind, fwknop.nflogGroup, [fwknop.port]);
      const parts = { crypto: nodeCrypto, clock, audit, capture, replayFile: paths.fwknopReplay, boot };
      const makeDoor = (settings: DoorSettings) => new Door(parts, 'fwknop', settings);
      opened = new FwknopDoor({ ...this.means(), clock, fwknopCrypto, makeDoor }, loaded);
      await opened.start(skip);
      return opened;
    } catch (error) {
      await opened?.door.stop();
      skip(`fwknop_port ${fwknop.port}`, error);
      return undefined;
    }
  }

  private async captureOf(kind: 'nflog' | 'socket', nflogGroup: number, ports: readonly number[]): Promise<Capture> {
    if (kind === 'nflog') return new NflogCapture(nflogGroup, this.parts.children);
    const { SocketCapture } = await loadManageBundle();
    return new SocketCapture(ports);
  }

  private means(): Means {
    const { firewall, audit } = this.parts;
    const act: Means['act'] = (...request) =>
      this.actions().then(
        (actions) => actions.open(...request),
        (error: unknown) => this.fault(error),
      );
    return { firewall, audit, act };
  }

  /** Loaded when the first action is asked for. */
  private actions(): Promise<Actions> {
    const { paths, clock, audit } = this.parts;
    this.loading ??= loadActionBundle().then(({ makeActions }) => makeActions(paths, clock, audit));
    return this.loading;
  }

  private async reported(prefix: string, source: Address, config: GateConfig): Promise<void> {
    const { audit, clock } = this.parts;
    if (config.decoys.length > 0 && (await (await loadDecoyBundle()).noteVisit(audit, prefix, source, config))) return;
    const { actOnSequence } = await loadActionBundle();
    await actOnSequence({ actions: await this.actions(), audit, clock }, prefix, source, config);
  }

  private reportSkipped(): void {
    for (const fault of this.skipped.faults)
      this.parts.audit({ event: 'skipped', detail: `${fault} — running without it` });
    for (const detail of this.parts.kept.fleet?.alarms ?? []) this.parts.audit({ event: 'fleet-alarm', detail });
  }

  private fault(error: unknown): void {
    this.parts.audit({ event: 'fault', detail: reasonOf(error) });
  }

  private oneByOne<T>(work: () => Promise<T>): Promise<T> {
    const done = this.working.then(work, work);
    this.working = done;
    return done;
  }
}

/** Without decoys where their code cannot be loaded: a gate that hides its ports matters more. */
async function withDecoysOf(config: GateConfig, leaveOut: (fault: string) => void): Promise<FirewallPlan> {
  const plan = planOf(config);
  if (config.decoys.length === 0) return plan;
  return await loadDecoyBundle().then(
    ({ withDecoys }) => withDecoys(plan, config.decoys),
    (error: unknown) => {
      leaveOut(`[[decoy]]: ${reasonOf(error)}`);
      return plan;
    },
  );
}
