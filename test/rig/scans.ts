/* Scans of a gate, and how it has to look. */

/** A host that drops everything but what IP itself needs, with the same sshd behind it: what the gate has to look like. */
export const PLAIN = `
table inet plain
delete table inet plain
table inet plain {
  chain in {
    type filter hook input priority filter; policy drop;
    iifname "lo" accept
    ct state established,related accept
    icmp type { destination-unreachable, time-exceeded, parameter-problem } accept
    icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } accept
    icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert, mld-listener-query } accept
  }
}`;
export const ECHO =
  'add rule inet plain in icmp type echo-request accept; add rule inet plain in icmpv6 type echo-request accept';

/** Pace of the scans: nothing answers, so nmap would otherwise wait and slow down. Each probe is still repeated once. */
export const PACE = [
  '--max-retries',
  '1',
  '--min-rate',
  '1000',
  '--initial-rtt-timeout',
  '50ms',
  '--max-rtt-timeout',
  '100ms',
];

/** Scans by their names, in the order of the report. */
export const SCANS: [string, string[]][] = [
  ['TCP SYN, ports 1 to 1000', ['-sS', '-p', '1-1000']],
  ['TCP connect, ports 1 to 1000', ['-sT', '-p', '1-1000']],
  ['UDP, top 100', ['-sU', '--top-ports', '100']],
  ['UDP, the knock ports and their neighbours', ['-sU', '-p', '442-444,62200-62202']],
  ['UDP, from the port of a DHCP server to that of its client', ['-sU', '-g', '67', '-p', '68']],
  ['UDP, the same of DHCPv6', ['-sU', '-g', '547', '-p', '546']],
  ['versions, TCP 1 to 1000', ['-sS', '-sV', '-p', '1-1000']],
  ['versions, the knock ports', ['-sU', '-sV', '--version-intensity', '0', '-p', '443,62201']],
  ['TCP ACK', ['-sA', '-p', '1-1000']],
  ['TCP FIN', ['-sF', '-p', '1-1000']],
  ['TCP NULL', ['-sN', '-p', '1-1000']],
  ['TCP Xmas', ['-sX', '-p', '1-1000']],
];

/** The other kinds of scan of ports. */
export const MORE_SCANS: [string, string[]][] = [
  ['TCP Maimon', ['-sM', '-p', '1-1000']],
  ['TCP window', ['-sW', '-p', '1-1000']],
  ['TCP SYN and FIN', ['-sS', '--scanflags', 'SYNFIN', '-p', '1-1000']],
  ['TCP SYN, from port 53', ['-sS', '-g', '53', '-p', '1-1000']],
  ['TCP SYN, from port 67', ['-sS', '-g', '67', '-p', '1-1000']],
  ['UDP, from port 67 to other ports', ['-sU', '-g', '67', '-p', '67,69,443,62201']],
];
