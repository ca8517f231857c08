import { env, l10n, ThemeIcon, window } from 'vscode';
import type { SecondWay } from '../deploy/wishes.ts';
import type { CryptoProvider } from '../spa/crypto.ts';
import { parseClientLine } from '../spa/enrolment.ts';
import { formatKey, newPrivateKey } from '../spa/keys.ts';
import { Problem } from '../spa/problem.ts';

/** Asks how one gets in when this device is lost; and shows a recovery key once. */
export class SecondWayQuestions {
  private readonly crypto: CryptoProvider;
  private readonly keyName: string;
  private recoveryKey: string | undefined;

  /** @param keyName what gates call this device */
  constructor(crypto: CryptoProvider, keyName: string) {
    this.crypto = crypto;
    this.keyName = keyName;
  }

  /** Undefined when the person thinks better of it. */
  async choose(): Promise<SecondWay | undefined> {
    const items = [
      {
        id: 'recovery',
        iconPath: new ThemeIcon('key'),
        label: l10n.t('A recovery key'),
        detail: l10n.t('Shown once; keep it elsewhere'),
      },
      {
        id: 'device',
        iconPath: new ThemeIcon('device-mobile'),
        label: l10n.t('Another device'),
        detail: l10n.t('By the line that "Knockgate: Copy Public Key" copies there'),
      },
      {
        id: 'none',
        iconPath: new ThemeIcon('warning'),
        label: l10n.t('None'),
        detail: l10n.t('Losing this device is then being locked out'),
      },
    ];
    const picked = await window.showQuickPick(items, {
      title: l10n.t('Second Way In'),
      placeHolder: l10n.t('If this device is lost, how do you get in?'),
      ignoreFocusOut: true,
    });
    if (picked?.id === 'recovery') return this.makeRecoveryKey();
    if (picked?.id === 'device') return askForDevice();
    return picked?.id === 'none' ? decline() : undefined;
  }

  /** Shows the recovery key until the person says that it is kept; false when it is not. */
  async secure(): Promise<boolean> {
    if (this.recoveryKey === undefined) return true;
    const [copy, kept] = [l10n.t('Copy Recovery Key'), l10n.t('It Is Kept')];
    const text = l10n.t('The recovery key, shown this once: {0}', this.recoveryKey);
    for (;;) {
      const choice = await window.showWarningMessage(text, copy, kept);
      if (choice !== copy) return choice === kept;
      await env.clipboard.writeText(this.recoveryKey);
    }
  }

  private makeRecoveryKey(): SecondWay {
    const key = newPrivateKey(this.crypto);
    this.recoveryKey = formatKey(key);
    const client = { key: this.crypto.publicKey(key), name: `${this.keyName.slice(0, 54)}-recovery` };
    return { kind: 'recovery-key', client };
  }
}

async function askForDevice(): Promise<SecondWay | undefined> {
  const line = await window.showInputBox({
    title: l10n.t('Second Way In'),
    prompt: l10n.t('The line of the other device'),
    placeHolder: 'knockgate1 client …',
    ignoreFocusOut: true,
    validateInput: complaint,
  });
  return line === undefined ? undefined : { kind: 'device', client: parseClientLine(line) };
}

function complaint(line: string): string | undefined {
  try {
    parseClientLine(line);
    return undefined;
  } catch (error) {
    return error instanceof Problem ? error.message : String(error);
  }
}

/** In so many words. */
async function decline(): Promise<SecondWay | undefined> {
  const words = l10n.t('I have no second way in');
  const typed = await window.showInputBox({
    title: l10n.t('Second Way In'),
    prompt: l10n.t('Type "{0}"', words),
    ignoreFocusOut: true,
    validateInput: (text) => (text === words ? undefined : l10n.t('Type "{0}"', words)),
  });
  return typed === words ? { kind: 'declined' } : undefined;
}
