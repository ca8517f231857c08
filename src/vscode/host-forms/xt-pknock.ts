import { l10n } from 'vscode';
import { inWords } from '../../base/phrase.ts';
import { XT_PKNOCK_SECRET, xtPknockKind } from '../../client/peers/xt-pknock.ts';
import { xtPknockSecret } from '../../peers/xt-pknock.ts';
import { numeric } from '../ask/form-field.ts';
import type { HostFields } from '../hosts/write-hosts.ts';
import { knockPortField, NAMED_SOURCE, OPENED_PORTS, type PeerField, peerForm } from './peer-form.ts';

const STEPS: PeerField = {
  field: 'steps',
  prompt: () => l10n.t('The knock ports in their order; empty for a rule with --opensecret'),
  placeholder: '4002:tcp 4001:tcp 4004:tcp',
  parse: (text) => text,
};
const DELAY: PeerField = {
  field: 'delay',
  prompt: () => l10n.t('Milliseconds from one step to the next; empty for 50'),
  placeholder: '50',
  parse: numeric,
};
const KNOCK_PORT = knockPortField(() => l10n.t('The knock port of the rule with --opensecret'), '2000');

/** Whether a rule with a secret is knocked at, rather than a sequence. */
const hasSecret = ({ steps }: HostFields) => steps === undefined;

export const XT_PKNOCK_FORM = peerForm({
  kind: 'xt_pknock',
  label: () => 'xt_pknock',
  detail: () => l10n.t('Rules of iptables with -m pknock'),
  parse: xtPknockKind.parse,
  first: (fields) => [STEPS, ...(hasSecret(fields) ? [KNOCK_PORT] : []), OPENED_PORTS],
  others: (fields) => [hasSecret(fields) ? NAMED_SOURCE : DELAY],
  beside: (field) => {
    if (field === 'steps' || field === 'knockPort') return {};
    return field === 'source' ? { knockPort: 2000 } : { steps: '4002' };
  },
  secret: {
    prompt: () => l10n.t('The secret of the rule: --opensecret'),
    expected: () => inWords(XT_PKNOCK_SECRET),
    isValid: (text) => xtPknockSecret(text) !== undefined,
    isNeeded: hasSecret,
  },
});
