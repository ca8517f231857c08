import { parseNetwork } from '../../src/base/addresses.ts';
import { covers, formatPortRange, type PortRange, parsePortRange } from '../../src/base/ports.ts';
import type { FleetClient } from '../../src/fleet/clients.ts';
import { parseHours, presentSpan } from '../../src/fleet/hours.ts';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import { isLowOrder, parsePublicKey } from '../../src/spa/keys.ts';
import type { ConfiguredClient } from '../config/client-config.ts';
import type { OwnClients } from '../config/fleet-source.ts';

/** Clients of documents as the gate has them, beside its own. */
export interface FromDocuments {
  readonly clients: readonly ConfiguredClient[];
  /** Devices and ports that are left out, each with the reason. */
  readonly alarms: readonly string[];
  /** Unix milliseconds at which hours end, and others begin. */
  readonly changesAt: number;
}

/** From this number of clients on the gate must use the smallest number of slots, as for those of gate.toml. */
const MANY_CLIENTS = 500;

/** Makes clients of devices. A client that stays as it is stays the same object: by that a reload knows that nothing has changed. */
export class Configured {
  private known: ReadonlyMap<string, ConfiguredClient> = new Map();
  /** Clients with the same ports share one list. */
  private readonly ports = new Map<string, readonly PortRange[]>();

  /** @param now unix milliseconds: the clock, or the time at which the head was issued if that is later */
  of(
    devices: readonly FleetClient[],
    { gate, clients: local }: OwnClients,
    slotsLeast: number,
    now: number,
  ): FromDocuments {
    const keys = new Map(local.map(({ keyText, name }) => [keyText, name]));
    const alarms: string[] = [];
    const known = new Map<string, ConfiguredClient>();
    let changesAt = Number.POSITIVE_INFINITY;
    let left = gate.slots > slotsLeast ? MANY_CLIENTS - 1 - local.length : Number.POSITIVE_INFINITY;
    for (const device of devices) {
      const { name, key, sources, until, longest } = device;
      const owner = keys.get(key);
      if (owner !== undefined) {
        alarms.push(`${name} has the key of ${owner} of gate.toml, which counts`);
        continue;
      }
      if (until !== undefined && until * 1000 <= now) continue;
      const ports = this.portsOf(device, gate.ports, alarms);
      if (ports.length === 0) {
        alarms.push(`${name} is left out: this gate hides none of its ports`);
        continue;
      }
      const span =
        device.hours.length === 0
          ? undefined
          : presentSpan(
              device.hours.flatMap((each) => parseHours(each) ?? []),
              now,
            );
      if (device.hours.length > 0 && span === undefined) continue;
      if (span !== undefined) changesAt = Math.min(changesAt, span.end);
      if (left < 1) {
        alarms.push(
          `${name} and those behind it are left out: from ${MANY_CLIENTS} clients on slots must be ${slotsLeast} in gate.toml`,
        );
        break;
      }
      left -= 1;
      const ends = [span?.end, until === undefined ? undefined : until * 1000].filter((end) => end !== undefined);
      const rights = {
        name,
        sources,
        notBefore: span?.start,
        notAfter: ends.length === 0 ? undefined : Math.min(...ends),
        longestGrant: Math.min(longest, gate.longestGrant),
        strict: gate.strict,
      };
      const mark = JSON.stringify([key, ports, rights]);
      const same = this.known.get(mark) ?? clientOf(key, { ...rights, ports });
      if (same === undefined) alarms.push(`${name} is left out: with its key anybody could knock`);
      else known.set(mark, same);
    }
    this.known = known;
    return { clients: [...known.values()], alarms, changesAt };
  }

  private portsOf({ name, ports }: FleetClient, hidden: readonly PortRange[], alarms: string[]): readonly PortRange[] {
    if (ports.length === 0) return hidden;
    const mark = JSON.stringify([ports, hidden]);
    const asked = ports.map((port) => parsePortRange(port));
    const kept = asked.filter((port) => hidden.some((range) => covers(range, port)));
    for (const port of asked)
      if (!kept.includes(port))
        alarms.push(`${formatPortRange(port)} of ${name} is left out: this gate does not hide it`);
    const shared = this.ports.get(mark) ?? kept;
    this.ports.set(mark, shared);
    return shared;
  }
}

type Rights = Pick<ConfiguredClient, 'name' | 'ports' | 'notBefore' | 'notAfter' | 'longestGrant' | 'strict'> & {
  readonly sources: readonly string[];
};

/** Undefined: its key is a low-order point. */
function clientOf(keyText: string, { sources, ...rights }: Rights): ConfiguredClient | undefined {
  const key = parsePublicKey(keyText);
  if (isLowOrder(nodeCrypto, key)) return undefined;
  return {
    ...rights,
    key,
    keyText,
    pskFile: undefined,
    sequenceKeyFile: undefined,
    sequenceAction: undefined,
    sources: sources.map((source) => parseNetwork(source)),
    actions: [],
    forwards: [],
    enabled: true,
  };
}
