import type { Figure } from '../results.ts';
import type { Subject } from '../subjects/subject.ts';
import { addedClient } from './added-client.ts';
import { dropRates } from './drop-rate.ts';
import { fwknopFlood } from './fwknop-flood.ts';
import { idleFigures } from './idle.ts';
import { packetCosts } from './packet-cost.ts';
import { renewalFigures } from './renewal.ts';

/** How much is done for each figure. */
export interface Effort {
  readonly idleSeconds: number;
  readonly knocks: number;
  /** Epochs in whose first moments is knocked; 0 leaves out everything with 10,000 clients. */
  readonly epochs: number;
  readonly clientRuns: number;
}

/** Everything that is measured beside the cases; `note` hears each as it comes. */
export async function measureFigures(
  subjects: readonly Subject[],
  effort: Effort,
  note: (figures: readonly Figure[]) => void,
): Promise<Figure[]> {
  const found: Figure[] = [];
  const add = (figures: readonly Figure[]) => {
    note(figures);
    found.push(...figures);
  };
  add(await idleFigures(subjects, effort.idleSeconds));
  for (const subject of subjects) add(await packetCosts(subject, effort.knocks));
  if (!subjects.some(({ name }) => name === 'knockgate')) return found;
  add(await dropRates());
  add(await fwknopFlood(effort.knocks));
  if (effort.epochs > 0) {
    add(await renewalFigures(effort.epochs));
    add(await addedClient());
  }
  return found;
}
