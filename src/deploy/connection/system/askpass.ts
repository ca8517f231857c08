import { closeSync, constants, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { oneLine } from '../../../base/printable.ts';
import { systemErrorCode } from '../../../os/system-error.ts';
import type { Prompts } from '../remote.ts';

/**
 * Script that ssh runs to ask something; ssh(1), SSH_ASKPASS. The question goes into a file. The answer comes through a named pipe:
 * it is on no disk, in no argument and no environment. `none`: ssh only wants to say something, such as "touch the security key".
 */
const SCRIPT = `#!/bin/sh
[ "$SSH_ASKPASS_PROMPT" = none ] && exit 0
cd "$KNOCKGATE_ASK" || exit 1
mkfifo -m 600 answer || exit 1
printf '%s' "$1" > asked && mv asked question || exit 1
answer=$(cat answer)
rm -f answer
[ -n "$answer" ] || exit 1
printf '%s\\n' "$answer"
`;

/** Milliseconds between two attempts to hand over an answer: the script may not have opened its pipe yet. */
const GIVE_EVERY_MS = 20;
/** Characters of a question that are shown: parts of it are the server's. */
const MOST_ASKED = 300;

/** Asks the questions of an ssh where the person is, in the editor as in a terminal. */
export class Askpass {
  /** Environment for ssh. */
  readonly env: Readonly<Record<string, string>>;
  private readonly folder: string;
  private readonly prompts: Prompts;

  /**
   * @param folder that nobody else can enter
   * @param scripts another such folder, where a script can be run; or the same
   */
  constructor(folder: string, scripts: string, prompts: Prompts, display: string | undefined) {
    this.folder = folder;
    this.prompts = prompts;
    const script = join(scripts, 'ask');
    writeFileSync(script, SCRIPT, { mode: 0o700 });
    // Before OpenSSH 8.4, ssh asked by a program only with a DISPLAY, whatever it was.
    this.env = {
      SSH_ASKPASS: script,
      SSH_ASKPASS_REQUIRE: 'force',
      DISPLAY: display ?? ':0',
      KNOCKGATE_ASK: folder,
    };
  }

  /**
   * Asks the present question, if there is one.
   * @param isOver whether the ssh that asked has ended
   */
  async answer(isOver: () => boolean): Promise<void> {
    const question = this.takeQuestion();
    if (question === undefined) return;
    const answer = await this.ask(question);
    // An answer goes out even when ssh has ended meanwhile: its script would wait for ever.
    while (!this.give(`${answer ?? ''}\n`) && !isOver())
      await new Promise((resolve) => setTimeout(resolve, GIVE_EVERY_MS));
  }

  private async ask(question: string): Promise<string | undefined> {
    const shown = oneLine(question, MOST_ASKED);
    if (/\(yes\/no/.test(question)) return (await this.prompts.confirm(shown)) ? 'yes' : 'no';
    return this.prompts.secret(shown);
  }

  private takeQuestion(): string | undefined {
    const file = join(this.folder, 'question');
    try {
      const question = readFileSync(file, 'utf8');
      rmSync(file);
      return question;
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error;
      return undefined;
    }
  }

  private give(answer: string): boolean {
    try {
      const pipe = openSync(join(this.folder, 'answer'), constants.O_WRONLY | constants.O_NONBLOCK);
      try {
        writeSync(pipe, answer);
      } finally {
        closeSync(pipe);
      }
      return true;
    } catch (error) {
      const code = systemErrorCode(error);
      // ssh has ended and its folder is gone, so nobody waits any more.
      if (code === 'ENOENT') return true;
      // The script has not opened its pipe yet.
      if (code !== 'ENXIO') throw error;
      return false;
    }
  }
}
