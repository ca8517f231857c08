import { l10n } from 'vscode';
import { inWords } from '../../base/phrase.ts';
import { PYKNOCK_SECRET, pyknockKind } from '../../client/peers/pyknock.ts';
import { pyknockKey } from '../../peers/pyknock.ts';
import { knockPortField, NAMED_SOURCE, OPENED_PORTS, peerForm } from './peer-form.ts';

export const PYKNOCK_FORM = peerForm({
  kind: 'pyknock',
  label: () => 'pyknock',
  detail: () => l10n.t('With the pre-shared key of pyknock-server'),
  parse: pyknockKind.parse,
  first: () => [OPENED_PORTS],
  others: () => [
    NAMED_SOURCE,
    knockPortField(() => l10n.t('The UDP port of pyknock-server; empty for 60120'), '60120'),
  ],
  secret: {
    prompt: () => l10n.t('The pre-shared key: PSK of pyknock-server'),
    expected: () => inWords(PYKNOCK_SECRET),
    isValid: (text) => pyknockKey(text) !== undefined,
  },
});
