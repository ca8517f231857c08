import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseGateConfig } from '../../../../server-helper/config/gate-config.ts';
import { showImported } from '../../../../server-helper/import/imported.ts';
import { importKnockd } from '../../../../server-helper/import/knockd.ts';
import { contains, parseAddress } from '../../../../src/base/addresses.ts';

/* A model of iptables, independent of our reader: rules as values, a list of them, and the packets that they let in. */

interface Packet {
  readonly source: string;
  readonly to: string;
  readonly by: string;
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
}

interface ModelRule {
  readonly program: 'iptables' | 'ip6tables';
  readonly table: 'filter' | 'nat';
  readonly chain: 'INPUT' | 'FORWARD' | 'KNOCKD';
  readonly source: 'knocker' | 'other' | 'anybody' | 'not the knocker';
  readonly protocol: 'tcp' | 'udp' | 'icmp' | 'any';
  readonly ports: readonly (readonly [number, number])[] | undefined;
  readonly by: string | undefined;
  readonly to: string | undefined;
  readonly states: string | undefined;
  readonly target: 'ACCEPT' | 'DROP' | 'LOG';
}

type Step =
  | { readonly does: '-A' | '-I' | '-D'; readonly rule: ModelRule }
  | { readonly does: 'sleep'; readonly seconds: number };
interface ModelCommand {
  readonly after: ';' | '&&';
  readonly step: Step;
}

const KNOCKERS = { iptables: '192.0.2.1', ip6tables: '2001:db8::1' } as const;
const OTHERS = ['192.0.2.9', '2001:db8::9'];
/** Hidden by the gate; some that no rule names are among them. */
const PORTS = [22, 23, 53, 80, 81, 443];

const PACKETS: readonly Packet[] = [...Object.values(KNOCKERS), ...OTHERS].flatMap((source) =>
  ['own', 'second'].flatMap((to) =>
    ['eth0', 'eth1'].flatMap((by) =>
      (['tcp', 'udp'] as const).flatMap((protocol) => PORTS.map((port) => ({ source, to, by, protocol, port }))),
    ),
  ),
);
const keyOf = ({ source, to, by, protocol, port }: Packet) => [source, to, by, protocol, port].join(' ');

function matches(rule: ModelRule, knocker: string, packet: Packet): boolean {
  const isSix = packet.source.includes(':');
  const sources = {
    knocker: packet.source === knocker,
    other: packet.source === '10.0.0.1',
    anybody: true,
    'not the knocker': packet.source !== knocker,
  };
  return (
    isSix === (rule.program === 'ip6tables') &&
    rule.table === 'filter' &&
    rule.chain === 'INPUT' &&
    sources[rule.source] &&
    (rule.protocol === 'any' || rule.protocol === packet.protocol) &&
    (rule.ports ?? [[0, 65_535]]).some(([first, last]) => first <= packet.port && packet.port <= last) &&
    (rule.by ?? packet.by) === packet.by &&
    (rule.to ?? packet.to) === packet.to &&
    (rule.states ?? 'NEW').includes('NEW')
  );
}

/** Whether iptables takes a rule for this knocker: a wrong family, or ports without a protocol, it refuses. */
function isValid(rule: ModelRule, knocker: string): boolean {
  const namesKnocker = rule.source === 'knocker' || rule.source === 'not the knocker';
  const isSix = rule.program === 'ip6tables';
  return (
    (!namesKnocker || knocker.includes(':') === isSix) &&
    (rule.source !== 'other' || !isSix) &&
    (rule.ports === undefined || rule.protocol === 'tcp' || rule.protocol === 'udp') &&
    // There is no such chain in the table nat, and no other chain at all.
    rule.chain !== 'KNOCKD' &&
    !(rule.table === 'nat' && rule.chain === 'FORWARD')
  );
}

