import { formatNetwork, isIPv4 } from '../../src/base/addresses.ts';
import { covers, type PortRange } from '../../src/base/ports.ts';
import { DAYS, type Day, type FirewallPlan, type OpenWindow } from './firewall.ts';
import { renderForwardTable } from './forwards.ts';
import { fwknopAccepted, fwknopJump, renderFwknopTable } from './fwknop-rules.ts';
import { ACCEPT_LET_IN, LET_IN } from './let-in.ts';
import { renderSequenceTable, sequenceGateRules } from './sequences.ts';
import { source6 } from './source.ts';
import { openedRules, renderSpaSets, spaChains, spaRules } from './spa-rules.ts';
import { TABLE } from './table-name.ts';

/** An echo request, and what else the kernel answers though nobody listens. */
const ECHO_DROP = 'icmp type { echo-request, timestamp-request, info-request, address-mask-request } drop';

/** Chains of rules with a hook. */
const HOOKED = ['knock', 'gate', 'input', 'output'];

/** Chains of rules that must be as they were armed. */
export function ruleChains(plan: FirewallPlan): string[] {
  return [...spaChains(plan), ...HOOKED];
}

/** Name of the set of addresses to which a whole range is granted. */
export function rangeSet({ protocol, first, last }: PortRange, family: 4 | 6): string {
  return `granted_${protocol}_${first}_${last}_v${family}`;
}

/**
 * The script that makes the table, or brings an existing one to the plan while its sets keep their elements: grants and
 * spent tags survive a restart and a reload. Loaded as one transaction. It hides nothing yet: `renderGated` does, once
 * connection tracking runs and the flows of the moment are adopted.
 */
