import type { Address } from '../base/addresses.ts';
import type { RequestedPort } from '../base/ports.ts';

/** The target of a NAT message as the client wrote it: a name or an IPv4 address, and a port. */
export interface NatTarget {
  readonly host: string;
  readonly port: number;
}

/** Request of a message. */
export type FwknopAsk =
  | { readonly kind: 'access'; readonly ports: readonly RequestedPort[] }
  /** Lead `ports` of the server to a host behind it; `local`: to another port of the server itself. */
  | {
      readonly kind: 'nat';
      readonly local: boolean;
      readonly ports: readonly RequestedPort[];
      readonly target: NatTarget;
    }
  | { readonly kind: 'command'; readonly command: string };

/** The inside of an SPA packet of fwknop. */
export interface FwknopMessage {
  /** 16 decimal digits, drawn for this message. */
  readonly random: string;
  /** The client's name for itself, printable ASCII. Only the keys prove who it is. */
  readonly user: string;
  /** Unix seconds. */
  readonly timestamp: number;
  /** fwknop's protocol version, `3.0.0`; nobody checks it. */
  readonly version: string;
  /** IPv4 address to let in; undefined: the address that the packet comes from. */
  readonly source: Address | undefined;
  readonly ask: FwknopAsk;
  /** fwknop's own clients never send it. */
  readonly serverAuth: string | undefined;
  /** Seconds; 0 for the server's default. A command has none. */
  readonly timeout: number;
}

/** Reason why the inside of a packet was refused. */
export type MessageRefusal =
  | 'not-text'
  | 'fields'
  | 'digest'
  | 'random'
  | 'user'
  | 'timestamp'
  | 'version'
  | 'type'
  | 'message'
  | 'address'
  | 'port'
  | 'nat'
  | 'server-auth'
  | 'timeout';

/** fwknop's numbers of message types: without and with a timeout. */
export const TYPES = {
  command: { plain: 0, timed: undefined },
  access: { plain: 1, timed: 3 },
  nat: { plain: 2, timed: 4 },
  localNat: { plain: 5, timed: 6 },
} as const;