/** For how many seconds each packet is let in, once the commands have run; Infinity: for good. */
function letIn(commands: readonly ModelCommand[], knocker: string): Map<string, number> {
  const rules: string[] = [];
  const values = new Map<string, ModelRule>();
  const open = new Map<string, number>();
  const since = new Map<string, number>();
  let now = 0;
  let succeeded = true;
  for (const { after, step } of commands) {
    if (after === '&&' && !succeeded) continue;
    succeeded = true;
    if (step.does === 'sleep') now += step.seconds;
    else {
      const text = JSON.stringify(step.rule);
      values.set(text, step.rule);
      const at = rules.indexOf(text);
      if (!isValid(step.rule, knocker) || (step.does === '-D' && at < 0)) succeeded = false;
      else if (step.does === '-D') rules.splice(at, 1);
      else if (step.does === '-I') rules.unshift(text);
      else rules.push(text);
    }
    for (const packet of PACKETS) {
      const deciding = rules
        .flatMap((text) => values.get(text) ?? [])
        .find((rule) => rule.target !== 'LOG' && matches(rule, knocker, packet));
      const key = keyOf(packet);
      const isIn = deciding?.target === 'ACCEPT';
      const start = since.get(key);
      if (isIn && start === undefined) since.set(key, now);
      if (!isIn && start !== undefined) {
        open.set(key, Math.max(open.get(key) ?? 0, now - start));
        since.delete(key);
      }
    }
  }
  for (const key of since.keys()) open.set(key, Number.POSITIVE_INFINITY);
  return open;
}

/** Ports that a gate with the imported tables opens after a knock, and for how long. */
function letInByGate(text: string, knocker: string): Map<string, number> {
  // Ranges are for what a rule names beside those: a door that names nothing opens the single ones.
  const hidden = [...PORTS, '24-40', '54-65', '82-95', '444-460'].flatMap((port) => [`tcp/${port}`, `udp/${port}`]);
  const tables = showImported(importKnockd(text, 'knockd.conf'));
  const { sequences } = parseGateConfig(`[gate]\nports = ${JSON.stringify(hidden)}\n${tables}\n`, 'gate.toml');
  const address = parseAddress(knocker);
  const open = new Map<string, number>();
  for (const { ports, sources, grant } of sequences) {
    if (address === undefined || (sources.length > 0 && !sources.some((network) => contains(network, address))))
      continue;
    const opened = PACKETS.filter(({ source, protocol, port }) => {
      return source === knocker && ports.some((each) => each.protocol === protocol && each.port === port);
    });
    for (const packet of opened) open.set(keyOf(packet), grant);
  }
  return open;
}

function wordsOf(rule: ModelRule, does: string, order: readonly number[]): string {
  const source = { knocker: '-s %IP%', other: '-s 10.0.0.1', anybody: '', 'not the knocker': '! -s %IP%' }[rule.source];
  const spans = rule.ports?.map(([first, last]) => (first === last ? first : `${first}:${last}`)).join(',');
  const isList = spans?.includes(',');
  const matching = [
    rule.protocol === 'any' ? '' : `-p ${rule.protocol}`,
    spans === undefined ? '' : isList ? `-m multiport --dports ${spans}` : `--dport ${spans}`,
  ].join(' ');
  const parts = [
    rule.table === 'filter' ? '' : `-t ${rule.table}`,
    source,
    matching,
    rule.by === undefined ? '' : `-i ${rule.by}`,
    rule.to === undefined ? '' : '-d 198.51.100.7',
    rule.states === undefined ? '' : `-m conntrack --ctstate ${rule.states}`,
    `-j ${rule.target}`,
  ];
  const mixed = order.map((place) => parts[place] ?? '').filter((part) => part !== '');
  return [rule.program, does, rule.chain, ...mixed].join(' ');
}

/** The first values are frequent: a good rule for the knocker. */
const mostly = <T>(...values: T[]) =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(values[0] as T) }, fc.constantFrom(...values));
const spans = fc
  .array(fc.tuple(fc.constantFrom(...PORTS), fc.constantFrom(0, 0, 0, 1, 4)), { minLength: 1, maxLength: 3 })
  .map((pairs) => pairs.map(([first, more]) => [first, first + more] as const));
