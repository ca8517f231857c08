import { describe, expect, it } from 'vitest';
import { formatNat, formatPorts, formatSourceWith } from '../../../src/fwknop/ask-text.ts';
import { nodeFwknopCrypto as crypto } from '../../../src/fwknop/crypto-node.ts';
import { type FwknopMessage, TYPES } from '../../../src/fwknop/message.ts';
import { openPacket } from '../../../src/fwknop/packet.ts';
import { decodePlaintext } from '../../../src/fwknop/plaintext.ts';
import { figure } from '../../rig/figure.ts';
import { type Case, Chance, changedCase, goodCase, meddledCase } from './cases.ts';
import { type Answer, askLibfko, type Read } from './oracle.ts';
import { isAfter2038, RULES, ruleOfRefusal, ruleOfTaking } from './rules.ts';

/** Of each kind; the kinds are asked in turn, so that memory holds one of them. */
const ROUNDS = { good: 35_000, meddled: 50_000, changed: 16_000 };
const SEED = 62_201;

/** How often both agreed, and each rule by which they differed; what no rule explains, as text. */
class Verdict {
  taken = 0;
  refused = 0;
  readonly rules = new Map<string, number>();
  readonly unexplained: string[] = [];

  add(asked: Case, theirs: Answer): void {
    const ours = read(asked);
    if ('error' in theirs) {
      if (ours.ok) this.differ(ruleOfTaking(asked, theirs.error), asked, `libfko refuses (${theirs.error})`);
      else this.refused += 1;
    } else if (ours.ok) {
      this.taken += 1;
      const different = differences(ours.message, theirs, isAfter2038(asked.plaintext));
      if (ours.digest !== theirs.digest) different.push('digest');
      if (different.length > 0) this.differ(undefined, asked, `read differently: ${different.join(', ')}`);
    } else this.differ(ruleOfRefusal(asked, ours.reason), asked, `we refuse (${ours.reason})`);
  }

  private differ(rule: string | undefined, { plaintext, packet, keys }: Case, what: string): void {
    if (rule !== undefined) this.rules.set(rule, (this.rules.get(rule) ?? 0) + 1);
    else this.unexplained.push(`${what}: ${keys.mode} ${plaintext} ${packet}`);
  }
}

describe('libfko beside our reader', () => {
  it('accepts what we make and refuses what we refuse, apart from the listed rules', {
    timeout: 300_000,
  }, async () => {
    const chance = new Chance(SEED);
    const verdict = new Verdict();
    const makers = { good: goodCase, meddled: meddledCase, changed: changedCase };
    let asked = 0;
    for (const kind of ['good', 'meddled', 'changed'] as const) {
      const cases = Array.from({ length: ROUNDS[kind] }, () => makers[kind](chance));
      const answers = await askLibfko(cases);
      for (const [i, answer] of answers.entries()) verdict.add(cases[i] as Case, answer);
      asked += cases.length;
    }
    figure(`libfko: ${asked} packets, both take ${verdict.taken}, both refuse ${verdict.refused}`);
    for (const rule of RULES) figure(`libfko: ${verdict.rules.get(rule) ?? 0} ${rule}`);
    expect(verdict.unexplained.slice(0, 10)).toEqual([]);
    expect(asked).toBeGreaterThanOrEqual(100_000);
    // Each rule is met, so each is tested.
    expect([...verdict.rules.keys()].sort()).toEqual([...RULES].sort());
    expect(verdict.taken).toBeGreaterThan(30_000);
    expect(verdict.refused).toBeGreaterThan(10_000);
  });
});

function read({ keys, packet }: Case) {
  const opened = openPacket(crypto, keys, packet);
  return opened.ok ? decodePlaintext(crypto, opened.plaintext) : opened;
}

/** Names of the fields that the two have read differently. */
function differences(ours: FwknopMessage, theirs: Read, late: boolean): string[] {
  const { ask, source } = ours;
  const type = ask.kind === 'nat' && ask.local ? TYPES.localNat : TYPES[ask.kind];
  const pairs: [string, unknown, unknown][] = [
    ['random', ours.random, theirs.random],
    ['user', ours.user, theirs.user],
    ['timestamp', late ? 0 : ours.timestamp, late ? 0 : theirs.timestamp],
    ['version', ours.version, theirs.version],
    ['type', ours.timeout > 0 ? type.timed : type.plain, theirs.type],
    [
      'message',
      formatSourceWith(source, ask.kind === 'command' ? ask.command : formatPorts(ask.ports)),
      withoutDoubles(ask, theirs),
    ],
    ['nat', ask.kind === 'nat' ? formatNat(ask.target) : null, theirs.nat],
    ['server auth', ours.serverAuth ?? null, theirs.serverAuth],
    ['timeout', ours.timeout, theirs.timeout],
  ];
  return pairs.filter(([, one, other]) => one !== other).map(([name]) => name);
}

/** We read a port that occurs twice once. */
function withoutDoubles(ask: FwknopMessage['ask'], { message }: Read): string {
  return ask.kind === 'command' ? message : [...new Set(message.split(','))].join(',');
}
