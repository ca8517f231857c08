import { basename, join } from 'node:path';
import { l10n, ThemeIcon, Uri, window } from 'vscode';
import { inEnglish, inWords } from '../../base/phrase.ts';
import { readTextFile } from '../../client/read-text-file.ts';
import { parseSequenceHost } from '../../client/sequence/host.ts';
import type { ImportedDoor } from '../../client/sequence/knockd-door.ts';
import { choose } from '../ask/ask.ts';
import { askInSteps } from '../ask/ask-in-steps.ts';
import { fieldStep } from '../ask/form-field.ts';
import { tell, warn } from '../ask/tell.ts';
import { nameSteps } from '../host-forms/host-form.ts';
import { SEQUENCE_ADDRESS } from '../host-forms/sequence.ts';
import { writeHost } from '../hosts/write-hosts.ts';
import type { Parts } from '../parts.ts';
import { doorUnusable, noDoor, notReadHere } from '../problems.ts';
import { HOSTS_SETTING } from '../settings.ts';
import { loadImporters } from './load-importers.ts';

/** Knockgate: Import from knockd… Makes a host of a section in knockd.conf. The file stays. */
export async function importKnockd({ hosts, computer, log, showLog }: Parts): Promise<void> {
  const title = l10n.t('Import from knockd');
  const defaultUri = Uri.file(join(computer.homeFolder, 'knockd.conf'));
  const [uri] = (await window.showOpenDialog({ title, canSelectMany: false, defaultUri })) ?? [];
  if (uri === undefined) return;
  if (uri.scheme !== 'file') throw notReadHere();
  const path = uri.fsPath;
  const { importKnockdDoors } = await loadImporters();
  const door = await chooseDoor(title, importKnockdDoors(readTextFile(path), basename(path)), path);
  if (door === undefined) return;
  if (door.fields.steps === undefined) throw doorUnusable(door.name, door.notes);
  const adding = { known: undefined, taken: new Set(hosts().hosts.keys()) };
  // knockd.conf seldom says where its server is.
  const steps = [fieldStep(SEQUENCE_ADDRESS, door.fields), ...nameSteps(adding, door.name)];
  const [address, name] = (await askInSteps(title, () => steps)) ?? [];
  if (address === undefined || name === undefined) return;
  const fields = { kind: 'sequence', ...door.fields, address: address.trim() };
  parseSequenceHost(name, fields, `${HOSTS_SETTING}: ${name}`, 'setting');
  await writeHost(name, fields);
  log.info(`${name}: imported from ${path}`);
  for (const note of door.notes) log.info(`${name}: ${inEnglish(note)}`);
  report(name, door, showLog);
}

function report(name: string, { notes }: ImportedDoor, showLog: () => void): void {
  const left = notes.map((note) => inWords(note)).join('; ');
  if (left === '') tell(l10n.t('{0} is imported.', name));
  else warn(l10n.t('{0} is imported; but {1}.', name, left), { title: l10n.t('Show Log'), run: showLog });
}

async function chooseDoor(
  title: string,
  doors: readonly ImportedDoor[],
  path: string,
): Promise<ImportedDoor | undefined> {
  if (doors.length === 0) throw noDoor(path);
  if (doors.length === 1) return doors[0];
  const items = doors.map((door) => {
    const description = String(door.fields.steps ?? l10n.t('cannot be knocked at'));
    return { label: door.name, description, iconPath: new ThemeIcon('list-ordered'), door };
  });
  return (await choose(items, { title, placeHolder: l10n.t('Which section?') }))?.door;
}
