import { BACK_WITHIN_S, ownerBackAfter } from './invariants.ts';
import type { Row } from './row.ts';
import { Stage } from './stage.ts';

/** Result of a row. `seconds`: from the end of the fault to the owner's connection. */
export interface Result {
  readonly row: Row;
  readonly breaches: readonly string[];
  readonly seconds: number | undefined;
  /** Seconds after which the daemon had put its table back, where somebody else had changed it. */
  readonly putBackAfter: number | undefined;
}

/** Makes a row's fault on a stage of its own, ends it, and looks at both invariants. */
export async function runRow(row: Row): Promise<Result> {
  const breaches: string[] = [];
  let seconds: number | undefined;
  let stage: Stage | undefined;
  try {
    stage = await Stage.make(row);
    await row.do(stage);
    const during = await stage.intruders();
    if (row.exposes === undefined) breaches.push(...during.map((what) => `let in during the fault: ${what}`));
    // What lets the owner in below is then a grant that came after the fault.
    if (row.exposes === undefined) await stage.shut();
    await row.undo(stage);
    if ((stage.putBackAfter ?? 0) > BACK_WITHIN_S)
      breaches.push(`the table was put back after ${stage.putBackAfter?.toFixed(1)} s, not within ${BACK_WITHIN_S} s`);
    seconds = await ownerBackAfter(stage);
    if (seconds === undefined) breaches.push(`the owner was not let in within ${BACK_WITHIN_S} s`);
    const after = await stage.intruders();
    breaches.push(...after.map((what) => `let in after the fault: ${what}`));
    if (breaches.length > 0) breaches.push(...lastEvents(stage));
  } catch (error) {
    breaches.push(`the row could not be run: ${(error as Error).message}`);
  } finally {
    await stage?.end();
  }
  return { row, breaches, seconds, putBackAfter: stage?.putBackAfter };
}

const lastEvents = ({ scene }: Stage) => scene.gate.events.slice(-12).map((line) => JSON.stringify(line));
