import { mkdirSync, readFileSync } from 'node:fs';
import type { Address } from '../../src/spa/addresses.ts';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import { ExitCode, Problem } from '../../src/spa/problem.ts';
import type { Actions } from '../action/actions.ts';
import { auditTo } from '../audit/audit.ts';
import { RepeatedRefusals } from '../audit/repeated-refusals.ts';
import { bootId } from '../boot-id.ts';
import { loadActionPart, loadFwknopPart, loadManagePart } from '../bundles.ts';
import type { Capture } from '../capture/capture.ts';
import { SocketCapture } from '../capture/socket.ts';
import { NflogCapture } from '../capture/tcpdump.ts';
import { systemClock } from '../clock.ts';
import type { GateConfig } from '../config/gate-config.ts';
import type { GateSettings } from '../config/gate-settings.ts';
import { keepLastGood, type LeaveOut, type LoadedGate, loadGate, loadLastGood } from '../config/load.ts';
import { LeftOut } from '../config/skipped.ts';
import { controlHandler } from '../control/handler.ts';
import { listenForControl } from '../control/server.ts';
import { keepBootScript } from '../firewall/boot-script.ts';
import type { Firewall } from '../firewall/firewall.ts';
import { NftablesFirewall, type NftablesParts } from '../firewall/nftables.ts';
import type { FwknopDoor, FwknopDoorParts } from '../fwknop/door.ts';
import type { Paths } from '../paths.ts';
import { fileUnwritable, needsNetAdmin, reasonOf, starting } from '../problems.ts';
import { ChildFile } from './children.ts';
import { Gate } from './gate.ts';
import { ServiceManager } from './service-manager.ts';
import { readTrial } from './trial.ts';

export type FirewallKind = 'nftables' | 'memory' | 'dry-run';

/** Milliseconds between two looks whether the table still is as armed. */
const HEARTBEAT = 3000;
/** Milliseconds without a sound heartbeat after which the watchdog is not fed; while the gate starts, one step takes no longer. */
const SOUND_WITHIN = 15_000;
const STARTS_WITHIN = 5000;
const CAP_NET_ADMIN = 12;

const writeError = (text: string): void => {
  process.stderr.write(text);
};
// A terminal that closed, a log reader that died: no reason to leave a closed door without a doorman.
process.stderr.on('error', () => {});

/** The daemon: runs until it is told to stop. @returns the exit code */
export async function run(paths: Paths, kind: FirewallKind): Promise<ExitCode> {
  const clock = systemClock;
  const refusals = new RepeatedRefusals(
    auditTo(writeError, clock.wall),
    clock.steady,
    () => (gate?.config ?? loaded.config).gate.refusalsLogged,
  );
  const { audit } = refusals;
  let gate: Gate | undefined;
  let leftOut = new LeftOut();
  const tellLeftOut = (): void => {
    for (const fault of leftOut.faults) audit({ event: 'left-out', detail: `${fault} — running without it` });
  };
  const loaded = load(paths, leftOut.add, (error) =>
    audit({ event: 'config-invalid', detail: `${reasonOf(error)} — running on the last good configuration` }),
  );
  if (kind === 'nftables' && !hasNetAdmin()) throw needsNetAdmin();
  for (const folder of [paths.runtime, paths.state]) makeFolder(folder);
  keepLastGood(paths, loaded);
  // From here on a signal is heard: one that comes while the gate is being armed stops it in good order as well.
  const stopping = new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  const children = new ChildFile(paths.children);
  let fwknop: FwknopDoor | undefined;
  const fault = (error: unknown): void => audit({ event: 'fault', detail: reasonOf(error) });
  const events = { lost: (detail: string) => audit({ event: 'firewall-program-lost', detail }) };
  const boot = bootId(process.env);
  const firewall = await firewallOf(kind, { steady: clock.steady, events, script: paths.nftScript, boot });
  let working: Promise<unknown> = Promise.resolve();
  const oneByOne = <T>(work: () => Promise<T>): Promise<T> => {
    const done = working.then(work, work);
    working = done;
    return done;
  };
  const reloadNow = async (): Promise<void> => {
    let opened: FwknopDoor | undefined;
    try {
      const stillOut = new LeftOut(leftOut);
      const next = loadGate(nodeCrypto, paths, stillOut.add);
      const stanzas = await fwknop?.prepare(next, stillOut.add);
      if (fwknop === undefined) opened = await openFwknopDoor(next, children, doorParts, stillOut.add);
      await gate?.reload(next);
      if (stanzas !== undefined) await fwknop?.reload(next, stanzas);
      fwknop ??= opened;
      leftOut = stillOut;
      tellLeftOut();
      keepLastGood(paths, next);
    } catch (error) {
      await opened?.stop();
      audit({ event: 'reload-failed', detail: reasonOf(error) });
      throw error;
    }
  };
  const service = new ServiceManager(process.env);
  const reload = () => service.reloading(() => gate?.isSound(SOUND_WITHIN) === true, oneByOne(reloadNow));
  let loading: Promise<Actions> | undefined;
  const actions = (): Promise<Actions> => {
    loading ??= loadActionPart().then(({ makeActions }) => makeActions(paths, clock, audit));
    return loading;
  };
  const act = (...wish: Parameters<Actions['open']>) => actions().then((them) => them.open(...wish), fault);
  const means = { firewall, audit, act };
  const doorParts = { ...means, crypto: nodeCrypto, clock, replayFile: paths.fwknopReplay, boot };
  const completed = async (prefix: string, source: Address, config: GateConfig): Promise<void> => {
    const { actOnSequence } = await loadActionPart();
    await actOnSequence({ actions: await actions(), audit, clock }, prefix, source, config);
  };
  const server = await listenForControl(paths.socket, async (request) => {
    if (gate === undefined) throw starting();
    return await controlHandler({ gate, firewall, audit, clock, reload, leftOut: leftOut.faults })(request);
  });
  try {
    if (children.endLeftovers() > 0) audit({ event: 'leftovers-ended', detail: 'tcpdump of an earlier daemon' });
    const capture = captureOf(loaded.config.gate, children);
    gate = new Gate(
      {
        ...means,
        crypto: nodeCrypto,
        clock,
        capture,
        replayFile: paths.replay,
        boot,
        trial: () => readTrial(paths.trial),
        otherDoors: () => (fwknop === undefined ? [] : [fwknop]),
        armedForGood: (plan) => keepBootScript(paths.boot, plan),
        completed: (prefix, source, { config }) => void completed(prefix, source, config).catch(fault),
      },
      loaded,
    );
    process.on('SIGHUP', () => void reload().catch(() => {}));
    const begun = gate;
    service.starting(() => begun.isSound(STARTS_WITHIN));
    fwknop = await oneByOne(() => openFwknopDoor(loaded, children, doorParts, leftOut.add));
    tellLeftOut();
    await gate.start();
    const second = async (): Promise<void> => {
      refusals.second();
      await begun.second();
      if (begun.config.actions.length > 0) await (await actions()).second();
    };
    await keepGoing(gate, { second, heartbeat: () => begun.heartbeat() }, service, stopping, fault);
  } finally {
    refusals.flush();
    // One may be opening a door.
    await working.catch(() => {});
    await fwknop?.stop();
    server.close();
    children.forget();
  }
  return ExitCode.done;
}

