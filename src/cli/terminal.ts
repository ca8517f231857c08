import type { Readable } from 'node:stream';

/** Input that may be a terminal. */
type Input = Readable & { readonly isTTY?: boolean; setRawMode?(on: boolean): unknown };

const CTRL_C = '\x03';
const CTRL_D = '\x04';
const BACKSPACE: readonly string[] = ['\x08', '\x7f'];

/** The questions that a person can be asked. */
export type Asking = Pick<Terminal, 'text' | 'secret' | 'confirm'>;

/** Asks a person, line by line. Without a terminal, answers are the lines of standard input, as `sudo -S` takes them. */
export class Terminal {
  private readonly input: Input;
  private readonly write: (text: string) => void;
  private readonly interrupt: () => void;
  private pending = '';
  private ended = false;

  /**
   * @param write for questions: the standard error, so that output can be piped on
   * @param interrupt what Ctrl-C does, which a terminal does not tell us by a signal while it hides what is typed
   */
  constructor(input: Readable, write: (text: string) => void, interrupt: () => void) {
    this.input = input;
    this.write = write;
    this.interrupt = interrupt;
  }

  /** Reads a line, which the terminal shows. Undefined when the input has ended. */
  async text(question: string): Promise<string | undefined> {
    this.write(`${question} `);
    const line = await this.line();
    // The next output must not follow an unanswered question on its line.
    if (line === undefined) this.write('\n');
    return line;
  }

  /** Reads a line that is not shown. Undefined when the input has ended. */
  async secret(question: string): Promise<string | undefined> {
    if (this.input.isTTY !== true) {
      this.write(`${question} `);
      return this.line();
    }
    // Hiding begins before the question is printed: until then the terminal shows what is typed.
    this.input.setRawMode?.(true);
    try {
      this.write(`${question} `);
      return await this.hidden();
    } finally {
      this.input.setRawMode?.(false);
      this.write('\n');
    }
  }

  /** Asks until the answer is yes or no. The end of the input is a no. */
  async confirm(question: string, detail?: string): Promise<boolean> {
    if (detail !== undefined) this.write(`${detail}\n`);
    for (;;) {
      const answer = (await this.text(`${question} [yes/no]`))?.trim() ?? 'no';
      if (/^(y|yes)$/i.test(answer)) return true;
      if (/^(n|no)$/i.test(answer)) return false;
    }
  }

  private async line(): Promise<string | undefined> {
    for (;;) {
      const end = this.pending.indexOf('\n');
      if (end >= 0) {
        const line = this.pending.slice(0, end).replace(/\r$/, '');
        this.pending = this.pending.slice(end + 1);
        return line;
      }
      if (!(await this.more())) return undefined;
    }
  }

  /** Reads keys one by one, and handles editing: a terminal in raw mode leaves that to the program. */
  private async hidden(): Promise<string | undefined> {
    let typed = '';
    for (;;) {
      const [key, ...rest] = [...this.pending];
      if (key === undefined) {
        if (!(await this.more())) return undefined;
        continue;
      }
      this.pending = rest.join('');
      if (key === '\r' || key === '\n') return typed;
      if (key === CTRL_C) {
        this.interrupt();
        return undefined;
      }
      if (key === CTRL_D) return undefined;
      typed = BACKSPACE.includes(key) ? [...typed].slice(0, -1).join('') : typed + key;
    }
  }

  /** Waits for more input; false at its end. Between questions nothing is read, so that early input waits. */
  private more(): Promise<boolean> {
    // The end may have come while nobody was reading.
    if (this.ended || this.input.readableEnded) return Promise.resolve(false);
    return new Promise((resolve) => {
      const finish = (more: boolean) => {
        this.input.off('data', take);
        this.input.off('end', stop);
        this.input.pause();
        resolve(more);
      };
      const take = (chunk: Buffer | string) => {
        this.pending += chunk.toString();
        finish(true);
      };
      const stop = () => {
        this.ended = true;
        finish(false);
      };
      this.input.on('data', take);
      this.input.on('end', stop);
      this.input.resume();
    });
  }
}
