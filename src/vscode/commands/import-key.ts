import { commands, l10n } from 'vscode';
import { importableHosts } from '../../client/hosts/importable-hosts.ts';
import { type ExportedHost, openExportedKey, readSealedText } from '../../client/keys/exported-key.ts';
import { deriveWithScrypt } from '../../client/keys/scrypt.ts';
import { formatGateLine } from '../../spa/enrolment.ts';
import { tell, warn } from '../ask/tell.ts';
import { window } from '../ask/window.ts';
import { gatesOf } from '../hosts/host-book.ts';
import { writeHost } from '../hosts/write-hosts.ts';
import { askIdentityName } from '../keys/ask-identity-name.ts';
import { askPassphrase } from '../keys/ask-passphrase.ts';
import { USUAL_IDENTITY } from '../keys/keyring.ts';
import type { Parts } from '../parts.ts';
import { notOnThisComputer } from '../problems.ts';

/**
 * Knockgate: Import Key… Imports a key from a file of "Export Key" or of a set-up, with the hosts that it opens. It never
 * overwrites a key or a host, and imports nothing if the key of a gate is already known under another address, or if anybody could
 * use it.
 */
export async function importKey(parts: Parts): Promise<void> {
  const { crypto, keyring, log } = parts;
  const title = l10n.t('Import Key');
  const [uri] = (await window.showOpenDialog({ title, canSelectMany: false })) ?? [];
  if (uri === undefined) return;
  if (uri.scheme !== 'file') throw notOnThisComputer();
  const text = readSealedText(uri.fsPath);
  const passphrase = await askPassphrase(title);
  if (passphrase === undefined) return;
  const io = { crypto, deriveKey: deriveWithScrypt };
  const { exported } = await openExportedKey(text, passphrase, uri.fsPath, io);
  const added = newHosts(exported.hosts, parts);
  const isFree = !keyring.taken.includes(exported.identity);
  const identity = isFree ? exported.identity : await askIdentityName(title, exported.identity, keyring.taken);
  if (identity === undefined) return;
  await keyring.add(identity, exported.key);
  log.info(`identity ${identity}: imported`);
  for (const [name, { gate }] of added) {
    const fields = { gate: formatGateLine(gate) };
    await writeHost(name, identity === USUAL_IDENTITY ? fields : { ...fields, identity });
    log.info(`${name}: imported with identity ${identity}`);
  }
  const names = new Set(added.map(([name]) => name));
  report(
    identity,
    added,
    [...exported.hosts.keys()].filter((name) => !names.has(name)),
  );
}

/** Hosts that do not exist yet, not even with invalid settings. */
function newHosts(hosts: ReadonlyMap<string, ExportedHost>, { crypto, ...parts }: Parts): [string, ExportedHost][] {
  const present = parts.hosts();
  const names = [...present.hosts.keys(), ...present.broken.keys()];
  return importableHosts(hosts, { names, gates: gatesOf(present) }, crypto);
}

function report(identity: string, added: readonly [string, ExportedHost][], taken: readonly string[]): void {
  if (taken.length > 0)
    warn(
      l10n.t(
        'The key is imported as identity {0}. These hosts are known already and stay as they are: {1}. To knock with this key there, choose that identity.',
        identity,
        taken.join(', '),
      ),
      { title: l10n.t('Choose Identity for Host'), run: () => commands.executeCommand('knockgate.chooseIdentity') },
    );
  const [first] = added;
  if (first === undefined) {
    if (taken.length === 0) tell(l10n.t('The key is imported as identity {0}.', identity));
    return;
  }
  const [name, { login }] = first;
  const destination = login.slice('ssh://'.length);
  tell(
    l10n.t('The key is imported as identity {0}, and opens {1}.', identity, added.map(([each]) => each).join(', ')),
    {
      title: l10n.t('Knock and Connect to {0}', name),
      run: () => commands.executeCommand('knockgate.knockAndConnect', destination),
    },
  );
}
