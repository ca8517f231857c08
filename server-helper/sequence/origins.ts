import { createHash } from 'node:crypto';
import { formatAddress } from '../../src/base/addresses.ts';
import { PROTOCOL_NUMBER, type Protocol, type RequestedPort } from '../../src/base/ports.ts';
import type { LiveGrant, SequencePlan } from '../firewall/firewall.ts';
import { type GrantOrigin, parseOrigins } from '../firewall/listing.ts';
import { runNft } from '../firewall/nft-once.ts';
import type { Completed } from '../firewall/sequence-log.ts';
import { SEQUENCE_ORIGINS } from '../firewall/sequences.ts';
import { TABLE } from '../firewall/table-name.ts';

/*
 * Beside each grant the kernel notes which sequence gave it: address, port, and a mark that is made of the name and the protocol.
 * So a daemon that was started anew knows it as well.
 */

/** Shown where the sequence is not there any more. No client can have a name with a space. */
const SOME_SEQUENCE = 'a sequence';

/** Names to show, by the marks that the kernel has. */
export type KnownOrigins = Map<number, string>;

/** The rules that note the origin of a grant. */
export function originRules({ whose, seconds }: SequencePlan, { protocol, port }: RequestedPort): string[] {
  const mark = `0x${markOf(whose, protocol).toString(16)}`;
  return [
    `update @${SEQUENCE_ORIGINS[4]} { ip saddr . ${mark} . ${port} timeout ${seconds}s }`,
    `update @${SEQUENCE_ORIGINS[6]} { ip6 saddr . ${mark} . ${port} timeout ${seconds}s }`,
  ];
}

/** Adds the names to show of these sequences: a client's own, or `sequence NAME`. */
export function addOrigins(known: KnownOrigins, sequences: readonly SequencePlan[]): void {
  for (const { whose } of sequences)
    for (const protocol of PROTOCOLS)
      known.set(markOf(whose, protocol), whose.of === 'client' ? whose.name : `sequence ${whose.name}`);
}

/** Names the sequences that gave grants. Of two that gave the same one, the one that gave it for longer counts. */
export async function nameOrigins(grants: readonly LiveGrant[], known: KnownOrigins): Promise<LiveGrant[]> {
  const origins = new Map<string, GrantOrigin[]>();
  for (const set of Object.values(SEQUENCE_ORIGINS)) {
    const json = await runNft(['-j', 'list', 'set', ...TABLE.split(' '), set], '').catch(() => undefined);
    for (const origin of json === undefined ? [] : parseOrigins(json)) {
      const key = `${formatAddress(origin.address)} ${origin.port}`;
      origins.set(key, [...(origins.get(key) ?? []), origin]);
    }
  }
  return grants.map((grant) => {
    const { address, port } = grant;
    const found = [...(origins.get(`${formatAddress(address)} ${port.first}`) ?? [])]
      .sort((a, b) => b.seconds - a.seconds)
      .flatMap(({ mark }) => known.get(mark) ?? []);
    return { ...grant, client: found[0] ?? SOME_SEQUENCE };
  });
}

const PROTOCOLS: readonly Protocol[] = ['tcp', 'udp'];

/** 32 bits: two names share one by accident once in billions. */
function markOf({ of, name }: Completed, protocol: Protocol): number {
  return createHash('sha256').update(`${of} ${name} ${PROTOCOL_NUMBER[protocol]}`).digest().readUInt32BE();
}
