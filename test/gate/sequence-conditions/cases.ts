/** Sequences with one condition each, and one with all. Each begins in its own way, so that they do not disturb each other. */
export const SEQUENCES = {
  length: ['tcp/7001', 'udp/7011:length=32', 'tcp/7021'],
  lengths: ['tcp/7002', 'udp/7012:length=20-30', 'tcp/7022'],
  syn: ['tcp/7003', 'tcp/7013:length=40', 'tcp/7023'],
  sport: ['tcp/7004', 'udp/7014:sport=4000', 'tcp/7024:sport=5000-5010'],
  after: ['tcp/7005', 'udp/7015:after=1s', 'tcp/7025'],
  within: ['tcp/7006', 'udp/7016:within=1s', 'tcp/7026'],
  ping: ['tcp/7007', 'icmp', 'tcp/7017', 'tcp/7027'],
  pings: ['icmp:length=100', 'icmp:length=200-210', 'icmp:length=300'],
  all: ['udp/7008:length=0:sport=4000', 'icmp:length=64:after=600ms:within=3s', 'tcp/7028:sport=5000:length=40'],
} as const;
type Name = keyof typeof SEQUENCES;

/** Packets of some runs, as `sendPackets` takes them. */
type Runs = readonly (readonly string[])[];
/** A run with the sequence that it is for. */
export type Case = readonly [name: string, written: string, packets: readonly string[]];

const PINGS = ['icmp:length=100', 'icmp:length=205', 'icmp:length=300'];
const [UDP, PING, SYN] = ['udp/7008:sport=4000', 'icmp:length=64:after=700', 'tcp/7028:sport=5000:length=40'];

/** Runs of which each opens. */
export const RIGHT: readonly Case[] = cases({
  length: [['tcp/7001', 'udp/7011:length=32', 'tcp/7021']],
  lengths: ['20', '25', '30'].map((length) => ['tcp/7002', `udp/7012:length=${length}`, 'tcp/7022']),
  syn: [['tcp/7003', 'tcp/7013:length=40', 'tcp/7023']],
  sport: ['5000', '5010'].map((last) => ['tcp/7004', 'udp/7014:sport=4000', `tcp/7024:sport=${last}`]),
  after: [['tcp/7005', 'udp/7015:after=1100', 'tcp/7025']],
  within: [['tcp/7006', 'udp/7016', 'tcp/7026']],
  ping: [['tcp/7007', 'icmp:length=9', 'tcp/7017', 'tcp/7027']],
  // Sent again, and begun again.
  pings: [PINGS, ['icmp:length=100', ...PINGS], ['icmp:length=100', 'icmp:length=205', ...PINGS]],
  all: [[UDP, PING, SYN]],
});

/** Runs that each differ from a right one in one thing. */
export const WRONG: readonly Case[] = cases({
  length: [
    ['tcp/7001', 'udp/7011:length=31', 'tcp/7021'],
    ['tcp/7001', 'udp/7011:length=33', 'tcp/7021'],
    ['tcp/7001', 'udp/7011:length=0', 'tcp/7021'],
    ['tcp/7001', 'udp/7011:length=31', 'udp/7011:length=32', 'tcp/7021'],
    ['tcp/7001', 'tcp/7011:length=32', 'tcp/7021'],
  ],
  lengths: ['19', '31'].map((length) => ['tcp/7002', `udp/7012:length=${length}`, 'tcp/7022']),
  syn: [
    ...['36', '44', '41', '20'].map((length) => ['tcp/7003', `tcp/7013:length=${length}`, 'tcp/7023']),
    ['tcp/7003', 'tcp/7013:length=40:flags=18', 'tcp/7023'],
  ],
  sport: [
    ['tcp/7004', 'udp/7014:sport=4001', 'tcp/7024:sport=5000'],
    ['tcp/7004', 'udp/7014:sport=4000', 'tcp/7024:sport=4999'],
    ['tcp/7004', 'udp/7014:sport=4000', 'tcp/7024:sport=5011'],
  ],
  after: [
    ['tcp/7005', 'udp/7015', 'tcp/7025'],
    ['tcp/7005', 'udp/7015', 'udp/7015:after=1100', 'tcp/7025'],
    // The time counts from this try, not from an earlier one.
    ['tcp/7005', 'tcp/9:after=1100', 'tcp/7005', 'udp/7015', 'tcp/7025'],
  ],
  within: [['tcp/7006', 'udp/7016:after=1200', 'tcp/7026']],
  ping: [
    ['tcp/7007', 'tcp/7017', 'tcp/7027'],
    ['tcp/7007', 'icmp:type=13', 'tcp/7017', 'tcp/7027'],
  ],
  pings: [
    ['icmp:length=99', 'icmp:length=205', 'icmp:length=300'],
    ['icmp:length=100', 'icmp:length=199', 'icmp:length=300'],
    ['icmp:length=100', 'icmp:length=211', 'icmp:length=300'],
    ['icmp:length=100', 'icmp:length=205', 'icmp:length=301'],
    ['icmp:length=100', 'icmp:length=205', 'icmp:length=56', 'icmp:length=300'],
    ['icmp:length=205', 'icmp:length=100', 'icmp:length=300'],
    ['icmp:length=100', 'icmp:length=205', 'udp/300:length=300'],
  ],
  all: [
    [UDP, 'icmp:length=64:after=50', SYN],
    [UDP, 'icmp:length=64:after=3200', SYN],
    [UDP, 'icmp:length=65:after=700', SYN],
    ['udp/7008:sport=4000:length=1', PING, SYN],
    ['udp/7008:sport=4001', PING, SYN],
    [UDP, PING, 'tcp/7028:sport=5001:length=40'],
    [UDP, PING, 'tcp/7028:sport=5000:length=44'],
    [UDP, PING, 'udp/7028:sport=5000:length=40'],
  ],
});

function cases(runs: Readonly<Record<Name, Runs>>): Case[] {
  return Object.entries(runs).flatMap(([name, all]) =>
    all.map((packets) => [name, packets.join(' '), packets] as const),
  );
}
