import { l10n } from 'vscode';
import { inWords } from '../../base/phrase.ts';
import { ALDABA_SECRET, aldabaKind } from '../../client/peers/aldaba.ts';
import { ALDABA_MODES, aldabaPassphrase } from '../../peers/aldaba.ts';
import { knockPortField, NAMED_SOURCE, OPENED_PORTS, type PeerField, peerForm } from './peer-form.ts';

const CIPHER: PeerField = {
  field: 'cipher',
  prompt: () => l10n.t('Its cipher: Aldaba’s others are in no library of this program'),
  choices: () =>
    ALDABA_MODES.map((mode) => {
      const value = `aes-${mode}`;
      return mode === 'cbc' ? { value, label: value, detail: l10n.t('the usual way') } : { value, label: value };
    }),
  usual: 'aes-cbc',
  parse: (text) => text,
};

export const ALDABA_FORM = peerForm({
  kind: 'aldaba',
  label: () => 'Aldaba',
  detail: () => l10n.t('With the passphrase of aldabad, and its technique SPA'),
  parse: aldabaKind.parse,
  first: () => [{ ...OPENED_PORTS, prompt: () => l10n.t('What to ask for; empty for tcp/22') }],
  others: () => [
    CIPHER,
    NAMED_SOURCE,
    knockPortField(() => l10n.t('The UDP port of aldabad; empty for the one of its passphrase'), ''),
  ],
  secret: {
    prompt: () => l10n.t('The passphrase of aldabad.conf'),
    expected: () => inWords(ALDABA_SECRET),
    isValid: (text) => aldabaPassphrase(text) !== undefined,
  },
});
