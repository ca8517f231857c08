import { env, l10n, ThemeIcon } from 'vscode';
import type { SecondWay } from '../deploy/wishes.ts';
import type { CryptoProvider } from '../spa/crypto.ts';
import { parseClientLine } from '../spa/enrolment.ts';
import { formatKey, newPrivateKey } from '../spa/keys.ts';
import { Problem } from '../spa/problem.ts';
import { askText, choose, inDialog } from './ask.ts';
import type { Ask } from './gate-session.ts';

/** Asks how one gets in when this device is lost; and shows a recovery key once. */
export class SecondWayQuestions {
  private readonly crypto: CryptoProvider;
  private readonly keyName: string;
  private readonly ask: Ask;
  private recoveryKey: string | undefined;

  /** @param keyName what gates call this device */
  constructor(crypto: CryptoProvider, keyName: string, ask: Ask) {
    this.crypto = crypto;
    this.keyName = keyName;
    this.ask = ask;
  }

  /** Undefined when the person cancels. */
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
    const placeHolder = l10n.t('If this device is lost, how do you get in?');
    const question = { title: l10n.t('Second Way In'), placeHolder };
    const picked = await this.ask(l10n.t('a second way in'), (token) => choose(items, question, token));
    if (picked?.id === 'recovery') return this.makeRecoveryKey();
    if (picked?.id === 'device') return this.askForDevice();
    return picked?.id === 'none' ? this.decline() : undefined;
  }

  /** Shows the recovery key until the person says that it is kept; false when it is not. */
  async secure(): Promise<boolean> {
    if (this.recoveryKey === undefined) return true;
    const [copy, kept] = [l10n.t('Copy Recovery Key'), l10n.t('It Is Kept')];
    const text = l10n.t('The recovery key, shown this once: {0}', this.recoveryKey);
    for (;;) {
      const choice = await this.ask(l10n.t('is the recovery key kept?'), () => inDialog(text, copy, kept));
      if (choice !== copy) return choice === kept;
      await env.clipboard.writeText(this.recoveryKey);
    }
  }

  private async askForDevice(): Promise<SecondWay | undefined> {
    const question = {
      title: l10n.t('Second Way In'),
      prompt: l10n.t('The line of the other device'),
      placeHolder: 'knockgate1 client …',
      validateInput: complaint,
    };
    const line = await this.ask(l10n.t('the line of the other device'), (token) => askText(question, token));
    return line === undefined ? undefined : { kind: 'device', client: parseClientLine(line) };
  }

  /** In so many words. */
  private async decline(): Promise<SecondWay | undefined> {
    const words = l10n.t('I have no second way in');
    const prompt = l10n.t('Type "{0}"', words);
    const validateInput = (text: string) => (text === words ? undefined : prompt);
    const question = { title: l10n.t('Second Way In'), prompt, validateInput };
    const typed = await this.ask(prompt, (token) => askText(question, token));
    return typed === words ? { kind: 'declined' } : undefined;
  }

  private makeRecoveryKey(): SecondWay {
    const key = newPrivateKey(this.crypto);
    this.recoveryKey = formatKey(key);
    const client = { key: this.crypto.publicKey(key), name: `${this.keyName.slice(0, 54)}-recovery` };
    return { kind: 'recovery-key', client };
  }
}

function complaint(line: string): string | undefined {
  try {
    parseClientLine(line);
    return undefined;
  } catch (error) {
    return error instanceof Problem ? error.message : String(error);
  }
}
