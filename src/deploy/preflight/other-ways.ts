import { type Phrase, phrase } from '../../base/phrase.ts';
import { covers, type PortRange, parsePortRange } from '../../base/ports.ts';
import { codeSpan } from '../../base/printable.ts';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';

/** Rules or addresses that a finding shows, and characters of a rule. */
const SHOWN = 3;
const MOST_CHARACTERS = 100;

/** Ways to a hidden port beside the host's own address, and rules that would freeze sessions. */
export function otherWays({ routedAddresses, otherRules }: Facts, hidden: readonly string[]): Finding[] {
  const ranges = hidden.map((port) => parsePortRange(port));
  const untracked = otherRules.filter((rule) => /\bnotrack\b/.test(rule));
  // The gate's own forwards use a map; other rules are of others.
  const translated = otherRules.filter((rule) => !untracked.includes(rule) && leadsToOneOf(rule, ranges));
  return [
    ...(routedAddresses.length === 0
      ? []
      : [
          note(
            'other-addresses',
            phrase('addresses in other routing tables: {0}', few(routedAddresses)),
            phrase('The gate hides the ports there too, and hears knocks there.'),
          ),
        ]),
    ...(translated.length === 0
      ? []
      : [
          note(
            'translated-ports',
            phrase('rules that may lead to a hidden port: {0}', few(translated.map(shown))),
            phrase(
              'Connections through such a rule must knock too. If a network behind this host uses one, make that network a trusted one.',
            ),
          ),
        ]),
    ...(untracked.length === 0
      ? []
      : [
          note(
            'untracked',
            phrase('rules that keep packets from connection tracking: {0}', few(untracked.map(shown))),
            phrase('The gate notes each connection that it lets in. Restart it after you add such a rule.'),
          ),
        ]),
  ];
}

/** Whether a rule leads to a port in these ranges, or to an address without changing the port. */
function leadsToOneOf(rule: string, ranges: readonly PortRange[]): boolean {
  if (/\bmap\b/.test(rule)) return /@(?:forwards|redirects)[46]/.test(rule) === false;
  const port = Number(/\bto (?:\S*:)?([0-9]{1,5})(?:\s|$)/.exec(rule)?.[1]);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return true;
  return (['tcp', 'udp'] as const).some((protocol) =>
    ranges.some((range) => covers(range, { protocol, first: port, last: port })),
  );
}

const shown = (rule: string): string => codeSpan(rule, MOST_CHARACTERS);

function few(texts: readonly string[]): string {
  const more = texts.length - SHOWN;
  return `${texts.slice(0, SHOWN).join(', ')}${more > 0 ? ` (+${more})` : ''}`;
}

function note(id: string, what: Phrase, so: Phrase): Finding {
  return { id, verdict: 'note', what, so };
}
