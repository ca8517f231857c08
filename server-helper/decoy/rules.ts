import type { ConfiguredDecoy } from '../config/decoy-config.ts';
import { DECOY_CHAINS, DECOY_SETS } from '../firewall/decoy-parts.ts';
import type { DecoyRules, FirewallPlan } from '../firewall/firewall.ts';
import { source6 } from '../firewall/source.ts';
import { TABLE } from '../firewall/table-name.ts';

/*
 * The part of the table that leads strangers from a hidden port to a decoy (docs/decoy.md). There only when gate.toml has a
 * [[decoy]]. The chain `gate` asks the chain `decoy` right before it drops a packet: whatever lets a packet in comes first. A packet
 * that is led gets a mark; `decoy_in` redirects by that mark, `decoy_check` drops what was not redirected, and `input` accepts.
 */

/**
 * How long a stranger's packets are still dropped after the first one. A client's SYN may arrive before its knock, or its knock may be
 * lost: within this time the first three waves of knocks arrive (0, 250 and 750 ms). A system repeats its SYN after 1 s, and is led then.
 */
const HOLD = '900ms';
/** How long a stranger is remembered after its last SYN. */
const SEEN = '10m';
/** How long an address from which a current tag came is not led: as long as the gate knows an address. */
const SPARED = '7d';
/** Another visit from the same address within this time makes no event. */
const NOTED = '10m';
/** Addresses that each set remembers. Beyond it a packet is dropped, or a visit makes no event. */
const MOST = 65_536;
/** Connections that are led, in all. */
const LEADS = 'limit rate 20/second burst 100 packets';
/** Connections to decoys at a time, for each IP version: a visitor can hold one for days, and must not fill connection tracking. */
const LED_AT_A_TIME = 1024;
/** Visits that make an event, in all. */
const NOTES = 'limit rate over 10/minute burst 5 packets';
/** Marks what is led, as `let-in.ts` marks what is let in. */
const LED_MARK = '6b6f:0';
const LEAD = `meta priority set ${LED_MARK} accept`;
const IS_LED = `meta priority ${LED_MARK}`;
/** Bytes of a logged packet: the longest header that an address is read from, that of IPv6. */
const SNAPLEN = 40;

/** How long the kernel remembers an address that it adds to a set. */
const TIMEOUTS: Readonly<Record<(typeof DECOY_SETS)[number], string | undefined>> = {
  // Told by the daemon. A set of its own: anybody who replays a tag can fill the next one.
  known: undefined,
  knocked: SPARED,
  held: HOLD,
  seen: SEEN,
  noted: NOTED,
};
/** Where the chains are in the way of a packet; empty for those that others jump to. */
const HOOKS: Readonly<Record<(typeof DECOY_CHAINS)[number], string>> = {
  decoy: '',
  decoy_visit: '',
  // Before whatever else translates, [[forward]] included.
  decoy_in: ' { type nat hook prerouting priority dstnat - 6; }',
  decoy_check: ' { type filter hook prerouting priority dstnat + 1; }',
};

/** Decoys, and the bits of an IPv6 address that count as one host. */
interface Leading {
  readonly decoys: readonly Pick<ConfiguredDecoy, 'port' | 'to'>[];
  readonly plan: Pick<FirewallPlan, 'ipv6Prefix' | 'capture'>;
}

/** A plan with the rules that lead strangers to decoys. */
export function withDecoys(plan: FirewallPlan, decoys: Leading['decoys']): FirewallPlan {
  return decoys.length === 0 ? plan : { ...plan, decoys: renderDecoys({ plan, decoys }) };
}