/** Runs the gate's clockwork until it is to stop, then stops it. */
async function keepGoing(
  gate: Gate,
  clockwork: { readonly second: () => Promise<void>; readonly heartbeat: () => Promise<void> },
  service: ServiceManager,
  stopping: Promise<void>,
  fault: (error: unknown) => void,
): Promise<void> {
  const seconds = setInterval(() => void clockwork.second().catch(fault), 1000);
  const heartbeats = setInterval(() => void clockwork.heartbeat().catch(fault), HEARTBEAT);
  service.ready(() => gate.isSound(SOUND_WITHIN));
  await stopping;
  clearInterval(seconds);
  clearInterval(heartbeats);
  service.stopping();
  await gate.stop();
}

function load(paths: Paths, leaveOut: LeaveOut, onInvalid: (error: unknown) => void): LoadedGate {
  try {
    return loadGate(nodeCrypto, paths, leaveOut);
  } catch (error) {
    // Only a file that is wrong is replaced by its last good copy; a missing key or a cloned machine is not overlooked.
    if (!(error instanceof Problem) || error.text.code !== 'config-invalid') throw error;
    const lastGood = loadLastGood(nodeCrypto, paths, leaveOut);
    if (lastGood === undefined) throw error;
    onInvalid(error);
    return lastGood;
  }
}

function captureOf(settings: GateSettings, children: ChildFile): Capture {
  return settings.capture === 'socket'
    ? new SocketCapture(settings.knockPorts)
    : new NflogCapture(settings.nflogGroup, children);
}

/**
 * Packets of fwknop are heard when the configuration has a port for them and somebody to send them. Whatever is wrong with this
 * door, the gate beside it starts: its owner may have no other way in.
 * @param leaveOut told of the door, or of a stanza; when it throws, nothing is left listening
 */
async function openFwknopDoor(
  loaded: LoadedGate,
  children: ChildFile,
  parts: Omit<FwknopDoorParts, 'fwknopCrypto' | 'capture'>,
  leaveOut: LeaveOut,
): Promise<FwknopDoor | undefined> {
  const { capture: kind, fwknop } = loaded.config.gate;
  if (fwknop.port === undefined || loaded.fwknop.length === 0) return undefined;
  let door: FwknopDoor | undefined;
  try {
    const { FwknopDoor, nodeFwknopCrypto: fwknopCrypto } = await loadFwknopPart();
    const capture =
      kind === 'socket' ? new SocketCapture([fwknop.port]) : new NflogCapture(fwknop.nflogGroup, children);
    door = new FwknopDoor({ ...parts, fwknopCrypto, capture }, loaded);
    await door.start(leaveOut);
    return door;
  } catch (error) {
    await door?.stop();
    leaveOut(`fwknop_port ${fwknop.port}`, error);
    return undefined;
  }
}

async function firewallOf(kind: FirewallKind, parts: NftablesParts): Promise<Firewall> {
  if (kind === 'nftables') return new NftablesFirewall(parts);
  const { steady } = parts;
  const { DryRunFirewall, MemoryFirewall } = await loadManagePart();
  if (kind === 'memory') return new MemoryFirewall(steady);
  return new DryRunFirewall(steady, (commands) => process.stdout.write(`${commands}\n`));
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o750 });
  } catch (error) {
    throw fileUnwritable(path, error);
  }
}

/** Effective capabilities of this process, from proc(5) status. */
function hasNetAdmin(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '0';
  return ((BigInt(`0x${effective}`) >> BigInt(CAP_NET_ADMIN)) & 1n) === 1n;
}
