import type { BoundAddress } from '../firewall/firewall.ts';
import type { TagSource } from '../verify/tags.ts';
import { boundAddresses, without } from './tag-sources.ts';

/** Sources that differ from one plan to the next. A source that stays is the same object. */
export interface SourceChange {
  /** Ids of those that came or went. */
  readonly ids: ReadonlySet<string>;
  readonly gone: readonly TagSource[];
  /** Those that came. */
  readonly sources: readonly TagSource[];
  readonly newAddresses: readonly BoundAddress[];
  readonly goneAddresses: readonly BoundAddress[];
}

export const NO_CHANGE: SourceChange = { ids: new Set(), gone: [], sources: [], newAddresses: [], goneAddresses: [] };

/** Compares the sources of two plans. */
export function changeOf(before: readonly TagSource[], after: readonly TagSource[]): SourceChange {
  // Mostly one of thousands has changed.
  const first = before.findIndex((source, i) => source !== after[i]);
  const same = first < 0 ? before.length : first;
  const [rest, restAfter] = [before.slice(same), after.slice(same)];
  const [were, are] = [new Set(rest), new Set(restAfter)];
  const gone = rest.filter((source) => !are.has(source));
  const sources = restAfter.filter((source) => !were.has(source));
  const changed = [...gone, ...sources];
  // A source that stays may have the same mark and address as one that changes: while the gate's key is exchanged, a client has two.
  const marks = new Set(changed.filter(({ kind }) => kind === 'bound').map(({ mark }) => mark));
  const concerned = (all: readonly TagSource[]): BoundAddress[] =>
    marks.size === 0 ? [] : boundAddresses(all.filter(({ mark }) => marks.has(mark)));
  const [had, has] = [concerned(before), concerned(after)];
  return {
    ids: new Set(changed.map(({ id }) => id)),
    gone,
    sources,
    newAddresses: without(has, had),
    goneAddresses: without(had, has),
  };
}
