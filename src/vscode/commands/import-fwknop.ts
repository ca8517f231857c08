import { join } from 'node:path';
import { l10n, ThemeIcon, Uri, window } from 'vscode';
import { inEnglish, inWords } from '../../base/phrase.ts';
import { GPG_MODE, parseFwknopHost } from '../../client/fwknop/host.ts';
import type { ImportedStanza } from '../../client/fwknop/rc-file.ts';
import type { RcGpg } from '../../client/fwknop/rc-gpg.ts';
import { cancelled } from '../../client/problems.ts';
import { readTextFile } from '../../client/read-text-file.ts';
import { choose } from '../ask/ask.ts';
import { askInSteps } from '../ask/ask-in-steps.ts';
import { tell, warn } from '../ask/tell.ts';
import { withProgress } from '../ask/with-progress.ts';
import { nameSteps } from '../host-forms/host-form.ts';
import { writeHost } from '../hosts/write-hosts.ts';
import { checkGpgKeys, formatGpgKeys } from '../keys/gpg-keys.ts';
import { loadFwknop } from '../knock/load-fwknop.ts';
import type { Parts } from '../parts.ts';
import { noStanza, notOnThisComputer, stanzaUnusable } from '../problems.ts';
import { HOSTS_SETTING } from '../settings.ts';
import type { Computer } from '../ssh/ssh-config-files.ts';
import { loadImporters } from './load-importers.ts';

/** Knockgate: Import from fwknop… Makes a host of a stanza in .fwknoprc, and stores its keys. The file stays. */
export async function importFwknop({ hosts, hostSecrets, computer, log, showLog }: Parts): Promise<void> {
  const title = l10n.t('Import from fwknop');
  const defaultUri = Uri.file(join(computer.homeFolder, '.fwknoprc'));
  const [uri] = (await window.showOpenDialog({ title, canSelectMany: false, defaultUri })) ?? [];
  if (uri === undefined) return;
  if (uri.scheme !== 'file') throw notOnThisComputer();
  const { importFwknopRc } = await loadImporters();
  const stanza = await chooseStanza(title, importFwknopRc(readTextFile(uri.fsPath)), uri.fsPath);
  if (stanza === undefined) return;
  const { gpg, notes } = stanza;
  if ((stanza.keys ?? gpg) === undefined || stanza.fields.address === undefined)
    throw stanzaUnusable(stanza.name, notes);
  const adding = { known: undefined, taken: new Set(hosts().hosts.keys()) };
  const [name] = (await askInSteps(title, () => nameSteps(adding, stanza.name))) ?? [];
  if (name === undefined) return;
  const fields = { kind: 'fwknop', ...stanza.fields, ...(gpg !== undefined && { mode: GPG_MODE }) };
  parseFwknopHost(name, fields, `${HOSTS_SETTING}: ${name}`, 'setting');
  const ofGnupg = (signal: AbortSignal) => exportedKeys(name, gpg, computer.env, signal);
  const keys = stanza.keys ?? (await withProgress(l10n.t('exporting the keys of {0} from GnuPG', name), ofGnupg));
  // Keys come first: a host without them would be useless, and its name taken.
  await hostSecrets.set(name, keys);
  await writeHost(name, fields);
  log.info(`${name}: imported from ${uri.fsPath}`);
  for (const note of notes) log.info(`${name}: ${inEnglish(note)}`);
  report(name, stanza, showLog);
}

/**
 * Exports the keys that a stanza in GnuPG's mode names. The private one stays locked as it is in GnuPG.
 * @throws Problem `gpg-failed`, or that of a key that cannot be used
 */
async function exportedKeys(
  name: string,
  gpg: RcGpg | undefined,
  env: Computer['env'],
  signal: AbortSignal,
): Promise<string> {
  if (gpg === undefined) throw new RangeError('a stanza without keys');
  const { exportGpgKey } = await loadFwknop();
  const { recipient, signer, home, passphrase, hmacKeys } = gpg;
  try {
    const texts = {
      recipient: await exportGpgKey({ key: recipient, secret: false, home, passphrase: undefined, signal }, env),
      signer: signer && (await exportGpgKey({ key: signer, secret: true, home, passphrase, signal }, env)),
      passphrase,
      hmacKey: hmacKeys,
    };
    await checkGpgKeys(name, texts);
    return formatGpgKeys(texts);
  } catch (error) {
    throw signal.aborted ? cancelled(name) : error;
  }
}

function report(name: string, { notes }: ImportedStanza, showLog: () => void): void {
  const left = notes.map((note) => inWords(note)).join('; ');
  if (left === '') tell(l10n.t('{0} is imported, with its keys.', name));
  else
    warn(l10n.t('{0} is imported, with its keys; but {1}.', name, left), { title: l10n.t('Show Log'), run: showLog });
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
  return (await choose(items, { title, placeHolder: l10n.t('Which stanza?') }))?.stanza;
}
