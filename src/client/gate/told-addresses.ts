import { fieldsOf } from '../../base/loose-json.ts';

/** Address that a server saw us come from, as it told us over SSH: behind a NAT it is not our own. */
export interface ToldAddress {
  /** Our own address on the way there, by which the network is recognized. */
  readonly local: string;
  readonly address: string;
}

/** Networks of which a told address is kept. */
const MOST = 4;

/** Notes a told address, and drops an older one of that network. */
export function withTold(told: readonly ToldAddress[], news: ToldAddress): ToldAddress[] {
  return [news, ...withoutTold(told, news.local)].slice(0, MOST);
}

/** Forgets the told address of a network. */
export function withoutTold(told: readonly ToldAddress[], local: string): ToldAddress[] {
  return told.filter((each) => each.local !== local);
}

/** Reads the told addresses of the ledger. Broken ones are left out. */
export function parseTold(value: unknown): ToldAddress[] {
  return Array.isArray(value) ? value.filter(isTold) : [];
}

function isTold(value: unknown): value is ToldAddress {
  const { local, address } = fieldsOf(value);
  return typeof local === 'string' && typeof address === 'string';
}
