import { clientsOf } from '../../src/fleet/clients.ts';
import type { TakenSet } from '../../src/fleet/take.ts';
import { SLOTS } from '../../src/spa/tags.ts';
import type { FleetSource, OwnClients } from '../config/fleet-source.ts';
import type { Paths } from '../paths.ts';
import { reasonOf } from '../problems.ts';
import { Configured } from './configured.ts';
import { readAnchor, readSetText, setOf } from './state.ts';

/** Milliseconds until a reload for hours is tried again, when one failed. */
const AGAIN = 60_000;

/** Clients of the set in force. Whatever is wrong with it, those of gate.toml get in. */
export class SetInForce implements FleetSource {
  alarms: readonly string[] = [];
  private readonly paths: Paths;
  private readonly wall: () => number;
  private readonly configured = new Configured();
  private present: { readonly text: string; readonly set: TakenSet; readonly gateId: string } | undefined;
  private changesAt = Number.POSITIVE_INFINITY;

  /** @param wall unix milliseconds */
  constructor(paths: Paths, wall: () => number) {
    this.paths = paths;
    this.wall = wall;
  }

  withClients<C extends OwnClients>(config: C): C {
    const faults: string[] = [];
    this.changesAt = Number.POSITIVE_INFINITY;
    this.read(faults);
    let clients: OwnClients['clients'] = [];
    try {
      if (this.present !== undefined) {
        const { set, gateId } = this.present;
        const { clients: devices, alarms } = clientsOf(set, gateId);
        const now = Math.max(this.wall(), set.head.issued * 1000);
        const found = this.configured.of(devices, config, SLOTS.least, now);
        clients = found.clients;
        this.changesAt = found.changesAt;
        faults.push(...alarms.map(({ document, why }) => `${document}: ${why}`), ...found.alarms);
        if (now > set.head.expires * 1000) faults.push(`head/${set.head.number} has expired: what is in force stays`);
        const { number, expires } = set.roots.newest;
        if (now > expires * 1000) faults.push(`root/${number} has expired: what is in force stays`);
      }
    } catch (error) {
      faults.push(`its clients are left out: ${reasonOf(error)}`);
    }
    this.alarms = faults.map((fault) => `fleet: ${fault.replaceAll('\n', ' ')}`);
    return clients.length === 0 ? config : { ...config, clients: [...config.clients, ...clients] };
  }

  takeDue(): boolean {
    const now = this.wall();
    if (now < this.changesAt) return false;
    this.changesAt = now + AGAIN;
    return true;
  }

  /** A set that is torn leaves the one read before in force; after a start, there is none. */
  private read(faults: string[]): void {
    try {
      const anchor = readAnchor(this.paths);
      const text = readSetText(this.paths);
      if (text === undefined) faults.push('no set was taken yet: `knockgated fleet apply` takes one');
      else if (text !== this.present?.text)
        this.present = { text, set: setOf(text, anchor, Math.floor(this.wall() / 1000)), gateId: anchor.gateId };
    } catch (error) {
      const stays = this.present === undefined ? 'gate.toml alone counts' : 'the set in force stays';
      faults.push(`the state folder cannot be used, ${stays}: ${reasonOf(error)}`);
    }
  }
}
