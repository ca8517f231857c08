import { dirname, join } from 'node:path';

/** Where the gate keeps its files; knockgated(8), FILES. */
export interface Paths {
  readonly config: string;
  readonly key: string;
  /** The key before a rotation, for as long as it is good. */
  readonly previousKey: string;
  readonly state: string;
  readonly replay: string;
  readonly fwknopReplay: string;
  /** Addresses that clients have proved to be their own. */
  readonly knownAddresses: string;
  /** Their times say until when packets were heard: while a daemon runs, and when it has stopped. */
  readonly heardRunning: string;
  readonly heardStopped: string;
  /** Hourly counts of events, and who came. */
  readonly activity: string;
  /** The audit log on a host without a journal; `events.1` is what was there before it became too long. */
  readonly events: string;
  /** Number and hash of the last line of the audit log. */
  readonly auditEnd: string;
  readonly lastGood: string;
  /** Rules that nft loads at the next boot, before there is a daemon. */
  readonly boot: string;
  readonly runtime: string;
  readonly socket: string;
  readonly children: string;
  /** Through which long commands are handed to nft. */
  readonly nftScript: string;
  /** Actions that have to be closed, and when. */
  readonly pendingCloses: string;
  /** Where actions and alerts are asked for. */
  readonly actionSocket: string;
  /** Until when the gate is on trial. */
  readonly trial: string;
}

/**
 * Paths from the daemon's environment: systemd sets STATE_DIRECTORY and RUNTIME_DIRECTORY to what the unit names.
 * @param config `--config`, default `/etc/knockgate/gate.toml`; the gate's key lies beside it
 */
export function pathsFrom(environment: NodeJS.ProcessEnv, config = '/etc/knockgate/gate.toml'): Paths {
  const state = environment.STATE_DIRECTORY ?? '/var/lib/knockgate';
  const runtime = environment.RUNTIME_DIRECTORY ?? '/run/knockgate';
  return {
    config,
    key: join(dirname(config), 'gate.key'),
    previousKey: join(dirname(config), 'gate.key.previous'),
    state,
    replay: join(state, 'replay'),
    fwknopReplay: join(state, 'fwknop-replay'),
    knownAddresses: join(state, 'known-addresses'),
    heardRunning: join(runtime, 'heard'),
    heardStopped: join(state, 'heard'),
    activity: join(state, 'activity'),
    events: join(state, 'events'),
    auditEnd: join(state, 'audit-end'),
    lastGood: join(state, 'gate.toml.last-good'),
    boot: join(state, 'boot.nft'),
    runtime,
    socket: join(runtime, 'control.sock'),
    children: join(runtime, 'children'),
    nftScript: join(runtime, 'tags.nft'),
    pendingCloses: join(state, 'actions'),
    actionSocket: `${runtime}-action`,
    trial: `${runtime}-trial`,
  };
}
