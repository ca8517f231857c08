import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ActionRequest,
  formatRequest,
  formatResult,
  parseRequest,
  parseResult,
} from '../../../../server-helper/action/request.ts';
import { fillIn, parseWord } from '../../../../server-helper/config/action-template.ts';
import { problemOf } from '../support.ts';

const REQUEST: ActionRequest = {
  action: 'wake',
  phase: 'open',
  source: '2001:db8::1',
  seconds: 30,
  client: 'alice-laptop',
};
const LINE = 'knockgate1 action wake open 2001:db8::1 30 alice-laptop';

describe('a request for an action', () => {
  it('reads as it was written', () => {
    expect(formatRequest(REQUEST)).toBe(`${LINE}\n`);
    expect(parseRequest(LINE)).toEqual(REQUEST);
  });

  it.each([
    '',
    LINE.replace('knockgate1', 'knockgate2'),
    LINE.replace('action', 'acti0n'),
    LINE.replace('wake', '../wake'),
    LINE.replace('wake', '-rf'),
    LINE.replace('open', 'run'),
    LINE.replace('2001:db8::1', '2001:DB8::1'),
    LINE.replace('2001:db8::1', '::ffff:1.2.3.4'),
    LINE.replace('2001:db8::1', '010.0.0.1'),
    LINE.replace('2001:db8::1', '127.0.0.1'),
    LINE.replace('2001:db8::1', '$(id)'),
    LINE.replace('30', '0'),
    LINE.replace('30', '65536'),
    LINE.replace('30', '030'),
    LINE.replace('30', '-1'),
    LINE.replace('alice-laptop', 'alice;id'),
    `${LINE} more`,
    ` ${LINE}`,
    LINE.replace('wake ', 'wake  '),
  ])('is refused: %j', (line) => {
    expect(parseRequest(line)).toBeUndefined();
  });

  it('is exactly what its own writer writes, or refused', () => {
    const word = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom(
        'knockgate1',
        'action',
        'wake',
        'open',
        'close',
        '10.0.0.1',
        '::1',
        'fd00::1',
        '30',
        '1e3',
        '-',
        '\n',
      ),
    );
    const line = fc.oneof(
      fc.array(word, { maxLength: 9 }).map((words) => words.join(' ')),
      fc.tuple(word, fc.nat(6)).map(([text, at]) => LINE.split(' ').with(at, text).join(' ')),
    );
    fc.assert(
      fc.property(line, (text) => {
        const request = parseRequest(text);
        if (request !== undefined) expect(formatRequest(request)).toBe(`${text}\n`);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a result', () => {
  it.each([
    { kind: 'exit', code: 0 },
    { kind: 'exit', code: 255 },
    { kind: 'killed' },
    { kind: 'refused', why: 'because of this' },
  ] as const)('reads as it was written: %j', (result) => {
    expect(parseResult(formatResult(result).trimEnd())).toEqual(result);
  });

  it.each(['', 'exit', 'exit -1', 'exit 1 2', 'killed!', 'done'])('is none: %j', (text) => {
    expect(parseResult(text)).toBeUndefined();
  });

  it('is one line, whatever the reason', () => {
    expect(formatResult({ kind: 'refused', why: `a\nb${'x'.repeat(9999)}` })).toMatch(/^refused a\?bx{400,500}\n$/);
  });
});

describe('the words of a command', () => {
  const particulars = { source: '10.0.0.1', client: 'alice', seconds: 30 };

  it('have their placeholders filled in, and stay as many', () => {
    const words = ['/bin/x', '{source}', '--for={seconds}s', 'a {client}; rm -rf $HOME', '{}', '{"a": 1}', ''];
    expect(fillIn(words, particulars)).toEqual([
      '/bin/x',
      '10.0.0.1',
      '--for=30s',
      'a alice; rm -rf $HOME',
      '{}',
      '{"a": 1}',
      '',
    ]);
  });

  it('name no other placeholders', async () => {
    expect((await problemOf(() => parseWord('{port}', 'open'))).what).toContain('is invalid');
    expect((await problemOf(() => parseWord('a\0', 'open'))).what).toContain('is invalid');
  });

  it('are as many as before, and none is read again, whatever is in them', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (words) => {
        const taken = words.filter((word) => !/\{[a-z_]+\}/.test(word));
        expect(fillIn(taken, particulars)).toEqual(taken);
      }),
    );
  });
});
