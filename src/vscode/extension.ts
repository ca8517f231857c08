// Imported before all else, so that it knows when the code began to run.
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
// Work for the time until the editor calls activate().
const chosenCrypto = editorCrypto();
marks.mark('loaded');

/**
 * Starts the extension. In a window that is about to connect over SSH the editor waits for this: the knock comes first, and
 * everything else after its packet.
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
  // For the next start, since the SSH configuration may have changed. Nobody waits for this.
  setImmediate(() => askForDoor(parts));
}

/** Finds the host to knock at for this window: at once when it is known; otherwise ssh has to be asked first. */
function doorOfWindow(parts: KnockParts): Promise<Door | undefined> | undefined {
  if (parts.destination === undefined || parts.hosts().hosts.size === 0) return undefined;
  const known = parts.windowDoor();
  return known === undefined ? askForDoor(parts) : Promise.resolve(known);
}

/** Asks ssh for the route to this window's host, and keeps the answer for the next time. Never rejects. */
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

/** Shows the rest. An error here must not keep the window from waiting for the knock. */
function showRest(context: ExtensionContext, parts: KnockParts): void {
  marks.mark('showing');
  try {
    showUp(context, parts);
  } catch (error) {
    logProblem(error, parts.log);
  }
  marks.mark('shown');
}
