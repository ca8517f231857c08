import { inColumns } from '../../base/columns.ts';
import { printable } from '../../base/printable.ts';
import type { Stage } from './questions.ts';
import { inSeconds, reasonAt, wordFor } from './result-table.ts';
import type { Progress } from './run-hosts.ts';

/** A terminal that can be drawn on. */
export interface Screen {
  /** Written as it is: the caller makes texts of others printable. */
  readonly write: (text: string) => void;
  /** Its size now. */
  readonly size: () => { readonly columns: number; readonly rows: number };
}

/** Where a host is, and what is shown of that. */
interface Row {
  readonly state: string;
  readonly what: string;
}

const CURSOR_UP = (lines: number) => `\x1b[${lines}A`;
const CLEAR_BELOW = '\x1b[J';

/**
 * A table of hosts on a terminal, drawn again over itself whenever something happens. Where the hosts are too many for the
 * terminal, those that are being worked on are shown, and the others are counted.
 */
export class LiveTable implements Progress, Stage {
  private readonly rows: Map<string, Row>;
  private readonly screen: Screen;
  /** Lines of the last drawing, which the next one covers. */
  private drawn = 0;
  private isPaused = false;

  constructor(hosts: readonly string[], screen: Screen) {
    this.rows = new Map(hosts.map((host) => [host, { state: 'waiting', what: '' }]));
    this.screen = screen;
  }

  begin(host: string): void {
    this.set(host, { state: 'working', what: '' });
  }

  step(host: string, what: string): void {
    this.set(host, { state: 'working', what });
  }

  end(result: Parameters<Progress['end']>[0]): void {
    const { host, seconds, error } = result;
    const why = error === undefined ? inSeconds(seconds) : reasonAt(host, error);
    this.set(host, { state: wordFor(result), what: why });
  }

  /** Makes room for a question, which stays above the table. */
  pause(host: string): void {
    this.set(host, { state: 'asks', what: this.rows.get(host)?.what ?? '' });
    this.clear();
    this.isPaused = true;
  }

  resume(host: string): void {
    this.isPaused = false;
    this.set(host, { state: 'working', what: this.rows.get(host)?.what ?? '' });
  }

  /** Takes the table away: the result follows. */
  clear(): void {
    if (this.drawn > 0) this.screen.write(`\r${CURSOR_UP(this.drawn)}${CLEAR_BELOW}`);
    this.drawn = 0;
  }

  private set(host: string, row: Row): void {
    this.rows.set(host, row);
    if (!this.isPaused) this.draw();
  }

  private draw(): void {
    const { columns, rows: height } = this.screen.size();
    // A line that is wrapped would take two; the last row is the cursor's.
    const lines = this.lines(Math.max(height - 1, 2)).map((line) => printable(line).slice(0, Math.max(columns - 1, 1)));
    this.clear();
    this.screen.write(lines.map((line) => `${line}\n`).join(''));
    this.drawn = lines.length;
  }

  private lines(most: number): string[] {
    const rows = [...this.rows].map(([host, { state, what }]) => [host, state, what.split('\n')[0] ?? '']);
    if (rows.length <= most) return inColumns(rows);
    const busy = rows.filter(([, state]) => state === 'working' || state === 'asks').slice(0, most - 1);
    return [...inColumns(busy), counts(rows.map(([, state = '']) => state))];
  }
}

/** `12 waiting, 8 working, 3 done` */
function counts(states: readonly string[]): string {
  const kinds = [...new Set(states)];
  return kinds.map((kind) => `${states.filter((state) => state === kind).length} ${kind}`).join(', ');
}
