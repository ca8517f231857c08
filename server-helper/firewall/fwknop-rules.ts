import type { FirewallPlan } from './firewall.ts';
import { TABLE } from './table-name.ts';

/** The chain that packets of fwknop go through. */
const CHAIN = 'fwknop';

const UDP_HEADER = 8;
/** Bytes of a packet that a client of fwknop can send with Rijndael, and that one frame of the log takes. */
const LENGTH = { least: 140, most: 1300 } as const;

/**
 * Of the packets a second that reach the daemon, what one address may send: one that floods leaves the rest to the others. A
 * network of IPv6 counts as one address, for whoever has it has all of them.
 */
const SHARE = 5;
const SOURCES = [
  { set: 'fwknop_sources4', type: 'ipv4_addr', source: 'ip saddr' },
  { set: 'fwknop_sources6', type: 'ipv6_addr', source: 'ip6 saddr & ffff:ffff:ffff:ffff::' },
] as const;
/** Addresses that are told apart at a time. With more of them, all of the newer ones share what is left. */
const TOLD_APART = 65_536;

/** Sends what comes to fwknop's port into its chain; none where no such packets are heard. */
export function fwknopJump({ fwknop }: FirewallPlan): string[] {
  return fwknop === undefined ? [] : [`udp dport ${fwknop.port} fib daddr type local jump ${CHAIN}`];
}

/**
 * The chain's part of the table. No tag tells the kernel which packets are genuine, so no more of them reach the daemon than it
 * has time for, and no more than its share from one address. A packet begins with one of four characters (base64 of the last bits of "Salted__"): what begins otherwise
 * does not count.
 */
export function renderFwknopTable({ fwknop, capture }: FirewallPlan): string[] {
  if (fwknop === undefined) return [];
  const { rate, nflogGroup } = fwknop;
  const lengths = `${UDP_HEADER + LENGTH.least}-${UDP_HEADER + LENGTH.most}`;
  const perSource = Math.max(1, Math.floor(rate / SHARE));
  const toDaemon = capture === 'socket' ? 'accept' : `log group ${nflogGroup} snaplen 1400 queue-threshold 1 drop`;
  return [
    ...SOURCES.map(
      ({ set, type }) =>
        `add set ${TABLE} ${set} { type ${type}; flags dynamic,timeout; timeout 1m; size ${TOLD_APART}; }`,
    ),
    `add counter ${TABLE} fwknop_heard`,
    `add counter ${TABLE} fwknop_dropped`,
    `add chain ${TABLE} ${CHAIN}`,
    `flush chain ${TABLE} ${CHAIN}`,
    `add rule ${TABLE} ${CHAIN} meta nfproto ipv6 ip6 nexthdr != udp drop`,
    `add rule ${TABLE} ${CHAIN} udp length != ${lengths} counter name fwknop_dropped drop`,
    `add rule ${TABLE} ${CHAIN} @th,64,8 != { 0x2b, 0x2f, 0x38, 0x39 } counter name fwknop_dropped drop`,
    ...SOURCES.map(
      ({ set, source }) =>
        `add rule ${TABLE} ${CHAIN} add @${set} { ${source} limit rate over ${perSource}/second burst ${perSource} packets } counter name fwknop_dropped drop`,
    ),
    `add rule ${TABLE} ${CHAIN} limit rate ${rate}/second burst ${rate} packets counter name fwknop_heard ${toDaemon}`,
    `add rule ${TABLE} ${CHAIN} counter name fwknop_dropped drop`,
  ];
}

/** Packets for a bound socket: everything else to the port was dropped before. */
export function fwknopAccepted({ fwknop }: FirewallPlan): string[] {
  return fwknop === undefined ? [] : [`udp dport ${fwknop.port} accept`];
}
