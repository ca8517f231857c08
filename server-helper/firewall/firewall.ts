import type { Address, Network } from '../../src/base/addresses.ts';
import type { PortRange, RequestedPort } from '../../src/base/ports.ts';
import type { SequenceStep } from '../../src/sequence/step.ts';
import type { Forward, GrantedPort } from '../policy/policy.ts';
import type { Completed, CompletionLog } from './sequence-log.ts';

/** The part of the configuration that the firewall has to know. */
export interface FirewallPlan {
  /** Hidden ports. */
  readonly ports: readonly PortRange[];
  /** Ranges that a grant may open as a whole. */
  readonly ranges: readonly PortRange[];
  readonly knockPorts: readonly number[];
  readonly trustedInterfaces: readonly string[];
  readonly trustedNetworks: readonly Network[];
  /** First bits of an IPv6 address that a grant is for. */
  readonly ipv6Prefix: number;
  readonly echo: 'answer' | 'drop';
  /** Seconds after the last heartbeat of a daemon from which on the ports are hidden no longer; undefined: they stay hidden. */
  readonly openAfter: number | undefined;
  /** When ports are shown, by the kernel's clock and without a daemon. */
  readonly windows: readonly OpenWindow[];
  /** On trial: when the ports are hidden no longer, daemon or not; steady milliseconds. */
  readonly trialUntil?: number;
  /** Where matched knocks go: an NFLOG group, or the socket bound to the knock port. */
  readonly capture: { readonly nflogGroup: number } | 'socket';
  /** Seconds for which a used tag is remembered: longer than any tag lives. */
  readonly spentSeconds: number;
  /** Ports that the kernel opens by itself, by the profile's number (1 to `PROFILE_BITS`). */
  readonly profiles: ReadonlyMap<number, readonly PortRange[]>;
  /** Clients that get in while no daemon is heard: those at known addresses, or also the first who delivers a tag. */
  readonly withoutDaemon: 'known' | 'first';
  /** Where packets of fwknop are heard; undefined where none are. */
  readonly fwknop: FwknopPlan | undefined;
  /** Where ports may lead to; empty: nowhere. */
  readonly forwards: readonly Forward[];
  /** Rules that lead strangers to decoys; undefined where no port does. */
  readonly decoys: DecoyRules | undefined;
  /** Ways in by ports alone; undefined where no client may use any. */
  readonly sequences: readonly SequencePlan[] | undefined;
}

/** Tags as the kernel has them: there are hundreds of thousands, so what they share is named once. */
export interface LoadedTags {
  /** In hexadecimal. At least one. */
  readonly tags: readonly string[];
  /** See `tag-marks.ts`. */
  readonly mark: number;
  /** Seconds until the kernel forgets them. */
  readonly seconds: number;
}

/** An address to which tags with this mark (without its highest bit) are bound. */
export interface BoundAddress {
  readonly mark: number;
  readonly address: Address;
}

/**
 * Whether the daemon may open to a tag: `claimed`, the kernel does not open to it any more; `opened`, the kernel has opened to it;
 * `full`, it has not until now, and has no room to note that it must not.
 */
export type TagClaim = 'claimed' | 'opened' | 'full';

/** A tag that the kernel has seen. */
export interface SeenTag {
  readonly tag: Uint8Array;
  /** Whether the kernel has opened to it; otherwise it has asked the daemon. */
  readonly isOpened: boolean;
  readonly secondsAgo: number;
}

/** The part of the table that leads strangers to decoys, as server-helper/decoy makes it. */
export interface DecoyRules {
  /** Commands that make sets and chains, to be given before the chains that name them. */
  readonly table: readonly string[];
  /** Rules of `gate`, right before it drops what is hidden. */
  readonly gate: readonly string[];
  /** Rules of `input` for what was led. */
  readonly input: readonly string[];
  /** Rules of `spa` for packets with a current tag. */
  readonly spa: readonly string[];
  /** Rules for packets that may be part of a knock, which the kernel cannot tell. */
  readonly maybe: readonly string[];
}

/** How packets of fwknop are heard. */
export interface FwknopPlan {
  readonly port: number;
  /** Packets a second, at most. */
  readonly rate: number;
  readonly nflogGroup: number;
  /** Whether those of GnuPG's mode are heard as well: as many again. */
  readonly gpg: boolean;
}

/** Days of the week as gate.toml names them. */
export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];

/** A part of some days, in seconds of the day (UTC), `until` not included, in which ports are not hidden. */
export interface OpenWindow {
  readonly days: readonly Day[];
  readonly from: number;
  readonly until: number;
  readonly ports: readonly PortRange[];
}

/** A sequence of ports that the kernel follows by itself: who sends one packet to each in turn is let in. */
export interface SequencePlan {
  /** The sequence, or the client that has it. */
  readonly whose: Completed;
  readonly steps: readonly SequenceStep[];
  /** Seconds from one step to the next, at most, where the next does not say otherwise. */
  readonly stepSeconds: number;
  /** Ports that it opens, and for how many seconds. */
  readonly ports: readonly RequestedPort[];
  readonly seconds: number;
  /** Networks that it opens for; empty: any. */
  readonly sources: readonly Network[];
  /** Of a sequence that opens once: its mark (32 bits), by which the kernel knows it again, and seconds until it is over. */
  readonly once: { readonly mark: number; readonly expiresIn: number } | undefined;
  /** Where the daemon hears that it was completed; undefined: nowhere, the kernel opens by itself. */
  readonly log: CompletionLog | undefined;
}

