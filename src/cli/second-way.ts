import { existsSync } from 'node:fs';
import { usualName } from '../client/keys/key-name.ts';
import { cancelled } from '../client/problems.ts';
import { usageProblem } from '../command-table/problems.ts';
import type { Arguments } from '../command-table/read-line.ts';
import type { RecoveryFile, RecoveryTarget } from '../deploy/second-way/recovery-file.ts';
import type { SecondWay } from '../deploy/second-way/second-way.ts';
import { parseClientLine } from '../spa/enrolment.ts';
import { askNewPassphrase, askUntilOpen } from './ask-passphrase.ts';
import { whyNotThere } from './new-file.ts';
import { recoveryFileImpossible } from './problems.ts';
import type { Shell } from './shell.ts';
import type { Asking } from './terminal.ts';
import { typedPath } from './typed-path.ts';

/** Words to type to do without a second way in. */
const DECLINE = 'I have no second way in';

/** A second way in by a recovery key whose file is known. */
export type RecoveryWay = Extract<SecondWay, { kind: 'recovery-key' }> & { readonly keeper: RecoveryFile };
export type NamedWay = Exclude<SecondWay, { kind: 'recovery-key' }> | RecoveryWay;

/** The second way in: named by an option, or asked for. */
export class SecondWayAsked {
  private readonly args: Arguments;
  private readonly shell: Shell;
  private readonly terminal: Asking;
  private readonly recovery: typeof RecoveryFile;

  /** @param recovery the class, from the bundle that sets up gates */
  constructor(args: Arguments, shell: Shell, terminal: Asking, recovery: typeof RecoveryFile) {
    this.args = args;
    this.shell = shell;
    this.terminal = terminal;
    this.recovery = recovery;
    const named = ['recovery-key', 'device', 'trust'].filter((name) => args.value(name) !== undefined);
    if (named.length + (args.flag('no-second-way') ? 1 : 0) > 1)
      throw usageProblem('knockgate deploy: choose one second way in.', 'Try: knockgate deploy --help');
  }

  async named(): Promise<NamedWay | undefined> {
    const device = this.args.value('device');
    const file = this.args.value('recovery-key');
    if (device !== undefined) return { kind: 'device', client: parseClientLine(device) };
    if (file !== undefined) {
      const path = typedPath(file, this.shell.homeFolder);
      const why = whyNotThere(path);
      if (why !== undefined) throw recoveryFileImpossible(path, why);
      // A look asks for no passphrase.
      if (!this.args.flag('dry-run')) return this.recoveryFileAt(path);
    }
    if (this.args.value('trust') !== undefined) return { kind: 'trusted-network' };
    return this.args.flag('no-second-way') ? { kind: 'declined' } : undefined;
  }

  async choose(): Promise<SecondWay | undefined> {
    this.shell.tell(
      `If this computer or its key is lost, how do you get in?
  1  a recovery key, in a file under a passphrase, that you keep elsewhere
  2  another device, by the line that its \`knockgate pubkey\` prints
  3  not at all: then type "${DECLINE}"`,
    );
    for (;;) {
      const answer = (await this.terminal.text('1, 2 or 3:'))?.trim();
      if (answer === undefined) return undefined;
      if (answer === '1') return this.toWay(this.recovery.create(() => this.place(), this.shell));
      if (answer === '2') {
        const line = await this.terminal.text('Its line:');
        return line === undefined ? undefined : { kind: 'device', client: parseClientLine(line) };
      }
      if (answer === DECLINE) return { kind: 'declined' };
      this.shell.tell(`That is none of them. To decline, type "${DECLINE}".`);
    }
  }

  private async recoveryFileAt(path: string): Promise<RecoveryWay | undefined> {
    if (!existsSync(path)) {
      const place = async () => {
        const passphrase = await askNewPassphrase(this.terminal, this.shell, path);
        return passphrase === undefined ? undefined : { path, passphrase };
      };
      return this.toWay(this.recovery.create(place, this.shell));
    }
    const keeper = await askUntilOpen(this.terminal, this.shell, path, (passphrase) =>
      this.recovery.open({ path, passphrase }, this.shell),
    );
    if (keeper === undefined) throw cancelled(path);
    return this.toWay(keeper);
  }

  private async place(): Promise<RecoveryTarget | undefined> {
    for (;;) {
      const typed = (await this.terminal.text('The file to keep it in, best on another disk:'))?.trim();
      if (typed === undefined) return undefined;
      const path = typedPath(typed, this.shell.homeFolder);
      const refusal = typed === '' ? 'Name a file.' : whyNotNew(path);
      if (refusal !== undefined) {
        this.shell.tell(refusal);
        continue;
      }
      const passphrase = await askNewPassphrase(this.terminal, this.shell, path);
      return passphrase === undefined ? undefined : { path, passphrase };
    }
  }

  private toWay(keeper: RecoveryFile): RecoveryWay {
    const name = `${usualName(this.shell.userName(), this.shell.hostName()).slice(0, 54)}-recovery`;
    return { kind: 'recovery-key', client: { key: keeper.publicKey, name }, keeper };
  }
}

function whyNotNew(path: string): string | undefined {
  const why = whyNotThere(path);
  if (why !== undefined) return why;
  return existsSync(path) ? `${path}: there is a file already. Name another one.` : undefined;
}
