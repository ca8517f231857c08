import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { HEARING_SETS } from '../../../server-helper/firewall/spa-rules.ts';
import { TABLE } from '../../../server-helper/firewall/table-name.ts';
import { renderHearing } from '../../../server-helper/firewall/tag-elements.ts';
import type { Round } from '../../rig/hammer.ts';
import { processesIn } from '../../rig/netns.ts';
import { loadNft } from '../../rig/nft.ts';
import { signalQuietly, sleep } from '../../rig/process.ts';
import type { Outcome, Together } from './together.ts';

/** Copies that are sent at a time, so that they come while the daemon judges the messages. */
const GROUP = 5;
/** For so long the daemon judges without its reader. */
const STALL_MS = 100;

/** A way in which kernel and daemon both come to judge the same tags. */
export interface Race {
  readonly name: string;
  /** Sends each message from two addresses. */
  send(gate: Together, rounds: readonly Round[]): Promise<void>;
  /** @param lost messages that the daemon refused because the kernel had opened to their tag */
  expectRaced(result: Outcome & { readonly lost: number }): void;
}

/** Both let somebody in, and both had the same tags in hand. */
function expectBoth({ byKernel, byDaemon, lost }: Outcome & { readonly lost: number }) {
  for (const count of [byKernel, byDaemon, lost]) expect(count).toBeGreaterThan(0);
}

export const races: readonly Race[] = [
  {
    name: 'the kernel opens to copies while the daemon judges the messages',
    async send(gate, rounds) {
      await sendMessages(gate, rounds);
      await sendCopies(gate, rounds);
    },
    expectRaced: expectBoth,
  },
  {
    name: 'the same, and the daemon hears late of what the kernel opens',
    async send(gate, rounds) {
      await sendMessages(gate, rounds);
      const readers = processesIn(gate.pair.target).filter((pid) => nameOf(pid) === 'tcpdump');
      for (const pid of readers) signalQuietly(pid, 'SIGSTOP');
      await sendCopies(gate, rounds);
      await sleep(STALL_MS);
      for (const pid of readers) signalQuietly(pid, 'SIGCONT');
    },
    expectRaced: expectBoth,
  },
];

/** While the kernel believes that a daemon hears: it asks. Returns when the daemon has begun to grant, in their order. */
async function sendMessages(gate: Together, rounds: readonly Round[]): Promise<void> {
  const since = gate.gate.events.length;
  await loadNft(gate.pair.target, renderHearing(HEARING_SETS[0]));
  await gate.strike(rounds.map(({ datagram, sources }) => ({ datagram, sources: sources.slice(0, 1) })));
  await gate.gate.audit(({ event }) => event === 'granted', 30_000, since);
}

/** While the kernel believes that no daemon hears; those first that the daemon judges last. */
async function sendCopies(gate: Together, rounds: readonly Round[]): Promise<void> {
  await loadNft(gate.pair.target, HEARING_SETS.map((set) => `flush set ${TABLE} ${set}\n`).join(''));
  const copies = rounds.map(({ datagram, sources }) => ({ datagram, sources: sources.slice(1) })).reverse();
  for (let at = 0; at < copies.length; at += GROUP) await gate.strike(copies.slice(at, at + GROUP));
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}
