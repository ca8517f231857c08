import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { l10n, ThemeIcon, Uri } from 'vscode';
import { Problem } from '../../base/problem.ts';
import { isSealedFile } from '../../client/keys/exported-key.ts';
import { deriveWithScrypt } from '../../client/keys/scrypt.ts';
import type { RecoveryFile, RecoveryTarget } from '../../deploy/second-way/recovery-file.ts';
import type { SecondWay } from '../../deploy/second-way/second-way.ts';
import { parseClientLine } from '../../spa/enrolment.ts';
import { askText, choose, confirm } from '../ask/ask.ts';
import { window } from '../ask/window.ts';
import { newPassphrase, repeatedPassphrase } from '../keys/ask-passphrase.ts';
import type { Parts } from '../parts.ts';
import type { Ask } from './gate-session.ts';

/** Ways to get in when this device is lost. */
export class SecondWayQuestions {
  private readonly parts: Pick<Parts, 'crypto' | 'keyName'>;
  private readonly host: string;
  private readonly ask: Ask;
  private readonly recovery: typeof RecoveryFile;
  /** Kind of the way that was chosen last. */
  chosen: SecondWay['kind'] | undefined;

  /** @param recovery the class, from the bundle that sets up gates */
  constructor(parts: Pick<Parts, 'crypto' | 'keyName'>, host: string, ask: Ask, recovery: typeof RecoveryFile) {
    this.parts = parts;
    this.host = host;
    this.ask = ask;
    this.recovery = recovery;
  }

  /** Offers a recovery key first, which most people want, and then the other ways. Undefined when the person cancels. */
  async choose(): Promise<SecondWay | undefined> {
    const way = this.chosen === undefined ? this.recoveryKey() : await this.askForWay();
    this.chosen = way?.kind;
    return way;
  }

  private async askForWay(): Promise<SecondWay | undefined> {
    const items = [
      {
        id: 'recovery',
        iconPath: new ThemeIcon('key'),
        label: l10n.t('A recovery key'),
        detail: l10n.t('In a file under a passphrase; keep it elsewhere'),
      },
      {
        id: 'device',
        iconPath: new ThemeIcon('device-mobile'),
        label: l10n.t('Another device'),
        detail: l10n.t('With the line that "Knockgate: Copy Public Key" copies there'),
      },
      {
        id: 'none',
        iconPath: new ThemeIcon('warning'),
        label: l10n.t('None'),
        detail: l10n.t('If you lose this device, you are locked out'),
      },
    ];
    const placeHolder = l10n.t('If this device is lost, how do you get in?');
    const question = { title: l10n.t('Second Way In'), placeHolder };
    const picked = await this.ask(l10n.t('a second way in'), (token) => choose(items, question, token));
    if (picked?.id === 'recovery') return this.recoveryKey();
    if (picked?.id === 'device') return this.askForDevice();
    return picked?.id === 'none' ? this.decline() : undefined;
  }

  private recoveryKey(): SecondWay {
    const { crypto, keyName } = this.parts;
    const keeper = this.recovery.create(() => this.askForPlace(), { crypto, deriveKey: deriveWithScrypt });
    return {
      kind: 'recovery-key',
      client: { key: keeper.publicKey, name: `${keyName.slice(0, 54)}-recovery` },
      keeper,
    };
  }

  private async askForPlace(): Promise<RecoveryTarget | undefined> {
    const path = await this.askForFile();
    if (path === undefined) return undefined;
    const title = l10n.t('Recovery Key for {0}', this.host);
    const passphrase = await this.ask(l10n.t('a passphrase for the recovery key'), (token) =>
      askText(newPassphrase(title), token),
    );
    if (passphrase === undefined) return undefined;
    const again = await this.ask(l10n.t('the same passphrase once more'), (token) =>
      askText(repeatedPassphrase(title, passphrase), token),
    );
    return again === undefined ? undefined : { path, passphrase };
  }

  private async askForFile(): Promise<string | undefined> {
    const title = l10n.t('Keep the Recovery Key for {0} in This File', this.host);
    const defaultUri = Uri.file(join(homedir(), `knockgate-recovery-${this.host}.key`));
    for (;;) {
      const saveLabel = l10n.t('Keep Here');
      const uri = await this.ask(l10n.t('where is the recovery key kept?'), () =>
        window.showSaveDialog({ title, defaultUri, saveLabel }),
      );
      if (uri === undefined) return undefined;
      const complaint = complaintAbout(uri);
      if (complaint === undefined) return uri.fsPath;
      if (!(await this.ask(complaint, () => confirm(complaint, l10n.t('Choose Another File'))))) return undefined;
    }
  }

  private async askForDevice(): Promise<SecondWay | undefined> {
    const question = {
      title: l10n.t('Second Way In'),
      prompt: l10n.t('The line of the other device'),
      placeHolder: 'knockgate1 client …',
      validateInput: complaintAboutLine,
    };
    const line = await this.ask(l10n.t('the line of the other device'), (token) => askText(question, token));
    return line === undefined ? undefined : { kind: 'device', client: parseClientLine(line) };
  }

  /** Asks for a typed sentence. */
  private async decline(): Promise<SecondWay | undefined> {
    const words = l10n.t('I have no second way in');
    const prompt = l10n.t('Type "{0}"', words);
    const validateInput = (text: string) => (text === words ? undefined : prompt);
    const question = { title: l10n.t('Second Way In'), prompt, validateInput };
    const typed = await this.ask(prompt, (token) => askText(question, token));
    return typed === words ? { kind: 'declined' } : undefined;
  }
}

/** Refuses to overwrite another key, which may be the recovery key of another host. */
function complaintAbout({ scheme, fsPath }: Uri): string | undefined {
  if (scheme !== 'file') return l10n.t('A recovery key can be kept in a file of this computer only.');
  if (existsSync(fsPath) && isSealedFile(fsPath)) return l10n.t('{0} holds another key, which would be lost.', fsPath);
  return undefined;
}

function complaintAboutLine(line: string): string | undefined {
  try {
    parseClientLine(line);
    return undefined;
  } catch (error) {
    return error instanceof Problem ? error.message : String(error);
  }
}