const rules: fc.Arbitrary<ModelRule> = fc.record({
  program: mostly<ModelRule['program']>('iptables', 'ip6tables'),
  table: mostly<ModelRule['table']>('filter', 'nat'),
  chain: mostly<ModelRule['chain']>('INPUT', 'FORWARD', 'KNOCKD'),
  source: mostly<ModelRule['source']>('knocker', 'other', 'anybody', 'not the knocker'),
  protocol: mostly<ModelRule['protocol']>('tcp', 'udp', 'icmp', 'any'),
  ports: fc.option(spans, { nil: undefined, freq: 5 }),
  by: mostly<string | undefined>(undefined, 'eth1'),
  to: mostly<string | undefined>(undefined, 'second'),
  states: mostly<string | undefined>(undefined, 'NEW', 'NEW,ESTABLISHED', 'ESTABLISHED'),
  target: mostly<ModelRule['target']>('ACCEPT', 'DROP', 'LOG'),
});
const order = fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6], { minLength: 7 });
/** Commands use few rules, so that one command often removes the rule of another. */
const lines = fc
  .uniqueArray(rules, { minLength: 1, maxLength: 2, selector: (rule) => JSON.stringify(rule) })
  .chain((some) => {
    const step: fc.Arbitrary<Step> = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({ does: mostly<'-A' | '-I' | '-D'>('-A', '-I', '-D'), rule: fc.constantFrom(...some) }),
      },
      fc.record({ does: fc.constant('sleep' as const), seconds: fc.constantFrom(5, 20) }),
    );
    const command = fc.record({ after: fc.constantFrom(';' as const, '&&' as const), step });
    return fc.tuple(fc.array(command, { minLength: 1, maxLength: 4 }), order);
  });

const textOf = (commands: readonly ModelCommand[], places: readonly number[]) =>
  commands
    .map(({ after, step }, i) => {
      const words = step.does === 'sleep' ? `sleep ${step.seconds}` : wordsOf(step.rule, step.does, places);
      return i === 0 ? words : `${after} ${words}`;
    })
    .join(' ');
const confOf = (command: string) => `[a]\nsequence = 7000,9000,8000\nstart_command = ${command}\n`;

describe('a door of knockd, imported', () => {
  it('never opens a port, to an address or for a time, that a model of iptables does not', () => {
    fc.assert(
      fc.property(lines, ([commands, places]) => {
        const text = confOf(textOf(commands, places));
        for (const knocker of Object.values(KNOCKERS)) {
          const theirs = letIn(commands, knocker);
          for (const [packet, seconds] of letInByGate(text, knocker))
            expect(theirs.get(packet) ?? 0, `${text} ${packet}`).toBeGreaterThanOrEqual(seconds);
        }
      }),
      { numRuns: 1500, includeErrorInReport: true },
    );
  });

  it('opens all that the model does for who has knocked, where it is one good rule', () => {
    const good = rules.map((rule): ModelRule => {
      const protocol = rule.protocol === 'udp' ? 'udp' : 'tcp';
      const fixed = {
        table: 'filter',
        chain: 'INPUT',
        source: 'knocker',
        target: 'ACCEPT',
        states: undefined,
      } as const;
      return { ...rule, ...fixed, protocol, ports: rule.ports ?? [[22, 22]], by: undefined, to: undefined };
    });
    fc.assert(
      fc.property(good, order, (rule, places) => {
        const commands: ModelCommand[] = [{ after: ';', step: { does: '-A', rule } }];
        const text = confOf(textOf(commands, places));
        for (const knocker of Object.values(KNOCKERS))
          expect([...letInByGate(text, knocker).keys()].sort()).toEqual([...letIn(commands, knocker).keys()].sort());
      }),
      { numRuns: 500 },
    );
  });
});
