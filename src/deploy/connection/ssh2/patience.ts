import type { Prompts } from '../remote.ts';

/** Limit of waiting for a server; the time in which a person is asked does not count. */
export class Patience {
  private readonly over: (seconds: number) => void;
  private timer: NodeJS.Timeout | undefined;

  /** @param over called when the time is over, with the seconds that have passed */
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

  /** Prompts that stop the time while they are open; afterwards it lasts so many milliseconds. */
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
