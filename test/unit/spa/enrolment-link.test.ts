import { describe, expect, it } from 'vitest';
import { formatGateLine, parseGateLine } from '../../../src/spa/enrolment.ts';
import { formatGateLink, parseGateLink, parseScheme } from '../../../src/spa/enrolment-link.ts';
import { problemOf } from '../support.ts';

const KEY = `${'A'.repeat(42)}E`;
const LINE = `knockgate1 gate ${KEY} 32 203.0.113.7,gate.example,2001:db8::1 443,62201 prod@home`;
const GATE = parseGateLine(LINE);
const QUERY = `line=${LINE.replaceAll(' ', '+')}`;
const read = (query: string, path = '/add', fragment = '') => parseGateLink({ path, query, fragment });

describe('a link that adds a gate', () => {
  it('is a plain address without escapes', () => {
    expect(formatGateLink(GATE)).toBe(`vscode://knockgate.knockgate/add?${QUERY}`);
    expect(formatGateLink(GATE, 'vscodium')).toMatch(/^vscodium:\/\/knockgate\.knockgate\//);
    expect(formatGateLink(GATE)).toMatch(/^[A-Za-z0-9+._,:@?=/-]+$/);
  });

  it('is read as it was written, also by a reader that takes + for a blank', () => {
    const { pathname, search } = new URL(formatGateLink(GATE));
    expect(formatGateLine(read(decodeURIComponent(search.slice(1)), pathname))).toBe(LINE);
    expect(formatGateLine(read(`line=${LINE}`))).toBe(LINE);
  });

  it.each([
    ['another path', QUERY, '/remove', ''],
    ['no path', QUERY, '/', ''],
    ['a path behind', QUERY, '/add/', ''],
    ['a fragment', QUERY, '/add', 'x'],
    ['another parameter', `${QUERY}&name=x`, '/add', ''],
    ['one before', `name=x&${QUERY}`, '/add', ''],
    ['the line twice', `${QUERY}&${QUERY}`, '/add', ''],
    ['no parameter', '', '/add', ''],
    ['an empty one', 'line=', '/add', ''],
    ['two lines', `line=${LINE}\n${LINE}`, '/add', ''],
    ['what is still escaped', `line=${encodeURIComponent(LINE)}`, '/add', ''],
    ['what a terminal obeys', `${QUERY}\u001b[2J`, '/add', ''],
    ['markup', `line=${LINE.replace('prod@home', '[x](command:y)')}`, '/add', ''],
    ['what is long', `line=${LINE.replace('gate.example', `${'a'.repeat(60)}.`.repeat(30))}`, '/add', ''],
  ])('is refused with %s', async (_, query, path, fragment) => {
    expect(await problemOf(() => read(query, path, fragment))).toMatchObject({ code: 'bad-link', exit: 2 });
  });

  it.each([LINE.replace('gate', 'client'), LINE.replace(' 32 ', ' 7 '), `${LINE} more`, LINE.replace('443', '0')])(
    'is refused with a line that is wrong: %s',
    async (line) => {
      expect(await problemOf(() => read(`line=${line.replaceAll(' ', '+')}`))).toMatchObject({ code: 'bad-text' });
    },
  );

  it.each(['VSCode', 'vscode:', '', '-x', 'a b', 'javascript:alert'])('has no scheme %j', async (scheme) => {
    expect(await problemOf(() => parseScheme(scheme, '--scheme'))).toMatchObject({ code: 'bad-text' });
  });
});
