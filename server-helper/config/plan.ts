import { formatPortRange, type PortRange } from '../../src/base/ports.ts';
import { BOUND_SLOTS, EPOCH_SECONDS, epochsWithin } from '../../src/spa/tags.ts';
import type { FirewallPlan, SequencePlan } from '../firewall/firewall.ts';
import type { GateConfig } from './gate-config.ts';
import { windowsOf } from './open-windows.ts';
import { profilesOf } from './profiles.ts';

/** Seconds for which clients at known addresses get in without a daemon, if `tag_memory` is large enough. */
export const LEAD_SECONDS = 900;

/** Derives the firewall's plan from a configuration, without the rules that lead to decoys: `withDecoys` adds these. */
export function planOf(config: GateConfig): FirewallPlan {
  const { gate, clients } = config;
  const ranges = new Map<string, PortRange>();
  for (const range of [...gate.ports, ...clients.flatMap((client) => client.ports)]) {
    if (range.first !== range.last) ranges.set(formatPortRange(range), range);
  }
  return {
    // What only a redirect may reach is hidden from everybody else.
    ports: [...gate.ports, ...config.decoys.map(({ to }) => ({ protocol: 'tcp' as const, first: to, last: to }))],
    ranges: [...ranges.values()],
    knockPorts: gate.knockPorts,
    trustedInterfaces: gate.trustedInterfaces,
    trustedNetworks: gate.trustedNetworks,
    ipv6Prefix: gate.ipv6Prefix,
    echo: gate.echo,
    openAfter: gate.daemonDead === 'open' ? gate.daemonDeadAfter : undefined,
    windows: windowsOf(config.windows),
    capture: gate.capture === 'socket' ? 'socket' : { nflogGroup: gate.nflogGroup },
    // The longest time from giving a tag to the kernel to the tag's end, and some more for a wall clock that is set
    // meanwhile.
    spentSeconds: LEAD_SECONDS + 2 * gate.clockTolerance + 4 * EPOCH_SECONDS,
    profiles: new Map([...profilesOf(config).values()].map(({ number, ports }) => [number, ports])),
    withoutDaemon: gate.withoutDaemon,
    fwknop: fwknopOf(config),
    forwards: config.forwards,
    decoys: undefined,
    sequences: usesSequences(config) ? fixedSequences(config) : undefined,
  };
}

function fwknopOf({ gate, fwknop }: GateConfig): FirewallPlan['fwknop'] {
  const { port, rate, nflogGroup } = gate.fwknop;
  const gpg = fwknop.some((stanza) => stanza.gpg !== undefined);
  return port === undefined || fwknop.length === 0 ? undefined : { port, rate, nflogGroup, gpg };
}

/** The fixed sequences of a configuration. */
export function fixedSequences({ gate: { nflogGroup }, sequences }: GateConfig): SequencePlan[] {
  return sequences.map(({ name, steps, stepTimeout, ports, grant, sources, action }) => {
    const whose = { of: 'sequence' as const, name };
    const log = action === undefined ? undefined : { ...whose, nflogGroup };
    return { whose, steps, stepSeconds: stepTimeout, ports, seconds: grant, sources, once: undefined, log };
  });
}

function usesSequences({ clients, sequences }: GateConfig): boolean {
  return sequences.length > 0 || clients.some(({ sequenceKeyFile }) => sequenceKeyFile !== undefined);
}

/**
 * Messages to remember for each client: one for each slot and epoch within the clock tolerance (protocol.md), and one epoch
 * more for the edges.
 */
export function replayPlaces({ gate }: GateConfig): number {
  const toleranceMs = gate.clockTolerance * 1000;
  return (gate.slots + BOUND_SLOTS) * (epochsWithin(0, toleranceMs).length + 1);
}
