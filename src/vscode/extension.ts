// The first to run, so that it knows when that was.
import './knock/load-time.ts';
import type { ExtensionContext } from 'vscode';
import { systemClock } from '../os/clock.ts';
import { asProblem, logProblem } from './ask/show-problem.ts';
import { knockBeforeConnecting } from './auto-knock/on-open.ts';
import { showUp } from './compose-ui.ts';
import { editorCrypto } from './keys/editor-crypto.ts';
import type { Door } from './knock/doors.ts';
import { composeKnock, type KnockParts } from './knock/knock-parts.ts';
import { Marks } from './knock/load-marks.ts';
import { LOADING_SINCE_MS } from './knock/load-time.ts';
import { autoKnockSettings } from './settings.ts';

const clock = systemClock;
const marks = new Marks(() => clock.monotonicMs(), LOADING_SINCE_MS);
// While the editor gets ready to call activate().
const chosenCrypto = editorCrypto();
marks.mark('loaded');

/**
 * Begins. In a window that is about to connect over SSH the editor waits for this before it does: the knock comes first,
 * everything else when it is on its way.
 */
export async function activate(context: ExtensionContext): Promise<void> {
  const sinceMs = clock.monotonicMs();
  marks.mark('activate');
  const parts = composeKnock(context, await chosenCrypto, marks);
  const door = doorOfWindow(parts);
  marks.mark('host known');
  const knocked = door && knockBeforeConnecting(door, autoKnockSettings(), sinceMs, parts);
  await Promise.race([knocked, marks.reached('packet sent')]);
  showRest(context, parts);
  await knocked;
  marks.mark('activated');
  // For the next time: the SSH configuration may have been changed. Later, for nobody waits for it.
  setImmediate(() => askForDoor(parts));
}

/** The door on the way to this window's host: at once when one is known; otherwise ssh has to be asked first. */
function doorOfWindow(parts: KnockParts): Promise<Door | undefined> | undefined {
  if (parts.destination === undefined || parts.hosts().hosts.size === 0) return undefined;
  const known = parts.windowDoor();
  return known === undefined ? askForDoor(parts) : Promise.resolve(known);
}

/** Asks ssh for the way to this window's host; what it says is kept for the next time. Never rejects. */
async function askForDoor({ destination, doors, log }: KnockParts): Promise<Door | undefined> {
  if (destination === undefined) return undefined;
  try {
    return await doors.find(destination);
  } catch (error) {
    // Most windows go to hosts without a gate.
    log.debug(asProblem(error).message);
    return undefined;
  }
}

/** An error here must not keep the window from waiting for the knock. */
function showRest(context: ExtensionContext, parts: KnockParts): void {
  marks.mark('showing');
  try {
    showUp(context, parts);
  } catch (error) {
    logProblem(error, parts.log);
  }
  marks.mark('shown');
}
