import type { Prompts } from '../remote.ts';

/** Waits for a server, for so long and no longer; the time in which a person is asked does not count. */
export class Patience {
  private readonly over: (seconds: number) => void;
  private timer: NodeJS.Timeout | undefined;

  /** @param over called when the time is over, with the seconds that were waited */
  constructor(over: (seconds: number) => void) {
    this.over = over;
  }

  /** Begins anew. */
  start(ms: number): void {
    this.stop();
    this.timer = setTimeout(() => this.over(ms / 1000), ms);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Prompts during which the server is not waited for; afterwards for so many milliseconds. */
  around(prompts: Prompts, ms: number): Prompts {
    const paused = async <T>(asked: () => Promise<T>): Promise<T> => {
      const isWaiting = this.timer !== undefined;
      this.stop();
      const answer = await asked();
      if (isWaiting) this.start(ms);
      return answer;
    };
    return {
      secret: (question) => paused(() => prompts.secret(question)),
      text: (question) => paused(() => prompts.text(question)),
      confirm: (question, detail) => paused(() => prompts.confirm(question, detail)),
    };
  }
}
