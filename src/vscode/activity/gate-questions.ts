import { l10n } from 'vscode';
import { parseJson } from '../../base/loose-json.ts';
import { phrase } from '../../base/phrase.ts';
import { Problem } from '../../base/problem.ts';
import { cancelled } from '../../client/problems.ts';
import type { Ran } from '../../deploy/connection/remote.ts';
import type { GateConnection } from '../../deploy/gate-connection.ts';
import type { Parts } from '../parts.ts';
import { gateAnswerUnreadable, gateRefused } from '../problems.ts';
import { withGateSession } from '../set-up/gate-session.ts';

/** Asks one gate, over a connection that stays open between the questions. One that was lost is opened again. */
export class GateQuestions {
  private readonly parts: Parts;
  private readonly host: string;
  private connection: Promise<GateConnection> | undefined;
  private isClosed = false;

  constructor(parts: Parts, host: string) {
    this.parts = parts;
    this.host = host;
  }

  /**
   * Asks a question, and reads the answer.
   * @param argv words after `knockgated`
   * @throws Problem `gate-refused`, `answer-not-understood`; those of a knock, a login and of sudo
   */
  async ask<T>(
    argv: readonly string[],
    read: (answer: unknown) => T,
  ): Promise<{ readonly raw: unknown; readonly value: T }> {
    const [name = ''] = argv;
    const sinceMs = this.parts.clock.monotonicMs();
    const { code, stdout, stderr } = await this.run(argv);
    this.logTime(`answered ${name}`, sinceMs);
    if (code !== 0) throw gateRefused(this.host, name, stderr.trim() || stdout.trim());
    const raw = parseJson(stdout);
    try {
      return { raw, value: read(raw) };
    } catch (error) {
      throw gateAnswerUnreadable(this.host, name, error instanceof Error ? error.message : '');
    }
  }

  /** Logs in, unless that is done already. @throws Problem: those of a knock, a login and of sudo */
  async connect(): Promise<void> {
    await this.open();
  }

  /** Address from which the server sees this device come; undefined when it does not say. */
  async ownAddress(): Promise<string | undefined> {
    return (await this.open()).seenFrom;
  }

  close(): void {
    this.isClosed = true;
    const { connection } = this;
    this.connection = undefined;
    // One that failed has told its error already.
    connection?.then(end, () => {});
  }

  private async run(argv: readonly string[]): Promise<Ran> {
    const opening = this.open();
    const connection = await opening;
    try {
      return await connection.ask(argv);
    } catch (error) {
      const isLost = error instanceof Problem && error.text.code === 'connection-lost';
      if (!isLost || this.isClosed) throw error;
      // A computer that slept has lost it. Another question may have opened a new one by now.
      if (this.connection === opening) {
        this.connection = undefined;
        end(connection);
      }
      return (await this.open()).ask(argv);
    }
  }

  private open(): Promise<GateConnection> {
    if (this.isClosed) return Promise.reject(cancelled(this.host));
    this.connection ??= this.logIn();
    return this.connection;
  }

  /** A login that fails is tried again with the next question. */
  private logIn(): Promise<GateConnection> {
    const sinceMs = this.parts.clock.monotonicMs();
    const title = l10n.t('Knockgate: {0}', l10n.t('asking the gate on {0}', this.host));
    const opening = withGateSession(this.parts, this.host, title, (session, deployment) => {
      session.ui.step(phrase('Log in to {0}', this.host));
      return deployment.connectToGate(session);
    });
    opening.then(
      () => this.logTime('logged in', sinceMs),
      () => {
        if (this.connection === opening) this.connection = undefined;
      },
    );
    return opening;
  }

  private logTime(what: string, sinceMs: number): void {
    const { log, clock } = this.parts;
    log.info(`${this.host}: ${what} after ${Math.round(clock.monotonicMs() - sinceMs)} ms`);
  }
}

/** Ends a connection; one that is lost has ended already. */
function end(connection: GateConnection): void {
  connection.close().catch(() => {});
}
