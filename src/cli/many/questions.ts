import { ExitCode, Problem } from '../../base/problem.ts';
import { cancelled } from '../../client/problems.ts';
import type { Prompts } from '../../deploy/connection/remote.ts';
import type { Asking } from '../terminal.ts';

/** How the table gets out of the way of a question. */
export interface Stage {
  /** A question for this host comes: nothing is drawn until `resume`. */
  readonly pause: (host: string) => void;
  readonly resume: (host: string) => void;
}

/**
 * The questions of several hosts: one at a time, each with the name of its host in front. The other hosts go on meanwhile, and wait
 * when they have a question as well.
 */
export class Questions {
  private readonly asking: Asking;
  private readonly stage: Stage;
  /** Answers that are not typed have an order, and the questions of several hosts have none. */
  private readonly canAsk: boolean;
  private readonly signal: AbortSignal;
  private last: Promise<unknown> = Promise.resolve();

  constructor(asking: Asking, stage: Stage, canAsk: boolean, signal: AbortSignal) {
    this.asking = asking;
    this.stage = stage;
    this.canAsk = canAsk;
    this.signal = signal;
  }

  /** The questions of one host. */
  of(host: string): Asking & Prompts {
    const named = (question: string) => `${host}: ${question}`;
    return {
      text: (question) => this.ask(host, question, () => this.asking.text(named(question))),
      secret: (question) => this.ask(host, question, () => this.asking.secret(named(question))),
      confirm: (question, detail) => this.ask(host, question, () => this.asking.confirm(named(question), detail)),
    };
  }

  private ask<T>(host: string, question: string, put: () => Promise<T>): Promise<T> {
    if (!this.canAsk) return Promise.reject(questionUnanswered(host, question));
    const asked = this.last.then(async () => {
      // Ctrl-C at a question of one host is an answer to those of all others.
      if (this.signal.aborted) throw cancelled(host);
      this.stage.pause(host);
      try {
        return await put();
      } finally {
        this.stage.resume(host);
      }
    });
    // One that fails is its host's business.
    this.last = asked.catch(() => undefined);
    return asked;
  }
}

function questionUnanswered(host: string, question: string): Problem {
  return new Problem({
    code: 'question-unanswered',
    what: `${host}: a question needs an answer: ${question}`,
    why: 'With several hosts, questions are asked at a terminal only. Lines of another input could reach the wrong host.',
    next: 'Run this at a terminal, or for this host alone.',
    exit: ExitCode.cancelled,
  });
}
