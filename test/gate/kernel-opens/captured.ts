import { turnsOf } from '../../../bench/turns.ts';
import { Stage, type StageOptions } from './stage.ts';

/** Two clients, each at home at an address that the gate knows. */
export const HOMES = turnsOf(2, 2);
/** Addresses that the gate does not know: clients knock from the first, and somebody with copies from the second. */
const [, , elsewhere, anywhere] = turnsOf(2, 4);
export const ELSEWHERE = elsewhere?.source ?? '';
const ANYWHERE = anywhere?.source ?? '';

/** A knock as somebody in the path saw it: it opened the port for its sender. */
export interface Captured {
  readonly what: string;
  readonly source: string;
  readonly datagram: Uint8Array;
}

/** Makes a gate with two clients, each at home at an address that the gate knows. */
export function homeStage(name: string, settings: StageOptions['settings'] = {}): Promise<Stage> {
  return Stage.make({ name, clients: HOMES.length, known: HOMES, settings });
}

/** Knocks in each way that a daemon hears, and ends the grants. Every knock opened the port. */
export async function capture(stage: Stage): Promise<Captured[]> {
  const [home = { client: 0, source: '' }] = HOMES;
  const captured: Captured[] = [];
  const knock = async (what: string, source: string, datagram: Uint8Array) => {
    if (!(await stage.opens(source, datagram))) throw new Error(`${what} did not open`);
    captured.push({ what, source, datagram });
  };
  await knock('bound', home.source, stage.sealBound(home.client, home.source));
  await knock('ordinary', ELSEWHERE, stage.seal(1));
  await stage.shut();
  return captured;
}

/** Sends each once more from where it came from, from another known address, and from somewhere else. @returns what opened */
export async function replay(stage: Stage, captured: readonly Captured[]): Promise<string[]> {
  const opened: string[] = [];
  for (const { what, source, datagram } of captured) {
    for (const from of [source, HOMES[1]?.source ?? '', ANYWHERE]) {
      if (!(await stage.staysShut(from, datagram))) opened.push(`${what} of ${source} from ${from}`);
    }
  }
  return opened;
}

/** Whether the gate still lets in those who knock anew: what refuses everything refuses replays, too. */
export function takesFreshKnocks(stage: Stage): Promise<boolean> {
  return stage.opens(HOMES[1]?.source ?? '', stage.seal(1, { from: HOMES[1]?.source ?? '' }));
}
