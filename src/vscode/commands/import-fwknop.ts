import { join } from 'node:path';
import { l10n, ThemeIcon, Uri, window } from 'vscode';
import { parseFwknopHost } from '../../client/fwknop/host.ts';
import { type ImportedStanza, importFwknopRc } from '../../client/fwknop/rc-file.ts';
import { readTextFile } from '../../client/read-text-file.ts';
import { inEnglish, inWords } from '../../spa/phrase.ts';
import { askInSteps } from '../ask-in-steps.ts';
import { nameSteps } from '../host-kinds/kind.ts';
import type { Parts } from '../parts.ts';
import { noStanza, notOnThisComputer, stanzaUnusable } from '../problems.ts';
import { HOSTS_SETTING } from '../settings.ts';
import { writeHost } from '../write-hosts.ts';

/** Knock: Import from fwknop… A stanza of .fwknoprc becomes a host, its keys go where keys are kept. The file stays. */
export async function importFwknop({ hosts, hostSecrets, computer, log, showLog }: Parts): Promise<void> {
  const title = l10n.t('Import from fwknop');
  const defaultUri = Uri.file(join(computer.homeFolder, '.fwknoprc'));
  const [uri] = (await window.showOpenDialog({ title, canSelectMany: false, defaultUri })) ?? [];
  if (uri === undefined) return;
  if (uri.scheme !== 'file') throw notOnThisComputer();
  const stanza = await chooseStanza(title, importFwknopRc(readTextFile(uri.fsPath)), uri.fsPath);
  if (stanza === undefined) return;
  const { keys, notes } = stanza;
  if (keys === undefined || stanza.fields.address === undefined) throw stanzaUnusable(stanza.name, notes);
  const adding = { known: undefined, taken: new Set(hosts().hosts.keys()) };
  const [name] = (await askInSteps(title, () => nameSteps(adding, stanza.name))) ?? [];
  if (name === undefined) return;
  const fields = { kind: 'fwknop', ...stanza.fields };
  parseFwknopHost(name, fields, `${HOSTS_SETTING}: ${name}`);
  // First: a host without its keys would be in the way.
  await hostSecrets.set(name, keys);
  await writeHost(name, fields);
  log.info(`${name}: imported from ${uri.fsPath}`);
  for (const note of notes) log.info(`${name}: ${inEnglish(note)}`);
  // Not waited for: the command is done.
  tell(name, stanza, showLog);
}

async function tell(name: string, { notes }: ImportedStanza, showLog: () => void): Promise<void> {
  const left = notes.map((note) => inWords(note)).join('; ');
  if (left === '') {
    window.showInformationMessage(l10n.t('{0} is imported, with its keys.', name));
    return;
  }
  const show = l10n.t('Show Log');
  const text = l10n.t('{0} is imported, with its keys; but {1}.', name, left);
  if ((await window.showWarningMessage(text, show)) === show) showLog();
}

async function chooseStanza(
  title: string,
  stanzas: readonly ImportedStanza[],
  path: string,
): Promise<ImportedStanza | undefined> {
  if (stanzas.length === 0) throw noStanza(path);
  if (stanzas.length === 1) return stanzas[0];
  const items = stanzas.map((stanza) => {
    const description = String(stanza.fields.address ?? '');
    return { label: stanza.name, description, iconPath: new ThemeIcon('key'), stanza };
  });
  return (await window.showQuickPick(items, { title, placeHolder: l10n.t('Which stanza?') }))?.stanza;
}
