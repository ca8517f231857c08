import { commands, env, l10n } from 'vscode';
import { Problem } from '../../base/problem.ts';
import type { AnyHost } from '../../client/hosts/kinds.ts';
import { hasOpened } from '../knock/opened-hosts.ts';
import type { Parts } from '../parts.ts';
import { neverOpened } from '../problems.ts';
import { sshExtensionFor } from '../ssh/ssh-extensions.ts';
import type { Help } from './show-problem.ts';
import type { Offer } from './tell.ts';

/**
 * Finds the buttons that help with an error: only this function knows which button belongs to which problem.
 * @param host the host that it is about, when that is known
 */
export function helpWith(error: unknown, host: string | undefined, parts: Pick<Parts, 'hosts' | 'globalState'>): Help {
  if (!(error instanceof Problem)) return { offers: [] };
  const known = host === undefined ? undefined : parts.hosts().hosts.get(host);
  if (error.text.code === 'no-answer' && known?.kind === 'gate' && !hasOpened(parts.globalState, known))
    return { offers: [copyPublicKey(known.name), diagnose(known.name)], shownAs: neverOpened(known.name) };
  return { offers: offersFor(error.text.code, host, known) };
}

function offersFor(code: string, host: string | undefined, known: AnyHost | undefined): Offer[] {
  switch (code) {
    case 'key-missing':
      return [copyPublicKey(host)];
    case 'key-lost':
      // In the order of the text. Forgetting comes last: it cannot be undone.
      return [offer(l10n.t('Import Key…'), 'importKey'), offer(l10n.t('Forget Key…'), 'forgetKey', host)];
    case 'identity-unknown':
      return [offer(l10n.t('Choose Identity…'), 'chooseIdentity', host)];
    case 'keys-locked':
      return [offer(l10n.t('Unlock Keys…'), 'unlockKeys')];
    case 'passphrase-wrong':
      // Without a host, the error is that of an import.
      return host === undefined ? [] : [offer(l10n.t('Unlock Keys…'), 'unlockKeys')];
    case 'host-keys-missing':
      return [offer(l10n.t('Set Keys…'), 'setHostKeys', host)];
    case 'not-reached':
      // The message may be hidden already.
      return [offer(l10n.t('Add Host…'), 'addHost', host)];
    case 'host-unknown':
      return [offer(l10n.t('Set Up Gate…'), 'setUpGate', host), offer(l10n.t('Add Host…'), 'addHost', host)];
    case 'hosts-file-invalid':
    case 'gate-key-unusable':
      // Without a host, the command asks which.
      return [offer(l10n.t('Edit Host…'), 'editHost', host)];
    case 'ssh-extension-missing':
      return [installSshExtension()];
    default:
      return known === undefined ? [] : [diagnose(known.name)];
  }
}

function offer(title: string, command: string, host?: string): Offer {
  return { title, run: () => commands.executeCommand(`knockgate.${command}`, host) };
}

const copyPublicKey = (host: string | undefined) => offer(l10n.t('Copy Public Key'), 'copyPublicKey', host);
const diagnose = (host: string) => offer(l10n.t('Diagnose'), 'diagnoseHost', host);

/** Offers the SSH extension of this editor's gallery, or its own one, which is installed but disabled. */
function installSshExtension(): Offer {
  const { id, name, isBundled } = sshExtensionFor(env.uriScheme);
  return isBundled
    ? {
        title: l10n.t('Show {0}', name),
        run: () => commands.executeCommand('workbench.extensions.search', `@builtin ${name}`),
      }
    : {
        title: l10n.t('Install {0}', name),
        run: () => commands.executeCommand('workbench.extensions.installExtension', id),
      };
}