export function renderTable(plan: FirewallPlan): string {
  const lines = [
    `add table ${TABLE}`,
    ...renderSpaSets(plan),
    `add set ${TABLE} knockports { type inet_service; }`,
    `add set ${TABLE} granted4 { typeof ip saddr . meta l4proto . th dport; flags timeout; }`,
    `add set ${TABLE} granted6 { typeof ip6 saddr . meta l4proto . th dport; flags timeout; }`,
    `add set ${TABLE} prior4 { typeof ip saddr . tcp sport . tcp dport; flags timeout; }`,
    `add set ${TABLE} prior6 { typeof ip6 saddr . tcp sport . tcp dport; flags timeout; }`,
    ...[4, 6].map(
      (family) =>
        `add set ${TABLE} shut${family} { typeof ip${family === 4 ? '' : 6} saddr . tcp sport . tcp dport; flags timeout; }`,
    ),
    `add set ${TABLE} gated { typeof meta l4proto . th dport; flags interval,timeout; }`,
    // Packets to hidden ports.
    `add counter ${TABLE} hidden`,
    ...plan.ranges.flatMap((range) => [
      `add set ${TABLE} ${rangeSet(range, 4)} { type ipv4_addr; flags timeout; }`,
      `add set ${TABLE} ${rangeSet(range, 6)} { type ipv6_addr; flags timeout; }`,
    ]),
    ...spaChains(plan).map((chain) => `add chain ${TABLE} ${chain}`),
    `add chain ${TABLE} knock { type filter hook prerouting priority raw; }`,
    `add chain ${TABLE} gate { type filter hook prerouting priority mangle; }`,
    `add chain ${TABLE} input { type filter hook input priority mangle; }`,
    `add chain ${TABLE} output { type filter hook output priority mangle; }`,
    ...ruleChains(plan).map((chain) => `flush chain ${TABLE} ${chain}`),
    `flush set ${TABLE} knockports`,
    `add element ${TABLE} knockports { ${plan.knockPorts.join(', ')} }`,
    ...(plan.decoys?.table ?? []),
    ...(plan.sequences === undefined ? [] : renderSequenceTable(plan.sequences, plan.decoys?.maybe)),
    ...[...spaRules(plan)].flatMap(([chain, rules]) => chainOf(chain, rules)),
    ...renderFwknopTable(plan),
    ...renderForwardTable(plan),
    ...chainOf('knock', knockRules(plan, 'fib daddr type local ')),
    ...chainOf('gate', gateRules(plan)),
    ...chainOf('input', inputRules(plan)),
    ...chainOf('output', outputRules(plan)),
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * The commands that hide the plan's ports, replacing what was hidden before in the same transaction. Called again as a
 * heartbeat when the ports are to show themselves without a daemon.
 * @param now steady milliseconds
 */
export function renderGated(plan: FirewallPlan, now: number): string {
  const seconds = hiddenFor(plan, now);
  const timeout = seconds === undefined ? '' : ` timeout ${seconds}s`;
  const elements = merged(plan.ports).map(
    ({ protocol, first, last }) => `${protocol} . ${span(first, last)}${timeout}`,
  );
  return `flush set ${TABLE} gated; add element ${TABLE} gated { ${elements.join(', ')} }`;
}

/** Seconds for which the kernel is to hide the ports by itself; undefined: for good. */
function hiddenFor({ trialUntil, openAfter }: FirewallPlan, now: number): number | undefined {
  // Never 0: nft reads that as "for ever".
  if (trialUntil !== undefined) return Math.max(1, Math.floor((trialUntil - now) / 1000));
  return openAfter;
}

/** The command that takes the table away, whether it is there or not. */
export const REMOVE_TABLE = `add table ${TABLE}; delete table ${TABLE}`;

/** A knock port drops everything, genuine or not: it answers like any port that is filtered. */
function knockRules(plan: FirewallPlan, which = ''): string[] {
  return [`udp dport @knockports ${which}jump spa`, ...fwknopJump(plan, which)];
}

/** Before addresses and ports are translated: this host and the ports that its containers publish. */
function gateRules(plan: FirewallPlan): string[] {
  return [
    'iifname "lo" accept',
    // Containers and routed hosts reaching out to somebody else's port are not ours to drop. Nor does the kernel count an address
    // in another routing table, or one that is translated to ours, as local here: the chain `input` judges those.
    'fib daddr type != { local, anycast, broadcast, multicast } accept',
    ...trustedRules(plan, LET_IN),
    ...hidingRules(plan, LET_IN, plan.decoys?.gate),
  ];
}

/**
 * Judges again what is delivered to this host: here routing has decided, and address and port are translated. This catches
 * addresses in other routing tables, virtual addresses, and ports that lead to a hidden one.
 */
function inputRules(plan: FirewallPlan): string[] {
  const { trustedInterfaces } = plan;
  return [
    'iifname "lo" accept',
    ACCEPT_LET_IN,
    ...(plan.decoys?.input ?? []),
    ...knockRules(plan),
    // The interface below a VRF: here the VRF itself counts as the one that a packet came by.
    ...(trustedInterfaces.length > 0 ? [`meta sdifname { ${trustedInterfaces.map(quoted).join(', ')} } accept`] : []),
    ...trustedRules(plan, 'accept'),
    // Known to connection tracking, which must not let them pass: they came in while the table was gone.
    'ip saddr . tcp sport . tcp dport @shut4 counter name hidden drop',
    'ip6 saddr . tcp sport . tcp dport @shut6 counter name hidden drop',
    ...hidingRules(plan, 'accept'),
  ];
}

/** Answers of DHCP are let in, since somebody may wait for them. Where nobody does, the kernel's answer would tell of a host. */
function outputRules({ ports }: FirewallPlan): string[] {
  const hides = (port: number) => ports.some((range) => covers(range, { protocol: 'udp', first: port, last: port }));
  return [
    ...(hides(68) ? ['icmp type destination-unreachable ct original proto-src 67 ct original proto-dst 68 drop'] : []),
    ...(hides(546)
      ? ['icmpv6 type destination-unreachable ct original proto-src 547 ct original proto-dst 546 drop']
      : []),
  ];
}

function trustedRules({ trustedInterfaces, trustedNetworks }: FirewallPlan, open: string): string[] {
  const networks4 = trustedNetworks.filter(({ address }) => isIPv4(address)).map(formatNetwork);
  const networks6 = trustedNetworks.filter(({ address }) => !isIPv4(address)).map(formatNetwork);
  return [
    ...(trustedInterfaces.length > 0 ? [`iifname { ${trustedInterfaces.map(quoted).join(', ')} } ${open}`] : []),
    ...(networks4.length > 0 ? [`ip saddr { ${networks4.join(', ')} } ${open}`] : []),
    ...(networks6.length > 0 ? [`ip6 saddr { ${networks6.join(', ')} } ${open}`] : []),
  ];
}

/**
 * Drops what comes to a hidden port, unless something lets it in.
 * @param open the verdict of what opens the port
 * @param last rules for what nothing lets in
 */
function hidingRules(plan: FirewallPlan, open: string, last: readonly string[] = []): string[] {
  const from6 = source6(plan.ipv6Prefix);
  const notSyn = 'tcp flags & (fin|syn|rst|ack) != syn';
  return [
    // Not for a SYN: where a connection ended by a reset, the next one from the same port would pass as the old one.
    'ct state established meta l4proto != tcp accept',
    `ct state established ${notSyn} accept`,
    // Flows older than our table: connection tracking does not know them until both sides have spoken.
    `ip saddr . tcp sport . tcp dport @prior4 ${notSyn} accept`,
    `ip6 saddr . tcp sport . tcp dport @prior6 ${notSyn} accept`,
    ...openedRules(plan, open),
    `ip saddr . meta l4proto . th dport @granted4 ${open}`,
    `${from6} . meta l4proto . th dport @granted6 ${open}`,
    ...plan.ranges.flatMap((range) => [
      `${range.protocol} dport ${span(range.first, range.last)} ip saddr @${rangeSet(range, 4)} ${open}`,
      `${range.protocol} dport ${span(range.first, range.last)} ${from6} @${rangeSet(range, 6)} ${open}`,
    ]),
    ...(plan.sequences === undefined ? [] : sequenceGateRules(open)),
    // Matched knocks, when the daemon hears them by a socket: everything else to these ports was dropped before.
    ...(plan.capture === 'socket' ? [`udp dport @knockports ${open}`, ...fwknopAccepted(plan, open)] : []),
    // What IP itself needs: answers of DHCP, which connection tracking cannot tie to the broadcast that asked.
    'meta nfproto ipv4 udp sport 67 udp dport 68 accept',
    'ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept',
    ...(plan.echo === 'drop' ? [ECHO_DROP, 'icmpv6 type echo-request drop'] : []),
    ...plan.windows.map((window) => windowRule(window, open)),
    ...last,
    'meta l4proto . th dport @gated counter name hidden drop',
  ];
}

const NFT_DAYS: Readonly<Record<Day, string>> = {
  mon: 'Monday',
  tue: 'Tuesday',
  wed: 'Wednesday',
  thu: 'Thursday',
  fri: 'Friday',
  sat: 'Saturday',
  sun: 'Sunday',
};

/** The kernel reckons in UTC; nft reckons in the time zone that it is given, which is UTC wherever it loads our table. */
function windowRule({ days, from, until, ports }: OpenWindow, open: string): string {
  const on = days.length === DAYS.length ? '' : `meta day { ${days.map((day) => quoted(NFT_DAYS[day])).join(', ')} } `;
  const elements = merged(ports).map(({ protocol, first, last }) => `${protocol} . ${span(first, last)}`);
  return `${on}meta hour "${timeText(from)}"-"${timeText(until - 1)}" meta l4proto . th dport { ${elements.join(', ')} } ${open}`;
}

/** `08:00:00` */
function timeText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(11, 19);
}

function chainOf(chain: string, rules: readonly string[]): string[] {
  return rules.map((rule) => `add rule ${TABLE} ${chain} ${rule}`);
}

/** Overlapping ranges joined: nft refuses them in one set. */
function merged(ranges: readonly PortRange[]): PortRange[] {
  const sorted = [...ranges].sort((a, b) => a.protocol.localeCompare(b.protocol) || a.first - b.first);
  const result: PortRange[] = [];
  for (const range of sorted) {
    const last = result.at(-1);
    if (last !== undefined && last.protocol === range.protocol && range.first <= last.last + 1)
      result[result.length - 1] = { ...last, last: Math.max(last.last, range.last) };
    else result.push(range);
  }
  return result;
}

/** `tcp/*` hides port 0 too, to which nobody can be let in but a scan can ask. */
function span(first: number, last: number): string {
  if (first === last) return String(first);
  return `${first === 1 && last === 65535 ? 0 : first}-${last}`;
}

function quoted(name: string): string {
  return `"${name}"`;
}
