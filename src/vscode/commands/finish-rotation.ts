import { env, l10n, type QuickPickItem, ThemeIcon } from 'vscode';
import { inWords } from '../../base/phrase.ts';
import { diagnose } from '../../client/diagnose/diagnose.ts';
import type { Diagnosis } from '../../client/diagnose/diagnosis.ts';
import { asDocument } from '../../client/diagnose/report.ts';
import type { Host } from '../../client/gate/host.ts';
import { pairKeys } from '../../spa/outer.ts';
import { choose, confirm } from '../ask/ask.ts';
import { tell, warn } from '../ask/tell.ts';
import { withProgress } from '../ask/with-progress.ts';
import { provenAt, provenWithoutPsk, unprovenHosts } from '../keys/host-keys.ts';
import { clientLine, pickIdentity } from '../keys/pick-identity.ts';
import type { Parts } from '../parts.ts';
import { noRotation } from '../problems.ts';

/** Action in a rotation. */
interface Action extends QuickPickItem {
  readonly run: () => Promise<unknown>;
}

/** Item of a list. The icon is beside the label, not in it: a screen reader would read its name. */
function action(icon: string, label: string, run: Action['run']): Action {
  return { label, iconPath: new ThemeIcon(icon), run };
}

/** States after which the port was closed before and is open now: the gate knows the key. */
const OPENED = ['open', 'knock-port-blocked', 'family-shut'];
const OPEN_BEFORE = ['open-from-before', 'not-hidden'];

/** Knockgate: Finish Rotation… Tries the new key where it is not proven yet, or discards one of the two. */
export async function finishRotation(parts: Parts, argument: unknown): Promise<void> {
  const { keyring } = parts;
  const isIdentity = typeof argument === 'string' && keyring.identities.includes(argument);
  const title = l10n.t('Finish Rotation');
  const identity = isIdentity ? argument : await pickIdentity(parts, title, argument);
  if (identity === undefined) return;
  const key = await keyring.next(identity);
  if (key === undefined) throw noRotation(identity);
  const items: Action[] = [
    ...unprovenHosts(identity, keyring, parts.hosts()).map((host) =>
      action('key', l10n.t('Try the New Key at {0}', host.name), () => tryKey(parts, host, key)),
    ),
    action('copy', l10n.t('Copy the Line of the New Key'), () => copyLine(parts, identity, key)),
    action('check', l10n.t('Forget the Old Key Now'), () => forgetOld(parts, identity)),
    action('discard', l10n.t('Discard the New Key'), () => discardNew(parts, identity)),
  ];
  const picked = await choose(items, { title, placeHolder: l10n.t('What do you want to do?') });
  await picked?.run();
}

async function tryKey(parts: Parts, host: Host, key: Uint8Array): Promise<void> {
  const { keyring, hosts, log } = parts;
  const psk = await keyring.psk(host.name);
  let tried = await tryWith(parts, host, key, psk);
  let proven = provenAt;
  // A line that enrols a key has no psk.
  if (psk !== undefined && ![...OPENED, ...OPEN_BEFORE].includes(tried.verdict.code)) {
    tried = await tryWith(parts, host, key, undefined);
    proven = provenWithoutPsk;
  }
  const { code, what } = tried.verdict;
  if (OPENED.includes(code)) {
    await proven(host, keyring, hosts, log);
    tell(l10n.t('{0} opens to the new key.', host.name));
  } else if (OPEN_BEFORE.includes(code)) {
    warn(l10n.t('{0} was open already: try the new key again in a minute.', host.name));
  } else {
    await parts.diagnoses.show(host.name, asDocument(tried));
    warn(inWords(what));
  }
}

function tryWith(parts: Parts, host: Host, key: Uint8Array, psk: Uint8Array | undefined): Promise<Diagnosis> {
  return withProgress(l10n.t('trying the new key at {0}', host.name), (signal) => {
    const subject = {
      host,
      sshPort: undefined,
      pair: async () => pairKeys(parts.crypto, 'client', key, host.gate.key, psk),
      hasPsk: psk !== undefined,
      keyName: parts.keyName,
      openedMs: undefined,
    };
    return diagnose(subject, parts.diagnoseIo, signal, () => {});
  });
}

async function copyLine(parts: Parts, identity: string, key: Uint8Array): Promise<void> {
  await env.clipboard.writeText(clientLine(identity, parts.crypto.publicKey(key), parts));
}

async function forgetOld(parts: Parts, identity: string): Promise<void> {
  const { keyring, log } = parts;
  const forget = l10n.t('Forget the Old Key');
  const unproven = unprovenHosts(identity, keyring, parts.hosts()).map(({ name }) => name);
  const question = l10n.t('Forget the old key of {0}?', identity);
  const detail =
    unproven.length === 0
      ? l10n.t('It cannot be undone.')
      : l10n.t('These have not opened to the new key yet: {0}. It cannot be undone.', unproven.join(', '));
  if (!(await confirm(question, forget, detail))) return;
  await keyring.finishRotation(identity);
  log.info(`identity ${identity}: the old key was forgotten`);
}

async function discardNew(parts: Parts, identity: string): Promise<void> {
  const { keyring, log } = parts;
  const discard = l10n.t('Discard the New Key');
  const question = l10n.t('Discard the new key of {0}?', identity);
  const detail = l10n.t('The old key stays. Take the new one out of the gates that know it. It cannot be undone.');
  if (!(await confirm(question, discard, detail))) return;
  await keyring.discardNext(identity);
  log.info(`identity ${identity}: the new key was discarded`);
}
