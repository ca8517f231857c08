import type { FirewallPlan } from './firewall.ts';
import { TABLE } from './table-name.ts';

/** The chain that packets of fwknop go through. */
const CHAIN = 'fwknop';

const UDP_HEADER = 8;
/** Bytes of a packet that a client of fwknop can send with Rijndael, and that one frame of the log takes. */
const LENGTH = { least: 140, most: 1300 } as const;

/** Sends what comes to fwknop's port into its chain; none where no such packets are heard. */
export function fwknopJump({ fwknop }: FirewallPlan): string[] {
  return fwknop === undefined ? [] : [`udp dport ${fwknop.port} fib daddr type local jump ${CHAIN}`];
}

/**
 * The chain's part of the table. No tag tells the kernel which packets are genuine, so no more of them reach the daemon than it
 * has time for. A packet begins with one of four characters (base64 of the last bits of "Salted__"): what begins otherwise
 * does not count.
 */
export function renderFwknopTable({ fwknop, capture }: FirewallPlan): string[] {
  if (fwknop === undefined) return [];
  const { rate, nflogGroup } = fwknop;
  const length = `udp length ${UDP_HEADER + LENGTH.least}-${UDP_HEADER + LENGTH.most}`;
  const toDaemon = capture === 'socket' ? 'accept' : `log group ${nflogGroup} snaplen 1400 queue-threshold 1 drop`;
  return [
    `add counter ${TABLE} fwknop_heard`,
    `add counter ${TABLE} fwknop_dropped`,
    `add chain ${TABLE} ${CHAIN}`,
    `flush chain ${TABLE} ${CHAIN}`,
    `add rule ${TABLE} ${CHAIN} meta nfproto ipv6 ip6 nexthdr != udp drop`,
    `add rule ${TABLE} ${CHAIN} ${length} @th,64,8 { 0x2b, 0x2f, 0x38, 0x39 } limit rate ${rate}/second burst ${rate} packets counter name fwknop_heard ${toDaemon}`,
    `add rule ${TABLE} ${CHAIN} counter name fwknop_dropped drop`,
  ];
}

/** Packets for a bound socket: everything else to the port was dropped before. */
export function fwknopAccepted({ fwknop }: FirewallPlan): string[] {
  return fwknop === undefined ? [] : [`udp dport ${fwknop.port} accept`];
}
