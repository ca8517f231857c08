import { beforeEach, describe, expect, it } from 'vitest';
import { LiveTable } from '../../../../src/cli/many/live-table.ts';
import type { HostResult } from '../../../../src/cli/many/run-hosts.ts';

const ESC = '\u001b';
const ORDER = new RegExp(`(${ESC}\\[\\d*[A-Z]|\\n|\\r)`);

/** A terminal that understands what the table sends: line feeds, cursor up, and clearing below. */
class FakeScreen {
  lines: string[] = [''];
  row = 0;
  readonly columns: number;
  readonly rows: number;

  constructor(columns = 60, rows = 24) {
    this.columns = columns;
    this.rows = rows;
  }

  readonly size = () => ({ columns: this.columns, rows: this.rows });

  readonly write = (text: string) => {
    for (const part of text.split(ORDER)) {
      const order = part.startsWith(`${ESC}[`) ? part.at(-1) : part;
      if (order === 'A') this.row = Math.max(0, this.row - Number(part.slice(2, -1)));
      else if (order === 'J') this.lines = this.lines.slice(0, this.row).concat('');
      else if (order === '\n') {
        this.row += 1;
        this.lines[this.row] ??= '';
      } else if (order !== '\r') this.lines[this.row] = `${this.lines[this.row] ?? ''}${part}`;
    }
  };

  get shown(): string[] {
    return this.lines.slice(0, -1);
  }
}

const result = (host: string, more: Partial<HostResult> = {}): HostResult => {
  return { host, code: 0, seconds: 12.34, text: '', value: undefined, error: undefined, ...more };
};

let screen: FakeScreen;
beforeEach(() => {
  screen = new FakeScreen();
});

describe('the live table', () => {
  it('has a line for each host, and is drawn over itself', () => {
    const table = new LiveTable(['web1', 'db'], screen);
    table.begin('web1');
    table.step('web1', 'Look at the host');
    expect(screen.shown).toEqual(['web1  working  Look at the host', 'db    waiting']);
    table.begin('db');
    table.end(result('web1'));
    const error = { code: 'x', what: 'db: no way to the host.\nMore.', exit: 11 } as const;
    table.end(result('db', { code: 11, error }));
    expect(screen.shown).toEqual(['web1  done    12.3 s', 'db    failed  no way to the host.']);
  });

  it('gives way to a question, and stays away until it is answered', () => {
    const table = new LiveTable(['web1', 'web2'], screen);
    table.begin('web1');
    table.pause('web1');
    expect(screen.shown).toEqual([]);
    screen.write('web1: Password: \n');
    table.begin('web2');
    expect(screen.shown).toEqual(['web1: Password: ']);
    table.resume('web1');
    expect(screen.shown).toEqual(['web1: Password: ', 'web1  working', 'web2  working']);
  });

  it('never wraps a line, and tells the terminal nothing that a server has said', () => {
    screen = new FakeScreen(20);
    const table = new LiveTable(['web1'], screen);
    table.step('web1', `${ESC}[2J${'long '.repeat(20)}`);
    expect(screen.shown).toHaveLength(1);
    expect(screen.shown[0]?.length).toBeLessThan(20);
    expect(screen.shown[0]).not.toContain(ESC);
  });

  it('shows who is at work and counts the others where the terminal is too small', () => {
    screen = new FakeScreen(60, 5);
    const hosts = Array.from({ length: 30 }, (_, i) => `web${i}`);
    const table = new LiveTable(hosts, screen);
    for (const host of hosts.slice(0, 3)) table.begin(host);
    table.end(result('web0'));
    expect(screen.shown).toEqual(['web1  working', 'web2  working', '1 done, 2 working, 27 waiting']);
  });

  it('leaves nothing when it is taken away', () => {
    const table = new LiveTable(['web1', 'web2'], screen);
    table.begin('web1');
    table.clear();
    expect(screen.shown).toEqual([]);
  });
});
