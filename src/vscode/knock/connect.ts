import { env, l10n, type QuickPickItem, ThemeIcon, workspace } from 'vscode';
import { Problem } from '../../base/problem.ts';
import { kindOf } from '../../client/hosts/kinds.ts';
import { systemErrorCode } from '../../os/system-error.ts';
import { formatDestination, type SshDestination } from '../../ssh/destination.ts';
import { choose } from '../ask/ask.ts';
import { withProgress } from '../ask/with-progress.ts';
import { askHost } from '../commands/add-host.ts';
import { setUpGateOn } from '../commands/set-up-gate.ts';
import { noteFolder } from '../hosts/recent-folders.ts';
import { unlockHost } from '../keys/unlock-host.ts';
import type { Parts } from '../parts.ts';
import { noSshExtension } from '../problems.ts';
import { installedSshExtension, sshExtensionFor } from '../ssh/ssh-extensions.ts';
import { destinationOf, noteDestination } from './destinations.ts';
import type { Door } from './doors.ts';
import { openRemoteWindow, type WantedWindow } from './remote-window.ts';

/** Whether nothing is open in this window. */
export function isWindowEmpty(): boolean {
  return workspace.workspaceFolders === undefined && workspace.workspaceFile === undefined;
}

/**
 * Knocks on the way to a destination, then opens a window there. Checks everything that could make the window useless before the
 * knock: a grant lasts only some seconds.
 * @param typed a destination, or the name of a host
 * @throws Problem `ssh-extension-missing`; those of a knock
 */
export async function knockAndOpen(parts: Parts, typed: string, wanted: WantedWindow): Promise<void> {
  if (installedSshExtension() === undefined) throw noSshExtension(sshExtensionFor(env.uriScheme));
  const destination = destinationOf(typed, parts);
  const way = await findOrAddDoor(parts, destination);
  if (way === undefined) return;
  const reachable = way === 'none' ? destination : await knownToSsh(parts, destination, way);
  if (reachable === undefined) return;
  if (way !== 'none') {
    if (!(await unlockHost(parts, way.host))) return;
    const request = { reason: 'knock and connect', force: false, trustMs: 0 };
    const title = l10n.t('knocking at {0}', way.host.name);
    await withProgress(title, (signal) => parts.knocker.knock(way, request, signal));
  }
  await openRemoteWindow(reachable, wanted, parts.globalState, parts.clock.wallMs());
  if (way !== 'none') await noteDestination(parts, way.host.name, reachable);
  if (wanted.folder !== undefined) await noteFolder(parts.globalState, { ...reachable, path: wanted.folder });
}

/** Choice with its consequence. */
interface Choice<T> extends QuickPickItem {
  readonly choose: () => Promise<T>;
}

/** Item of a list. The icon is beside the label, not in it: a screen reader would read its name. */
function choice<T>(icon: string, label: string, detail: string, choose: Choice<T>['choose']): Choice<T> {
  return { label, detail, iconPath: new ThemeIcon(icon), choose };
}

/**
 * Finds the host to knock at on the way to a destination. If there is none, asks the person how to get one.
 * @returns `none` to connect without a knock; undefined when the person cancels
 */
async function findOrAddDoor(parts: Parts, destination: SshDestination): Promise<Door | 'none' | undefined> {
  try {
    return await parts.doors.find(destination);
  } catch (error) {
    if (!(error instanceof Problem) || error.text.code !== 'host-unknown') throw error;
  }
  const foundAfter = async (added: Promise<unknown>) =>
    (await added) === undefined ? undefined : parts.doors.find(destination);
  const choices: Choice<Door | 'none' | undefined>[] = [
    choice(
      'shield',
      l10n.t('The server is mine: set up a gate'),
      l10n.t('Over SSH, as long as it lets you in. You see the plan first.'),
      () => foundAfter(setUpGateOn(parts, formatDestination(destination))),
    ),
    choice(
      'add',
      l10n.t('Somebody gave me a line, or it runs fwknop or knockd'),
      l10n.t('Adds the host to your settings.'),
      () => foundAfter(askHost(parts, formatDestination(destination))),
    ),
    choice(
      'remote',
      l10n.t('It is not hidden: just connect'),
      l10n.t('Opens the window without a knock.'),
      async () => 'none' as const,
    ),
  ];
  const title = l10n.t('Knock and Connect');
  const placeHolder = l10n.t('{0} has no gate yet. Whose server is it?', destination.host);
  return (await choose(choices, { title, placeHolder }))?.choose();
}

/**
 * Warns if ssh would not find the destination: its name is in no SSH configuration, and has no address.
 * @returns the destination to connect to; undefined when the person cancels
 */
async function knownToSsh(parts: Parts, destination: SshDestination, door: Door): Promise<SshDestination | undefined> {
  const { host } = destination;
  // If the configuration leads elsewhere, or through a jump host, it knows the name.
  if (door.sshName?.hostName !== host || parts.sshAliases().includes(host)) return destination;
  if (await hasAddress(parts, host)) return destination;
  const here = async () => destination;
  const choices = [
    ...kindOf(door.host)
      .addressesOf(door.host)
      .map((address) =>
        choice(
          'globe',
          l10n.t('Connect to {0}', address),
          l10n.t('Where the gate of {0} is', door.host.name),
          async () => {
            return { ...destination, host: address };
          },
        ),
      ),
    choice('remote', l10n.t('Connect to {0} all the same', host), l10n.t('When something else resolves it'), here),
  ];
  const placeHolder = l10n.t(
    '{0} is in no SSH configuration, and the name has no address. ssh would not find it.',
    host,
  );
  return (await choose(choices, { title: l10n.t('Knock and Connect'), placeHolder }))?.choose();
}

async function hasAddress({ outside }: Parts, name: string): Promise<boolean> {
  try {
    return (await outside.resolve(name)).length > 0;
  } catch (error) {
    // Without a network, nothing is known about a name.
    return systemErrorCode(error) !== 'ENOTFOUND';
  }
}
