import { createServer, type Server, type Socket } from 'node:net';
import { clientsOf } from '../../src/fleet/clients.ts';
import { FleetFault } from '../../src/fleet/fault.ts';
import { parseParcel } from '../../src/fleet/parcel.ts';
import { type TakenSet, type Taker, takeSet } from '../../src/fleet/take.ts';

/**
 * Stands in for the daemon at its socket for agents, and takes sets with the daemon's own code. It has no firewall: what it would let in is
 * all that it tells.
 */
export class StandInGate {
  set: TakenSet | undefined;
  /** Codes of the alarms about the last parcel. */
  alarms: string[] = [];
  parcels = 0;
  private readonly server: Server;
  private readonly taker: Taker;

  constructor(taker: Taker) {
    this.taker = taker;
    this.server = createServer({ allowHalfOpen: true }, (socket) => this.serve(socket));
  }

  listen(path: string): Promise<void> {
    return new Promise((resolve) => {
      this.server.listen(path, resolve);
    });
  }

  close(): void {
    this.server.close();
  }

  /** Names of the people who would get in. */
  get people(): string {
    const clients = this.set === undefined ? [] : clientsOf(this.set, this.taker.gateId).clients;
    return clients.map(({ name }) => name.replace(/\/.*/, '')).join(' ');
  }

  private serve(socket: Socket): void {
    let bytes = Buffer.alloc(0);
    socket.on('data', (part: Buffer) => {
      bytes = Buffer.concat([bytes, part]);
      if (bytes.length < 4 || bytes.length < 4 + bytes.readUInt32BE()) return;
      socket.end(`${JSON.stringify(this.answer(bytes.subarray(4).toString('utf8')))}\n`);
    });
  }

  private answer(text: string): object {
    this.parcels++;
    try {
      const { set, alarms } = takeSet(this.taker, this.set, parseParcel(text));
      this.set = set;
      this.alarms = alarms.map(({ code }) => code);
      return { ok: true, head: set?.head.number ?? 0, root: set?.roots.newest.number ?? 0, alarms };
    } catch (error) {
      if (!(error instanceof FleetFault)) throw error;
      this.alarms = [error.alarm.code];
      return { ok: false, error: { code: error.alarm.code, message: error.alarm.why } };
    }
  }
}