function renderDecoys(leading: Leading): DecoyRules {
  const { decoys, plan } = leading;
  const numbers = (ports: readonly number[]) => `tcp dport { ${[...new Set(ports)].join(', ')} }`;
  const [from, to] = [numbers(decoys.map(({ port }) => port)), numbers(decoys.map((decoy) => decoy.to))];
  const rules = [
    ...strangerRules(plan).map((rule) => `decoy ${rule}`),
    ...visitRules(leading).map((rule) => `decoy_visit ${rule}`),
    ...decoys.map((decoy) => `decoy_in ${IS_LED} tcp dport ${decoy.port} redirect to :${decoy.to}`),
    `decoy_check ${IS_LED} ${to.replace('{', '!= {')} counter name hidden drop`,
    `decoy_check ${IS_LED} fib daddr type != local counter name hidden drop`,
  ];
  return {
    table: [
      ...DECOY_SETS.flatMap((name) => [4, 6].map((family) => `add set ${TABLE} ${setOf(name, family)}`)),
      `add counter ${TABLE} decoy`,
      ...DECOY_CHAINS.map((chain) => `add chain ${TABLE} ${chain}${HOOKS[chain]}`),
      ...DECOY_CHAINS.map((chain) => `flush chain ${TABLE} ${chain}`),
      ...rules.map((rule) => `add rule ${TABLE} ${rule}`),
    ],
    // Not once the port is shown, by the end of a trial for example.
    gate: [`${from} meta l4proto . th dport @gated tcp flags & (fin|syn|rst|ack) == syn jump decoy`],
    input: [
      `${to} ${IS_LED} meta priority set none accept`,
      `${to} ct state established ct status dnat jump decoy_visit`,
    ],
    // Although the daemon may still have to decide.
    spa: both(plan, (source, family) => `update @decoy_knocked${family} { ${source} }`),
    // Held, not spared: anybody can send such a packet, and to be held is only to meet nothing.
    maybe: both(plan, (source, family) => `update @decoy_held${family} { ${source} }`),
  };
}

function strangerRules(plan: Leading['plan']): string[] {
  return [
    ...['known', 'knocked', 'held'].flatMap((set) =>
      both(plan, (source, family) => `${source} @decoy_${set}${family} return`),
    ),
    ...both(plan, (source, family) => `${source} @decoy_seen${family} ct count over ${LED_AT_A_TIME} return`),
    ...both(plan, (source, family) => {
      const seen = `@decoy_seen${family}`;
      return `${source} ${seen} ${LEADS} update ${seen} { ${source} } counter name decoy ${LEAD}`;
    }),
    // Held first: with no room for that, the rule ends, and the address is not led.
    ...both(plan, (source, family) => `add @decoy_held${family} { ${source} } add @decoy_seen${family} { ${source} }`),
  ];
}

/** The rules behind which the daemon hears of a visit: once for an address, seldom in all. */
function visitRules({ decoys, plan }: Leading): string[] {
  const { capture } = plan;
  if (capture === 'socket') return [];
  const log = (port: number) =>
    `log prefix "${VISIT}${port}" group ${capture.nflogGroup} snaplen ${SNAPLEN} queue-threshold 1`;
  return [
    ...both(plan, (source, family) => `${source} @decoy_noted${family} return`),
    `${NOTES} return`,
    ...decoys.flatMap(({ port, to }) =>
      both(
        plan,
        (source, family) =>
          `tcp dport ${to} ct original proto-dst ${port} add @decoy_noted${family} { ${source} } ${log(port)}`,
      ),
    ),
  ];
}

/** A rule for each IP version. @param rule gets the part of the source that counts as one host */
function both({ ipv6Prefix }: Leading['plan'], rule: (source: string, family: number) => string): string[] {
  return [rule('ip saddr', 4), rule(source6(ipv6Prefix), 6)];
}

function setOf(name: (typeof DECOY_SETS)[number], family: number): string {
  const timeout = TIMEOUTS[name];
  const timed = timeout === undefined ? '' : ` flags dynamic,timeout; timeout ${timeout}; size ${MOST};`;
  return `decoy_${name}${family} { typeof ip${family === 4 ? '' : 6} saddr;${timed} }`;
}

const VISIT = 'knockgate decoy ';

/** Reads the port that a visitor connected to from what our rule wrote; undefined for anything else. */
export function parseVisit(prefix: string): number | undefined {
  const port = prefix.startsWith(VISIT) ? prefix.slice(VISIT.length) : '';
  return /^[0-9]+$/.test(port) ? Number(port) : undefined;
}
