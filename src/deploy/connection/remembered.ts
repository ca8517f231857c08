import { inWords, phrase } from '../../base/phrase.ts';
import type { Prompts } from './remote.ts';

/** Beginning of a question that is asked again. */
export const NOT_RIGHT = phrase('That was wrong. ');

/**
 * Prompts whose answers are used again for the next connection, so that a person who logs in with a password types it once: the
 * checks from outside log in a second time. An answer is used once for each connection: if the same question comes again, the
 * answer was wrong, or valid only once. Kept in memory, for as long as the deployment takes.
 */
export class RememberedPrompts implements Prompts {
  private readonly prompts: Prompts;
  private readonly good = new Map<string, string>();
  private readonly given = new Map<string, string>();
  private readonly used = new Set<string>();
  /** Questions of this connection to which a person has said yes. */
  private readonly agreed = new Set<string>();
  /** Answers that came after their connection was lost. */
  private readonly late = new Map<string, string>();
  private readonly lateYes = new Set<string>();
  private hasAskedPerson = false;
  /** Questions that are open. */
  private readonly asking = new Set<Promise<void>>();

  constructor(prompts: Prompts) {
    this.prompts = prompts;
  }

  /** Whether a password or the like was given or asked for on this connection. */
  get hasAsked(): boolean {
    return this.hasAskedPerson || this.used.size > 0;
  }

  /** Notes that a new connection begins. */
  begin(): void {
    this.hasAskedPerson = false;
    this.given.clear();
    this.agreed.clear();
    this.used.clear();
  }

  /** Notes that the connection is open: its answers were right. */
  succeed(): void {
    for (const [question, answer] of this.given) this.good.set(question, answer);
  }

  /**
   * Waits for a person who is still being asked, and keeps the answers for the next connection: a server closes a login that takes
   * long.
   * @returns whether a person has answered anything on this one: only then another connection makes sense
   */
  async keepForNext(): Promise<boolean> {
    await Promise.all(this.asking);
    for (const [question, answer] of this.given) this.late.set(question, answer);
    for (const question of this.agreed) this.lateYes.add(question);
    return this.given.size + this.agreed.size > 0;
  }

  async secret(question: string): Promise<string | undefined> {
    const subject = question.replace(inWords(NOT_RIGHT), '');
    const before = this.late.get(subject) ?? this.good.get(subject);
    if (before !== undefined && !this.used.has(subject)) {
      this.used.add(subject);
      return before;
    }
    this.hasAskedPerson = true;
    const answer = await this.tracked(this.prompts.secret(question));
    if (answer !== undefined) this.given.set(subject, answer);
    return answer;
  }

  text(question: string): Promise<string | undefined> {
    this.hasAskedPerson = true;
    return this.tracked(this.prompts.text(question));
  }

  async confirm(question: string, detail?: string): Promise<boolean> {
    const subject = `${question}\n${detail}`;
    if (this.lateYes.delete(subject)) return true;
    const yes = await this.tracked(this.prompts.confirm(question, detail));
    if (yes) this.agreed.add(subject);
    return yes;
  }

  private tracked<T>(asked: Promise<T>): Promise<T> {
    const settled = asked.then(
      () => {},
      () => {},
    );
    this.asking.add(settled);
    settled.then(() => this.asking.delete(settled));
    return asked;
  }
}
