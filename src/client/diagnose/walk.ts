import { joined } from '../../base/phrase.ts';
import { Problem } from '../../base/problem.ts';
import type { KnockIo } from '../gate/knock-io.ts';
import type { Resolve } from '../network/resolve.ts';
import type { Through } from '../network/wait.ts';
import { cancelled } from '../problems.ts';
import { type Diagnosis, Notes, type Opened, type Step, type Verdict } from './diagnosis.ts';
import { greet } from './greet.ts';
import type { ReadGreeting } from './greeting.ts';
import { stumbled } from './verdicts.ts';
import { withFamily } from './way.ts';

export interface DiagnoseIo extends KnockIo {
  readonly resolve: Resolve;
  readonly readGreeting: ReadGreeting;
}

/** Fields that every subject has, whatever its kind. */
interface AnySubject {
  readonly host: { readonly name: string };
  /** Port of ssh; undefined when it is unknown. */
  readonly sshPort: number | undefined;
}

/** One diagnosis, whatever the kind of its host. It keeps the facts that the report needs at the end. */
export abstract class Walk<Subject extends AnySubject> {
  protected readonly subject: Subject;
  protected readonly io: DiagnoseIo;
  protected readonly signal: AbortSignal;
  protected readonly notes: Notes;
  protected readonly addresses = new Set<string>();
  protected clientLine: string | undefined;
  protected wasOpened: Opened | undefined;

  /** @param tell called for each step as it is done */
  constructor(subject: Subject, io: DiagnoseIo, signal: AbortSignal, tell: (step: Step) => void) {
    this.subject = subject;
    this.io = io;
    this.signal = signal;
    this.notes = new Notes(tell);
  }

  /** Goes step by step, as far as possible. Rejects with the Problem that stops it. */
  protected abstract go(): Promise<Verdict>;

  /** Names of the host that a stranger need not see. */
  protected abstract names(): readonly string[];

  /**
   * Runs the steps, and returns the conclusion.
   * @throws Problem `cancelled`
   */
  async diagnosis(): Promise<Diagnosis> {
    try {
      return this.end(await this.go());
    } catch (error) {
      this.stopIfAborted();
      if (!(error instanceof Problem)) throw error;
      return this.end(stumbled(error.parts));
    }
  }

  private end(verdict: Verdict): Diagnosis {
    return {
      host: this.subject.host.name,
      atMs: this.io.clock.wallMs(),
      steps: this.notes.all(),
      verdict,
      opened: this.wasOpened,
      clientLine: this.clientLine,
      hosts: this.names(),
      addresses: [...this.addresses],
    };
  }

  protected noteName(addresses: readonly string[]): void {
    for (const address of addresses) this.addresses.add(address);
    this.notes.add('Name', 'ok', joined([`${addresses.map(withFamily).join(', ')}.`], ''));
  }

  /** @returns whether the expected server answers */
  protected async greet(through: Pick<Through, 'socket' | 'port'>): Promise<boolean> {
    const { result, finding } = await greet(through, this.subject.sshPort, this.io);
    this.stopIfAborted();
    this.notes.add('Greeting of sshd', result, finding);
    return result !== 'not ok';
  }

  /** Notes a failure of a step. */
  protected async noted<T>(step: Step['name'], work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (error instanceof Problem && !this.signal.aborted) this.notes.add(step, 'not ok', stumbled(error.parts).what);
      throw error;
    }
  }

  protected stopIfAborted(): void {
    if (this.signal.aborted) throw cancelled(this.subject.host.name);
  }
}
