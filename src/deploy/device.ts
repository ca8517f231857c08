import type { Socket } from 'node:net';
import { formatAddress, isGlobal, isIPv4, parseAddress } from '../base/addresses.ts';
import type { RequestedPort } from '../base/ports.ts';
import { hostOfGate } from '../client/gate/host.ts';
import { type KnockResult, knockAndWait } from '../client/gate/knock-and-wait.ts';
import type { KnockIo } from '../client/gate/knock-io.ts';
import type { KnownGate } from '../client/gate/known-gates.ts';
import { findTarget } from '../client/gate/target.ts';
import type { Resolve } from '../client/network/resolve.ts';
import type { ClientEnrolment, GateEnrolment } from '../spa/enrolment.ts';
import { pairKeys } from '../spa/outer.ts';

/** This computer as gates know it: it knocks, and remembers gates. */
export interface Device {
  readonly client: ClientEnrolment;
  /** Gate of the host, as this device knew it before. */
  readonly known: GateEnrolment | undefined;
  /** The gates of all hosts that this device knows. */
  readonly gates: readonly KnownGate[];
  /** Knocks, and waits for the TCP port. */
  knock(gate: GateEnrolment, asking: Asking, signal: AbortSignal): Promise<Opened>;
  /**
   * Notes an address from which the gate's server saw this device come, over SSH and directly: behind a NAT, knocks claim it.
   * @param address where the gate is
   * @param seen as the server wrote it
   */
  noteSeen(gate: GateEnrolment, address: string, seen: string): Promise<void>;
  /** The pre-shared key of this device and the host's gate; undefined when there is none. */
  readonly psk: Uint8Array | undefined;
  /** Random bytes for pre-shared keys and ports. */
  randomBytes(count: number): Uint8Array;
  /**
   * Remembers the gate under the host's name.
   * @returns a function that undoes it
   */
  save(gate: GateEnrolment, found?: Found): Promise<() => Promise<void>>;
}

/** Results that a deployment has found out or agreed with a gate. Where one is undefined, this device keeps what it knows. */
export interface Found {
  /** Milliseconds that the gate's clock is ahead of ours. */
  readonly clockOffsetMs: number | undefined;
  readonly psk: Uint8Array | undefined;
  /** TCP port at which ssh got through. */
  readonly sshPort: number | undefined;
}

/** Values that a memory keeps with the gate's line. An undefined one stays as it is. */
export type Kept = Pick<Found, 'psk' | 'sshPort'>;

export interface Asking {
  readonly host: string;
  /** Address to knock at: the one that ssh reaches the host by. */
  readonly address: string;
  readonly port: number;
  /** Seconds; 0 for the gate's default. */
  readonly seconds: number;
  readonly timeoutMs: number;
}

/** Connection that got through. */
export interface Opened {
  readonly socket: Socket;
  readonly address: string;
  readonly afterMs: number;
}

/** Memory of gates: the command line and the editor each have their own. */
export interface Memory extends Pick<Device, 'known' | 'gates' | 'psk'> {
  readonly host: string;
  /** Whether knocks claim their source, as the host's settings say. */
  readonly claimSource: boolean;
  readonly save: (gate: GateEnrolment, kept: Kept) => Promise<() => Promise<void>>;
}

/** Makes a device from its private key. */
export function deviceOf(
  client: ClientEnrolment,
  privateKey: Uint8Array,
  memory: Memory,
  io: KnockIo & { readonly resolve: Resolve },
): Device {
  let { psk } = memory;
  const pairWith = (gate: GateEnrolment) => pairKeys(io.crypto, 'client', privateKey, gate.key, psk);
  return {
    client,
    known: memory.known,
    gates: memory.gates,
    psk: memory.psk,
    randomBytes: (count) => io.crypto.randomBytes(count),
    save: async (gate, found) => {
      const clocks = memory.known === undefined ? [0] : io.ledger.clocks(pairWith(memory.known), memory.host);
      const newPsk = found?.psk === memory.psk ? undefined : found?.psk;
      const forget = await memory.save(gate, { psk: newPsk, sshPort: found?.sshPort });
      psk = newPsk ?? psk;
      const unlearn = await io.ledger.learnGate(pairWith(gate), memory.host, found?.clockOffsetMs ?? clocks[0] ?? 0);
      return async () => {
        await unlearn();
        psk = memory.psk;
        await forget();
      };
    },
    noteSeen: async (gate, address, seen) => {
      const { localAddress, close } = await io.openRoute(address, gate.knockPorts[0] ?? 0);
      close();
      const [own, told] = [parseAddress(localAddress), parseAddress(seen)];
      if (own === undefined || told === undefined || isGlobal(own) || !isGlobal(told) || isIPv4(own) !== isIPv4(told))
        return;
      await io.ledger.tell(pairWith(gate), { local: localAddress, address: formatAddress(told) });
    },
    knock: async (gate, { host, address, port, seconds, timeoutMs }, signal) => {
      const ports: RequestedPort[] = [{ protocol: 'tcp', port }];
      const { claimSource } = memory;
      const asked = { ...hostOfGate(host, gate, address), duration: seconds, claimSource };
      const target = await findTarget(asked, ports, io, signal);
      const result = await knockAndWait(target, pairWith(gate), { force: true, timeoutMs }, io, signal);
      return openedBy(result);
    },
  };
}

function openedBy(result: KnockResult): Opened {
  if (result.kind !== 'open') throw new Error('a TCP port was asked for');
  return result;
}
