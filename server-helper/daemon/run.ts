import { mkdirSync, readFileSync } from 'node:fs';
import { ExitCode, Problem } from '../../src/base/problem.ts';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import { ActivityFile } from '../audit/activity-file.ts';
import { type Audit, type AuditEntry, auditTo } from '../audit/audit.ts';
import { Chain } from '../audit/chain.ts';
import { EventsFile, isJournal } from '../audit/events-file.ts';
import { RepeatedRefusals } from '../audit/repeated-refusals.ts';
import { bootId } from '../boot-id.ts';
import { loadManageBundle, loadSequenceBundle } from '../bundles.ts';
import { systemClock } from '../clock.ts';
import { Kept } from '../config/kept.ts';
import { keepLastGood, type LoadedGate, loadingGate, loadLastGood, type Skip } from '../config/load.ts';
import { Skipped } from '../config/skipped.ts';
import type { Firewall } from '../firewall/firewall.ts';
import { NftablesFirewall, type NftablesParts } from '../firewall/nftables.ts';
import { atOnce } from '../in-slices.ts';
import type { Paths } from '../paths.ts';
import { fileUnwritable, needsNetAdmin, reasonOf } from '../problems.ts';
import { ChildFile } from './children.ts';
import { Daemon } from './daemon.ts';
import { meetFleet } from './fleet.ts';
import { ServiceManager } from './service-manager.ts';

export type FirewallKind = 'nftables' | 'memory' | 'dry-run';

/** Seconds between two looks whether the table still is as armed. */
const HEARTBEAT_SECONDS = 3;
const CAP_NET_ADMIN = 12;

const writeError = (text: string): void => {
  process.stderr.write(text);
};
// A terminal that closed, a log reader that died: no reason to leave a closed door without a doorman.
process.stderr.on('error', () => {});

/** Runs the daemon until a signal stops it. @returns the exit code */
export async function run(paths: Paths, kind: FirewallKind): Promise<ExitCode> {
  const clock = systemClock;
  let daemon: Daemon | undefined;
  const audit: Audit = (entry) => {
    daemon?.alerting.note(entry);
    refusals.audit(entry);
  };
  const chain = new Chain(paths.auditEnd);
  const events = new EventsFile(paths.events, audit, !isJournal(process.env));
  const write = (line: string): void => {
    writeError(line);
    events.write(line);
  };
  let history: ActivityFile | undefined;
  // What is counted is what is written: a count over the log has the same figures.
  const count = (entry: AuditEntry, now: number): void => history?.activity.note(entry, now);
  const refusals = new RepeatedRefusals(
    auditTo(write, clock.wall, { chain, count }),
    clock.steady,
    () => (daemon ?? loaded).config.gate.refusalsLogged,
  );
  history = new ActivityFile(paths.activity, clock.steady, audit);
  const { activity } = history;
  const skipped = new Skipped();
  const kept = new Kept();
  await meetFleet(paths, kept, clock);
  const loaded = load(paths, kept, skipped.add, (error) =>
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
  const boot = bootId(process.env);
  const programs = { lost: (detail: string) => audit({ event: 'firewall-program-lost', detail }) };
  const script = paths.nftScript;
  const parts = { steady: clock.steady, events: programs, script, boot, loadSequences: loadSequenceBundle };
  const firewall = await firewallOf(kind, parts);
  const [children, service] = [new ChildFile(paths.children), new ServiceManager(process.env)];
  const alone = () => events.begin();
  daemon = new Daemon(
    { paths, clock, audit, activity, firewall, children, service, boot, kept, alone },
    loaded,
    skipped,
  );
  try {
    await daemon.start();
    const logs = [refusals, history, chain];
    const clockwork = keepGoing(daemon, logs, (error) => audit({ event: 'fault', detail: reasonOf(error) }));
    await stopping;
    clearInterval(clockwork);
    await daemon.stop();
    refusals.flush();
    // Not when it could not start: the files may be those of another daemon.
    history.write();
    chain.second();
  } finally {
    refusals.flush();
    await daemon.close();
  }
  return ExitCode.done;
}

/** One timer for everything: each timer would wake the processor at a moment of its own. */
function keepGoing(
  daemon: Daemon,
  logs: readonly { second(): void }[],
  fault: (error: unknown) => void,
): NodeJS.Timeout {
  let seconds = 0;
  return setInterval(() => {
    seconds += 1;
    for (const log of logs) log.second();
    void daemon.second().catch(fault);
    if (seconds % HEARTBEAT_SECONDS === 0) void daemon.heartbeat().catch(fault);
  }, 1000);
}

function load(paths: Paths, kept: Kept, skip: Skip, onInvalid: (error: unknown) => void): LoadedGate {
  try {
    return atOnce(loadingGate(nodeCrypto, paths, kept, skip));
  } catch (error) {
    // Only a file that is wrong is replaced by its last good copy; a missing key or a cloned machine is not overlooked.
    if (!(error instanceof Problem) || error.text.code !== 'config-invalid') throw error;
    const lastGood = loadLastGood(nodeCrypto, paths, skip, kept);
    if (lastGood === undefined) throw error;
    onInvalid(error);
    return lastGood;
  }
}

async function firewallOf(kind: FirewallKind, parts: NftablesParts): Promise<Firewall> {
  if (kind === 'nftables') return new NftablesFirewall(parts);
  const { steady } = parts;
  const { DryRunFirewall, MemoryFirewall } = await loadManageBundle();
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
