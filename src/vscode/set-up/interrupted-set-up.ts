import { commands, l10n } from 'vscode';
import type { Progress } from '../../deploy/deploy-ui.ts';
import { tell, warn } from '../ask/tell.ts';
import type { Parts } from '../parts.ts';
import { notedSetUp, noteSetUp, type SetUpNote } from './set-up-note.ts';

/*
 * A window that is closed or reloaded ends its set-up half-way, and nothing takes it back. A note says how far it had come. The next
 * window says what may be on the server.
 */

/** Time between looks, and the time for all: a window checks whether the extension host of the previous one has ended. */
const LOOK_EVERY_MS = 1000;
const LOOK_FOR_MS = 120_000;

/** Reports a set-up whose window was closed, once. */
export async function tellOfInterruptedSetUp(
  parts: Pick<Parts, 'globalState' | 'log' | 'clock'>,
  isRunning: (pid: number) => boolean = isAlive,
): Promise<void> {
  const { globalState, log } = parts;
  const note = await abandonedNote(parts, isRunning);
  if (note === undefined) return;
  await noteSetUp(globalState, undefined);
  const { destination, name, progress } = note;
  log.info(`${name}: the window of its set-up was closed (${progress})`);
  const again = {
    title: l10n.t('Set Up Again'),
    run: () => commands.executeCommand('knockgate.setUpGate', destination),
  };
  if (progress === 'untouched') tell(textOf(name, progress), again);
  else warn(textOf(name, progress), again);
}

/**
 * Note of a set-up that no process runs any more. When a reloaded window starts, the extension host of the previous one may still
 * be ending, for seconds on a busy computer.
 * @returns undefined when there is none, or another window goes on with it
 */
async function abandonedNote(
  { globalState, clock }: Pick<Parts, 'globalState' | 'clock'>,
  isRunning: (pid: number) => boolean,
): Promise<SetUpNote | undefined> {
  for (let waitedMs = 0; waitedMs <= LOOK_FOR_MS; waitedMs += LOOK_EVERY_MS) {
    const note = notedSetUp(globalState);
    if (note === undefined || !isRunning(note.pid)) return note;
    await clock.sleep(LOOK_EVERY_MS);
  }
  return undefined;
}

function textOf(name: string, progress: Progress): string {
  switch (progress) {
    case 'untouched':
      return l10n.t('The window was closed while a gate was set up on {0}. Nothing was changed there.', name);
    case 'being-changed':
      return l10n.t(
        'The window was closed while a gate was set up on {0}. Files may be there; none of them hides a port. Setting it up again looks first, and goes on from there.',
        name,
      );
    case 'on-trial':
      return l10n.t(
        'The window was closed during the trial of the gate on {0}. The server ends the trial by itself within minutes, and shows its ports or goes back to its previous gate. Setting it up again looks first.',
        name,
      );
    case 'being-confirmed':
      return l10n.t(
        'The window was closed while the gate on {0} was being confirmed. Either it stays, and opens to this device, or the trial ends and the ports show themselves. Setting it up again finds out.',
        name,
      );
  }
}

/** Whether a process runs, under any user. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
