import { describe, expect, it } from 'vitest';
import { writeClosed } from '../../../src/fleet/closed-json.ts';
import { readFreshness, readHead, readRoot } from '../../../src/fleet/documents.ts';
import { FleetFault } from '../../../src/fleet/fault.ts';
import { listPartOf, listsOf, parseList } from '../../../src/fleet/list.ts';
import { nodeVerifier } from '../../../src/fleet/verify-node.ts';
import { ISSUED, TestOrg, TestSigner } from '../../rig/fleet-org.ts';

const ana = new TestSigner('ana');
const org = new TestOrg([ana]);
const rootText = writeClosed(org.root);
const headText = org.head([], {}, [ana]).parcelFor('web1').head.text;

const whyNot = (read: () => unknown): string => {
  try {
    read();
  } catch (error) {
    if (error instanceof FleetFault) return `${error.alarm.code}: ${error.alarm.why}`;
    throw error;
  }
  return 'read';
};

describe('documents', () => {
  it('are read when they are written as knockgate writes them', () => {
    expect(readRoot(rootText)).toEqual(org.root);
    const fresh = {
      format: 1,
      type: 'fresh',
      org: org.org,
      issued: ISSUED,
      head: 7,
      revs: [{ key: ana.keyId, number: 2 }],
    };
    expect(readFreshness(writeClosed(fresh))).toEqual(fresh);
  });

  it.each([
    ['no line end', headText.trim(), 'it is not written as knockgate writes it'],
    ['a space', headText.replace(',', ', '), 'it is not written as knockgate writes it'],
    ['an escaped letter', headText.replace('"head"', '"\\u0068ead"'), 'it is not written as knockgate writes it'],
    [
      'a number that JSON rounds',
      headText.replace('"number":1', '"number":9007199254740993'),
      'number: expected a whole number',
    ],
    [
      'a number with a point',
      headText.replace('"number":1', '"number":1.0'),
      'it is not written as knockgate writes it',
    ],
    ['another format', headText.replace('"format":1', '"format":2'), 'format: expected 1'],
    ['another type', headText.replace('"head"', '"root"'), 'type: expected "head"'],
    ['a key less', headText.replace('"number":1,', ''), 'the key number is missing'],
    [
      'a key with a name of the language',
      headText.replace('"number":1', '"__proto__":1,"number":1'),
      'unknown key "__proto__"',
    ],
    ['another order', headText.replace('"format":1,"type":"head"', '"type":"head","format":1'), 'it is not written as'],
    ['two lists', headText.replace(/"lists":\[(\{[^}]*\})\]/, '"lists":[$1,$1]'), 'lists: expected 1 or 256'],
    ['no JSON', 'x', 'it is not JSON'],
    ['33 KB', headText.replace('"compiler":"1"', `"compiler":"${'1'.repeat(33_000)}"`), 'document-too-long'],
  ])('are refused with %s', (_, text, why) => {
    expect(whyNot(() => readHead(text))).toContain(why);
  });
});

describe('lists', () => {
  const gates = (count: number) =>
    Array.from({ length: count }, (_, i) => ({
      id: `gate${String(i).padStart(5, '0')}`,
      hash: 'ab'.repeat(32),
      length: i,
    }));

  it('are one up to 1,000 gates, and 256 parts above', () => {
    expect(listsOf(gates(1000), nodeVerifier.sha256)).toHaveLength(1);
    const parts = listsOf(gates(1001), nodeVerifier.sha256);
    expect(parts).toHaveLength(256);
    const part = parts[listPartOf('gate00007', 256, nodeVerifier.sha256)] ?? '';
    expect(parseList(part).find(({ id }) => id === 'gate00007')?.length).toBe(7);
  });

  it.each([
    ['two lines of a gate', (text: string) => text + text, 'line 2: expected ids in ascending order'],
    ['no line end', (text: string) => text.trim(), 'line 1: expected a line end'],
    ['a short hash', (text: string) => text.slice(1), 'line 1: expected a hash'],
    ['a length of 00', (text: string) => text.replace(' 0 ', ' 00 '), 'line 1: expected a hash'],
  ])('are refused with %s', (_, change, why) => {
    const [text = ''] = listsOf(gates(1), nodeVerifier.sha256);
    expect(whyNot(() => parseList(change(text)))).toContain(why);
  });
});
