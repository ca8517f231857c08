import type { Ground } from '../ground.ts';
import type { Knock } from '../prober.ts';

/** Subjects, in the order of the table. */
export const SUBJECTS = [
  'knockgate-known',
  'knockgate',
  'knockgate-fwknop',
  'fwknopd-pcap',
  'fwknopd-udp',
  'knockd',
] as const;
export type SubjectName = (typeof SUBJECTS)[number];

/** Load of a subject while it is measured. */
export interface Load {
  /** Clients that it knows, at the least. */
  readonly clients: number;
  /** Grants that are live before the first knock. */
  readonly grants: number;
  /** Knocks to come, as `turnsOf` deals them out. */
  readonly knocks: number;
}

/** Packets that look like the subject's genuine ones: bodies of datagrams to a port, or whole IP packets. */
export type Junk =
  | { readonly kind: 'udp'; readonly port: number; readonly packets: readonly Uint8Array[] }
  | { readonly kind: 'raw'; readonly packets: readonly Uint8Array[] };

/** A subject on its ground, ready to be knocked at. */
export interface Running {
  /** Clients that can knock; `knock` takes a number below. */
  readonly clients: number;
  /** The n-th client's knock from that address, made beforehand: its making is not measured. */
  knock(n: number, source: string): Promise<Knock>;
  junk(): Junk;
  /** Packets that only the cryptography tells from genuine ones; where the kernel lets none of the junk through. */
  forged?(count: number): Junk;
  stop(): Promise<void>;
}

/** A program to be measured. */
export interface Subject {
  readonly name: SubjectName;
  /** Reason why it cannot be asked to tell thousands of clients apart; undefined when it can. */
  readonly whyNotMany?: string;
  /** Clients that take turns where one would have to wait between two knocks. */
  readonly turns: number;
  /** Starts it in the target's namespace, its port hidden, and waits until it hears. */
  start(ground: Ground, load: Load): Promise<Running>;
}
