import { inWords, phrase } from '../../spa/phrase.ts';
import type { Prompts } from './remote.ts';

/** What a question that is asked again begins with. */
export const NOT_RIGHT = phrase('That was not right. ');

/**
 * Prompts whose answers are used again for the next connection, so that a person who logs in with a password types it once:
 * the checks from outside log in a second time. An answer is offered once for each connection: what is asked for again was
 * wrong, or good for one time only. Kept in memory, for as long as the deployment takes.
 */
export class RememberedPrompts implements Prompts {
  private readonly prompts: Prompts;
  private readonly good = new Map<string, string>();
  private readonly given = new Map<string, string>();
  private readonly used = new Set<string>();

  constructor(prompts: Prompts) {
    this.prompts = prompts;
  }

  /** A new connection begins. */
  begin(): void {
    this.given.clear();
    this.used.clear();
  }

  /** The connection is there: its answers were right. */
  succeed(): void {
    for (const [question, answer] of this.given) this.good.set(question, answer);
  }

  async secret(question: string): Promise<string | undefined> {
    const subject = question.replace(inWords(NOT_RIGHT), '');
    const before = this.good.get(subject);
    if (before !== undefined && !this.used.has(subject)) {
      this.used.add(subject);
      return before;
    }
    const answer = await this.prompts.secret(question);
    if (answer !== undefined) this.given.set(subject, answer);
    return answer;
  }

  text(question: string): Promise<string | undefined> {
    return this.prompts.text(question);
  }

  confirm(question: string, detail?: string): Promise<boolean> {
    return this.prompts.confirm(question, detail);
  }
}
