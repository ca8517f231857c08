import { either } from '../../os/abort.ts';
import type { KeySource, Open, Opened, OpenIo, OpenRequest } from '../hosts/server-kind.ts';
import { addressesOf, type Host } from './host.ts';
import { prepareGate } from './open.ts';

/*
 * A group: several gates behind one address, such as an active and a passive one, or those behind a balancer that sends each address
 * to the same gate. Every gate has a key of its own, so a packet for one of them is junk at the others, and cannot be replayed there.
 * Which gate gets our packets is unknown: a knock is one datagram for each of them, all at once.
 */

/** As `prepareGate`, for a gate or a group. */
export async function prepareGroup(host: Host, keys: KeySource, io: OpenIo, signal: AbortSignal): Promise<Open> {
  const [first, ...others] = await Promise.all(membersOf(host).map((member) => prepareGate(member, keys, io, signal)));
  if (first === undefined) throw new RangeError(`${host.name}: no gate`);
  if (others.length === 0) return first;
  return (request, until) => openAny([first, ...others], request, until);
}

/** Gates of a host, each as a host of its own at the address of the group. */
function membersOf(host: Host): readonly Host[] {
  if (host.members.length === 0) return [host];
  const addresses = addressesOf(host);
  return [host.gate, ...host.members].map((gate) => ({ ...host, gate: { ...gate, addresses }, members: [] }));
}

/**
 * Knocks at all gates at once. The first that opens counts, and the others are given up; when none opens, what the first gate's knock
 * came to counts.
 */
export async function openAny(members: readonly Open[], request: OpenRequest, signal: AbortSignal): Promise<Opened> {
  const over = new AbortController();
  const inner = either(signal, over.signal);
  const onBoundSent = afterAll(members.length, request.onBoundSent);
  let winner: Opened | undefined;
  const knocks = members.map(async (open) => {
    const opened = await open({ ...request, onBoundSent }, inner.signal);
    if (opened.result.kind !== 'open') return opened;
    if (winner === undefined) {
      winner = opened;
      over.abort();
    } else opened.result.socket.destroy();
    return opened;
  });
  try {
    const ended = await Promise.allSettled(knocks);
    if (winner !== undefined) return winner;
    const sent = ended.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    const [first] = sent;
    if (first !== undefined) return withAllKnocks(first, sent);
    throw ended.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))[0];
  } finally {
    inner.release();
  }
}

function withAllKnocks(first: Opened, all: readonly Opened[]): Opened {
  const knocks = all.reduce((sum, { result }) => sum + result.knocks, 0);
  return { ...first, result: { ...first.result, knocks } };
}

/** Called by so many, calls on after the last. */
function afterAll(count: number, call: (() => void) | undefined): (() => void) | undefined {
  let left = count;
  return (
    call &&
    (() => {
      left -= 1;
      if (left === 0) call();
    })
  );
}
