import { type Address, formatAddress, isIPv4 } from '../../src/base/addresses.ts';
import type { PortRange } from '../../src/base/ports.ts';
import type { Forward, GrantedPort } from '../policy/policy.ts';
import type { FirewallPlan } from './firewall.ts';
import { hostOf, source6 } from './source.ts';
import { TABLE } from './table-name.ts';

/** Before whatever else translates: a grant counts whether or not a container publishes the port. */
const CHAINS = [
  'forward_in { type nat hook prerouting priority dstnat - 5; }',
  'forward_out { type nat hook postrouting priority srcnat - 5; }',
];
const KEY = { 4: 'ip saddr . meta l4proto . th dport', 6: 'ip6 saddr . meta l4proto . th dport' } as const;
const MAPS = [
  `forwards4 { typeof ${KEY[4]} : ip daddr . th dport; flags timeout; }`,
  `forwards6 { typeof ${KEY[6]} : ip6 daddr . th dport; flags timeout; }`,
  `redirects4 { typeof ${KEY[4]} : th dport; flags timeout; }`,
  `redirects6 { typeof ${KEY[6]} : th dport; flags timeout; }`,
];

/** A map of whose sources are led where; there while any port leads somewhere. */
export const FORWARD_MAP = 'forwards4';

/** Chains that must be as they were armed. */
export const FORWARD_CHAINS = ['forward_in', 'forward_out'];

/** The part of the table that leads on; none where no port does. */
export function renderForwardTable({ forwards, ipv6Prefix }: FirewallPlan): string[] {
  if (forwards.length === 0) return [];
  const source = { 4: 'ip saddr', 6: source6(ipv6Prefix) };
  const from = (family: 4 | 6) => `${source[family]} . meta l4proto . th dport map`;
  const ours = 'fib daddr type local meta l4proto { tcp, udp }';
  const rules = [
    `forward_in ${ours} dnat ip to ${from(4)} @forwards4`,
    `forward_in ${ours} dnat ip6 to ${from(6)} @forwards6`,
    `forward_in ${ours} meta nfproto ipv4 redirect to : ${from(4)} @redirects4`,
    `forward_in ${ours} meta nfproto ipv6 redirect to : ${from(6)} @redirects6`,
    ...forwards.flatMap(masqueradeRules),
  ];
  return [
    ...MAPS.map((map) => `add map ${TABLE} ${map}`),
    ...CHAINS.map((chain) => `add chain ${TABLE} ${chain}`),
    ...FORWARD_CHAINS.map((chain) => `flush chain ${TABLE} ${chain}`),
    ...rules.map((rule) => `add rule ${TABLE} ${rule}`),
  ];
}

/** The commands that undo it, for a configuration in which nothing leads on any more. */
export function renderNoForwards(): string {
  return [
    ...FORWARD_CHAINS.map((chain) => `flush chain ${TABLE} ${chain}; delete chain ${TABLE} ${chain}`),
    ...names(MAPS).map((map) => `flush map ${TABLE} ${map}; delete map ${TABLE} ${map}`),
  ].join('\n');
}

/** Seconds by which a port leads on longer than it is open: between the two it would be this host's own. */
const LONGER = 2;

/**
 * Has a port of an address lead on for so many seconds, if it is to.
 * @param run has nft run commands
 */
export async function leadOn(
  run: (commands: string) => Promise<unknown>,
  address: Address,
  port: GrantedPort,
  seconds: number,
  prefix: number,
): Promise<void> {
  if (port.forward === undefined) return;
  const { map, key, to } = elementOf(address, port, port.forward, prefix);
  const where = `element ${TABLE} ${map}`;
  const add = `add ${where} { ${key} timeout ${Math.max(seconds, 1) + LONGER}s : ${to} }`;
  const remove = `delete ${where} { ${key} }`;
  // It does not yet; it does, to the same place; it does, to another.
  await run(`create ${add.slice('add '.length)}`)
    .catch(() => run(`add ${where} { ${key} : ${to} }; ${remove}; ${add}`))
    .catch(() => run(`${remove}; ${add}`));
}

/** The commands that end whatever an address is led to from a port; each fails where it is not. */
export function renderForwardEnds(address: Address, port: PortRange, prefix: number): string[] {
  const family = isIPv4(address) ? 4 : 6;
  return ['forwards', 'redirects'].map(
    (map) => `delete element ${TABLE} ${map}${family} { ${keyOf(address, port, prefix)} }`,
  );
}

function elementOf(address: Address, port: PortRange, { to, toPort }: Forward, prefix: number) {
  const family = isIPv4(address) ? 4 : 6;
  const key = keyOf(address, port, prefix);
  if (to === undefined) return { map: `redirects${family}`, key, to: String(toPort) };
  return { map: `forwards${family}`, key, to: `${formatAddress(to)} . ${toPort}` };
}

function keyOf(address: Address, { protocol, first }: PortRange, prefix: number): string {
  return `${hostOf(address, prefix)} . ${protocol} . ${first}`;
}

/** Of what our own ports led there, and of nothing else that comes by. */
function masqueradeRules({ port, to, toPort, masquerade }: Forward): string[] {
  if (to === undefined || !masquerade) return [];
  const daddr = `${isIPv4(to) ? 'ip' : 'ip6'} daddr ${formatAddress(to)}`;
  const original = port.first === port.last ? port.first : `${port.first}-${port.last}`;
  return [
    `forward_out ct status dnat ${daddr} ${port.protocol} dport ${toPort} ct original proto-dst ${original} masquerade`,
  ];
}

function names(texts: readonly string[]): (string | undefined)[] {
  return texts.map((text) => text.split(' ', 1)[0]);
}
