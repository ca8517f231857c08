import { inWords, phrase } from '../../base/phrase.ts';
import { cancelled } from '../../client/problems.ts';
import type { Ran, Remote } from '../connection/remote.ts';
import type { DeployUi } from '../deploy-ui.ts';
import type { Step } from '../plan/step.ts';
import { stepFailed } from '../problems.ts';

/** Steps that were begun; they can be undone. */
export class Steps {
  private readonly host: string;
  private readonly remote: Remote;
  private readonly tell: DeployUi['step'];
  private readonly begun: Step[] = [];

  constructor(host: string, remote: Remote, tell: DeployUi['step']) {
    this.host = host;
    this.remote = remote;
    this.tell = tell;
  }

  /**
   * Runs steps as root, in order, until one fails.
   * @throws Problem `step-failed`, `connection-lost`, `cancelled`
   */
  async run(steps: readonly Step[], signal: AbortSignal): Promise<void> {
    for (const step of steps) {
      if (signal.aborted) throw cancelled(this.host);
      this.tell(step.title, step.inShort);
      this.begun.push(step);
      const ran = await this.runOne(step, signal);
      if (ran.code !== 0) throw stepFailed(step.title, lastLines(ran));
    }
  }

  /**
   * Undoes the steps that were begun, the last one first. If one cannot be undone, the others still are.
   * @returns what could not be undone, in words
   */
  async undo(): Promise<string[]> {
    const failed: string[] = [];
    for (const { title, undo } of this.begun.splice(0).reverse()) {
      if (undo === undefined) continue;
      try {
        const ran = await this.remote.run(undo, { sudo: true });
        if (ran.code !== 0) failed.push(`${inWords(title)}: ${lastLines(ran)}`);
      } catch (error) {
        failed.push(`${inWords(title)}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    return failed;
  }

  /** A step that has begun is not left alone: what it has done so far would be unknown. */
  private async runOne({ argv, stdin, timeoutMs }: Step, signal: AbortSignal): Promise<Ran> {
    const explain = () => this.tell(phrase('Cancelled: waiting for the end of this step'));
    signal.addEventListener('abort', explain);
    try {
      return await this.remote.run(argv, {
        sudo: true,
        ...(stdin === undefined ? {} : { stdin }),
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
      });
    } finally {
      signal.removeEventListener('abort', explain);
    }
  }
}

function lastLines({ stdout, stderr }: Ran): string {
  const text = stderr.trim() || stdout.trim() || inWords(phrase('It said nothing.'));
  return text.split('\n').slice(-6).join('\n');
}
