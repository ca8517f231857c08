import { describe, expect, it } from 'vitest';
import { Chain, hashOfLine } from '../../../../server-helper/audit/chain.ts';
import { checkAudit, compareWithCopy, showAuditCheck } from '../../../../server-helper/manage/audit-verify.ts';

const TIME = '2026-11-30T12:00:00.000Z';
/** A chain that begins. */
const MISSING = '/missing/audit-end';

function log(count: number): string[] {
  const chain = new Chain(MISSING);
  return Array.from({ length: count }, (_, n) => chain.line(TIME, { event: 'granted', client: `client-${n + 1}` }));
}

const LINES = log(6);
const END = { seq: 6, hash: hashOfLine(LINES[5] ?? '') };
const whatOf = (lines: readonly string[], end = END) =>
  checkAudit(`${lines.join('\n')}\n`, end).faults.map(({ what }) => what);
const altered = (line = '') => line.replace('client-', 'other-');

describe('a log', () => {
  it('that nobody changed has no fault, also among lines of other programs', () => {
    expect(checkAudit(LINES.join('\n'), END)).toEqual({ lines: 6, first: 1, last: 6, faults: [] });
    expect(whatOf(['systemd[1]: Started', ...LINES.slice(0, 3), '{"MESSAGE":"x"}', ...LINES.slice(3), ''])).toEqual([]);
  });

  it('may begin anywhere: journals forget', () => {
    expect(checkAudit(LINES.slice(2).join('\n'), END)).toEqual({ lines: 4, first: 3, last: 6, faults: [] });
  });

  it('may be some lines ahead of the noted end', () => {
    expect(whatOf(LINES, { seq: 4, hash: hashOfLine(LINES[3] ?? '') })).toEqual([]);
  });

  it.each([0, 1, 2, 3, 4])('names line %i that was changed', (n) => {
    expect(whatOf(LINES.map((line, i) => (i === n ? altered(line) : line)))).toEqual([
      `line ${n + 1} was changed, or the line behind it`,
    ]);
  });

  it('names the last line that was changed, by the noted end', () => {
    expect(whatOf([...LINES.slice(0, 5), altered(LINES[5])])).toEqual([
      'line 6 was changed: the daemon has noted another one',
    ]);
  });

  it.each([1, 2, 3, 4])('names line %i that was removed', (n) => {
    expect(whatOf(LINES.filter((_, i) => i !== n))).toEqual([`missing before this line: line ${n + 1}`]);
  });

  it('names what was cut, by the noted end', () => {
    expect(whatOf(LINES.slice(0, 5))).toEqual(['missing at the end: line 6']);
    expect(whatOf(LINES.slice(0, 2))).toEqual(['missing at the end: lines 3 to 6']);
    expect(whatOf([])).toEqual(['missing at the end: lines 1 to 6']);
  });

  it.each([1, 3, 5])('names a line that was inserted behind number %i, with a hash that fits', (n) => {
    const before = LINES[n - 1] ?? '';
    const inserted = JSON.stringify({ time: TIME, seq: n + 1, prev: hashOfLine(before), event: 'granted' });
    expect(whatOf([...LINES.slice(0, n), inserted, ...LINES.slice(n)])[0]).toMatch(
      new RegExp(`^line ${n + 1} (is one too many|was changed)`),
    );
  });

  it('names two lines that changed places, and one that occurs twice', () => {
    const [first = '', second = '', third = '', ...others] = LINES;
    expect(whatOf([first, third, second, ...others]).length).toBeGreaterThan(0);
    expect(whatOf([first, second, second, third, ...others])).toEqual([
      'line 2 is one too many, or at the wrong place',
    ]);
  });

  it('names the place where a lost state began a new chain', () => {
    expect(checkAudit([...LINES, ...log(2)].join('\n'), undefined).faults).toEqual([
      { line: 7, what: 'the chain begins anew here: the file with its end was lost' },
    ]);
  });
});

describe('a copy from another host', () => {
  /** Root has changed one line, and written all after it anew, the end too. */
  function forged(): string {
    const chain = new Chain(MISSING);
    return LINES.map((line, n) => {
      const { event, client } = JSON.parse(line);
      return chain.line(TIME, { event, client: n === 2 ? 'nobody' : client });
    }).join('\n');
  }

  it('shows a chain that was written anew, which the chain itself cannot', () => {
    expect(checkAudit(forged(), undefined).faults).toEqual([]);
    expect(compareWithCopy(forged(), LINES.join('\n')).map(({ what }) => what)).toEqual([
      'line 3 is another one in the copy',
      'line 4 is another one in the copy',
      'line 5 is another one in the copy',
      'line 6 is another one in the copy',
    ]);
  });

  it('names what is missing on either side, as far as both reach', () => {
    expect(compareWithCopy(LINES.slice(0, 4).join('\n'), LINES.join('\n')).map(({ what }) => what)).toEqual([
      'line 5 of the copy is missing here',
      'line 6 of the copy is missing here',
    ]);
    expect(compareWithCopy(LINES.join('\n'), LINES.slice(0, 3).join('\n'))).toEqual([]);
    expect(compareWithCopy(LINES.slice(2).join('\n'), LINES.join('\n'))).toEqual([]);
  });
});

it('the result is shown in words', () => {
  expect(showAuditCheck(checkAudit(LINES.join('\n'), END))).toBe('6 lines, from number 1 to 6: unchanged.');
  expect(showAuditCheck(checkAudit(LINES.slice(0, 5).join('\n'), END))).toBe(
    '5 lines, from number 1 to 5:\nline 5 of the file: missing at the end: line 6\nCompare it with a copy from another host: knockgated audit verify FILE --against COPY',
  );
  expect(showAuditCheck(checkAudit('', undefined))).toBe('There is no line of the audit log in it.');
});
