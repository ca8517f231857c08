import type { Memento } from 'vscode';
import type { Progress } from '../../deploy/deploy-ui.ts';

const RECORD = 'knockgate.setUp';

/** Note of a set-up that runs, or ran until its window was closed. */
export interface SetUpNote {
  /** Destination as ssh is given it. */
  readonly destination: string;
  readonly name: string;
  readonly progress: Progress;
  /** Process of the extension host that runs it. */
  readonly pid: number;
}

/** Notes how far a set-up has come; undefined when it has ended. */
export async function noteSetUp(state: Pick<Memento, 'update'>, note: SetUpNote | undefined): Promise<void> {
  await state.update(RECORD, note);
}

export function notedSetUp(state: Pick<Memento, 'get'>): SetUpNote | undefined {
  return state.get<SetUpNote>(RECORD);
}