/** A door opened: for one address (or IPv6 prefix), some ports, some seconds. */
export interface GrantRequest {
  readonly client: string;
  readonly address: Address;
  readonly ports: readonly GrantedPort[];
  readonly seconds: number;
}

/** A live grant, one for each port or range. */
export interface LiveGrant {
  readonly client: string;
  readonly address: Address;
  readonly port: GrantedPort;
  /** Seconds until new connections are refused again. */
  readonly seconds: number;
}

/** Whether the firewall still is as armed. */
export type Heartbeat = 'intact' | 'gone' | 'changed';

/** The findings of arming. */
export interface Armed {
  /** Connections of the moment that live on. */
  readonly adoptedFlows: number;
  /** Addresses whose connections were cut off: they came in while the table was gone. */
  readonly strangers: readonly string[];
  /** Knock ports on which a program listens, in vain from now on. */
  readonly deafened: readonly number[];
  /** Whether the kernel still knows which one-time sequences were used. */
  readonly usedSequencesKnown: boolean;
  /** Whether the kernel still has the tags that it was given by this process. */
  readonly tagsKept: boolean;
  /** Whether the kernel still knows which tags were used in this boot. */
  readonly usedTagsKnown: boolean;
}

/** Nothing was to be changed. */
export const STILL_ARMED: Armed = {
  adoptedFlows: 0,
  strangers: [],
  deafened: [],
  usedSequencesKnown: true,
  tagsKept: true,
  usedTagsKnown: true,
};

/** Nothing was there before. */
export const NOTHING_FOUND: Armed = {
  adoptedFlows: 0,
  strangers: [],
  deafened: [],
  usedSequencesKnown: true,
  tagsKept: false,
  usedTagsKnown: false,
};

/** The stage that opens and hides ports. Every change is acknowledged before its promise resolves. */
export interface Firewall {
  /** Hides the plan's ports; flows established at this moment and live grants live on. Also called to swap plans. */
  arm(plan: FirewallPlan): Promise<Armed>;
  /** Arms again after somebody flushed or changed the table, with the grants and the connections that were there before. */
  restore(): Promise<Armed>;
  /** Takes the table away with all that is in it: the host is as it was. */
  disarm(): Promise<void>;
  /** Replaces the sequences that open; the plan's own are in force from arming on. */
  setSequences(sequences: readonly SequencePlan[]): Promise<void>;
  /** Gives the kernel tags: packets with them open, or reach the daemon. */
  addTags(tags: readonly LoadedTags[]): Promise<void>;
  /** Replaces all tags and addresses of the kernel at one moment. It still knows which tags are used. */
  replaceTags(tags: readonly LoadedTags[], addresses: readonly BoundAddress[]): Promise<void>;
  /** Takes tags back; throws when one of them is not there. */
  removeTags(tags: readonly LoadedTags[]): Promise<void>;
  /** Takes tags back whether they are there or not. */
  burnTags(tags: readonly LoadedTags[]): Promise<void>;
  /** Keeps the kernel from opening to a tag by itself, unless it has done so before. One step for the kernel, on any number of processors. */
  claimTag(tag: Uint8Array): Promise<TagClaim>;
  /** Opens for tags that are bound to these addresses. */
  addAddresses(addresses: readonly BoundAddress[]): Promise<void>;
  removeAddresses(addresses: readonly BoundAddress[]): Promise<void>;
  /** Notes for the next daemon up to which epoch the kernel does not know which tags were used. @param seconds until that is over */
  noteUnknown(epoch: number, seconds: number): Promise<void>;
  /** The epoch that was noted so; undefined once it is over. */
  unknownUpTo(): Promise<number | undefined>;
  /** The kernel opens by itself until then; unix milliseconds. */
  openUntil(time: number): Promise<void>;
  /** Tells the kernel that the daemon hears packets; it believes that for 30 s. */
  isHearing(): Promise<void>;
  /** The tags that the kernel has seen, as far as it remembers. */
  seenTags(): Promise<SeenTag[]>;
  /** Takes back what the kernel has opened by itself for an address. */
  withdraw(address: Address, profile: number): Promise<void>;
  /** Opens. A live grant is extended if need be, never shortened. */
  grant(request: GrantRequest): Promise<void>;
  list(): Promise<LiveGrant[]>;
  /** Ends the grants that match; how many did. */
  revoke(matches: (grant: LiveGrant) => boolean): Promise<number>;
  heartbeat(): Promise<Heartbeat>;
  /** Packets counted by the kernel, by name; empty where nothing counts. */
  counters(): Promise<Readonly<Record<string, number>>>;
  /** Lets go of helper processes; what is armed stays armed. */
  close(): Promise<void>;
}
