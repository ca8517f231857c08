import { describe, expect, it } from 'vitest';
import { readPrintedLine } from '../../../src/deploy/printed-line.ts';
import { formatGateLine } from '../../../src/spa/enrolment.ts';
import { pair } from '../client/support.ts';
import { problemOf } from '../support.ts';

const EXPECTED = { host: 'newbox', address: '192.0.2.66', gateName: 'newbox' };
const GATE = { key: pair.gatePublic, slots: 32, addresses: ['192.0.2.66'], knockPorts: [443], name: 'newbox' };
const KNOWN = { name: 'prod', gate: { ...GATE, addresses: ['192.0.2.2'], name: 'prod' }, address: undefined };
const read = (gate: typeof GATE, gates = [KNOWN]) => readPrintedLine(`${formatGateLine(gate)}\n`, EXPECTED, { gates });

describe('the line that a server prints', () => {
  it('is taken when it is about that server', () => {
    expect(read({ ...GATE, key: pair.clientPublic })).toMatchObject({ addresses: ['192.0.2.66'], name: 'newbox' });
  });

  it.each([
    ['addresses', { ...GATE, addresses: ['192.0.2.2'] }],
    ['more addresses', { ...GATE, addresses: ['192.0.2.66', '192.0.2.2'] }],
    ['name', { ...GATE, name: 'prod' }],
  ])('is refused with other %s than the gate was told to print', async (_, gate) => {
    expect(await problemOf(() => read(gate, []))).toMatchObject({ code: 'line-of-another' });
  });

  it.each([
    '',
    'Welcome!\n',
    'knockgate1 gate',
    `${formatGateLine(GATE)} and more`,
    `knockgate1 client ${'A'.repeat(43)} x`,
  ])('counts as an answer that was not understood when it is something else: %s', async (text) => {
    const problem = await problemOf(() => readPrintedLine(text, EXPECTED, { gates: [] }));
    expect(problem).toMatchObject({ code: 'answer-not-understood', exit: 3, what: expect.stringContaining('newbox') });
    expect(problem.why).toContain(text === '' ? 'said nothing' : text.trim().slice(0, 8));
  });

  it('is refused with the key of a gate elsewhere, and taken when that is the same host', async () => {
    expect(await problemOf(() => read(GATE))).toMatchObject({ code: 'gate-key-known' });
    expect(read(GATE, [{ ...KNOWN, name: 'newbox' }])).toMatchObject(GATE);
  });
});
