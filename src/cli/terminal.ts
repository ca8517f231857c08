import type { Readable } from 'node:stream';

/** Input that may be a terminal. */
type Input = Readable & { readonly isTTY?: boolean; setRawMode?(on: boolean): unknown };

const CTRL_C = '\x03';
const CTRL_D = '\x04';
const BACKSPACE: readonly string[] = ['\x08', '\x7f'];

/** Parts of the shell that questions need. */
interface AtTerminal {
  readonly openStdin: () => Readable;
  readonly ask: (text: string) => void;
  readonly interrupt: () => void;
  readonly signal: AbortSignal;
}

/** The questions that a person can be asked. */
export type Asking = Pick<Terminal, 'text' | 'secret' | 'confirm'>;

/** Asks a person, line by line. Without a terminal, answers are the lines of standard input, as `sudo -S` takes them. */
export class Terminal {
  private readonly input: Input;
  private readonly write: (text: string) => void;
  private readonly interrupt: () => void;
  private readonly signal: AbortSignal | undefined;
  private pending = '';
  private ended = false;
  private hushed = false;

  /**
   * @param write for questions: the standard error, so that output can be piped on
   * @param interrupt what Ctrl-C does, which a terminal does not tell us by a signal while it hides what is typed
   * @param signal aborts on Ctrl-C: a question that is open then has no answer
   */
  constructor(input: Readable, write: (text: string) => void, interrupt: () => void, signal?: AbortSignal) {
    this.input = input;
    this.write = write;
    this.interrupt = interrupt;
    this.signal = signal;
  }

  /** The terminal of this process. */
  static of(shell: AtTerminal): Terminal {
    return new Terminal(shell.openStdin(), shell.ask, shell.interrupt, shell.signal);
  }

  /** Shows nothing of what is typed between questions: it may be a password that was typed early. */
  hush(): void {
    if (this.input.isTTY !== true) return;
    this.hushed = true;
    this.input.setRawMode?.(true);
    this.input.on('data', this.takeEarly);
    this.input.resume();
  }

  /** Ends that, and leaves the terminal to another program. */
  rest(): void {
    if (!this.hushed) return;
    this.hushed = false;
    this.input.off('data', this.takeEarly);
    this.input.setRawMode?.(false);
    this.input.pause();
  }

  private readonly takeEarly = (chunk: Buffer | string): void => {
    const text = chunk.toString();
    if (text.includes(CTRL_C)) this.interrupt();
    this.pending += text.replaceAll(CTRL_C, '');
  };

  /** Reads a line, which the terminal shows. Undefined when the input has ended. */
  async text(question: string): Promise<string | undefined> {
    if (this.hushed) this.input.setRawMode?.(false);
    // An answer that was typed early is shown beside its question.
    this.write(`${question} ${this.hushed ? this.pending.replaceAll('\r', '\n') : ''}`);
    const line = await this.line();
    if (this.hushed) this.input.setRawMode?.(true);
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
      if (!this.hushed) this.input.setRawMode?.(false);
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
      // Return is \r where the terminal was hushed when it was typed.
      const end = this.pending.search(this.hushed ? /[\r\n]/ : /\n/);
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
    if (this.ended || this.input.readableEnded || this.signal?.aborted) return Promise.resolve(false);
    this.input.off('data', this.takeEarly);
    return new Promise((resolve) => {
      const finish = (more: boolean) => {
        this.input.off('data', take);
        this.input.off('end', stop);
        this.signal?.removeEventListener('abort', stop);
        if (this.hushed) this.input.on('data', this.takeEarly);
        else this.input.pause();
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
      this.signal?.addEventListener('abort', stop);
      this.input.resume();
    });
  }
}
