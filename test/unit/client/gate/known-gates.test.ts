import { describe, expect, it } from 'vitest';
import { othersThan, refuseKnownKey, refuseKnownKeys } from '../../../../src/client/gate/known-gates.ts';
import { pair, problemOf } from '../support.ts';

const gate = (addresses: string[], key = pair.gatePublic) => ({
  key,
  slots: 32,
  addresses,
  knockPorts: [443],
  name: 'gate',
});
/** A host that is to have a line. */
const host = (name: string, line: ReturnType<typeof gate>, address?: string) => ({ name, gate: line, address });
const PROD = { name: 'prod', gate: gate(['192.0.2.2', 'gate.example']), address: undefined };

describe('a key that is known already', () => {
  it.each([
    ['at the same addresses', gate(['192.0.2.2', 'gate.example'])],
    ['at some of them', gate(['192.0.2.2'])],
    ['at one in capitals', gate(['GATE.example'])],
  ])('is good for another host %s', (_, other) => {
    expect(() => refuseKnownKey(host('alias', other), [PROD])).not.toThrow();
  });

  it.each([
    ['at another address', gate(['192.0.2.66']), '192.0.2.66'],
    ['at another address among its own', gate(['192.0.2.2', '192.0.2.66']), '192.0.2.66'],
  ])('is refused %s: who has it there would get knocks that are meant for the gate', async (_, other, strange) => {
    const problem = await problemOf(() => refuseKnownKey(host('newbox', other), [PROD]));
    expect(problem).toMatchObject({ code: 'gate-key-known', exit: 3 });
    expect(problem.why).toContain(`Knocks would go to ${strange}; prod is known at 192.0.2.2, gate.example.`);
  });

  it('is good where this device knocks at that gate', () => {
    const elsewhere = { ...PROD, address: '192.0.2.66' };
    expect(() => refuseKnownKey(host('newbox', gate(['192.0.2.66'])), [elsewhere])).not.toThrow();
  });

  it('is refused where the host itself has another address than the gate: knocks would go there', async () => {
    const theirs = gate(['192.0.2.2']);
    const problem = await problemOf(() => refuseKnownKey(host('box', theirs, '192.0.2.66'), [PROD]));
    expect(problem).toMatchObject({ code: 'gate-key-known', why: expect.stringContaining('would go to 192.0.2.66;') });
    expect(() => refuseKnownKey(host('box', theirs, 'gate.example'), [PROD])).not.toThrow();
  });

  it('is refused among lines that are added together, too', async () => {
    const lines = (second: string[]) => [['one', gate(['192.0.2.2'])] as const, ['two', gate(second)] as const];
    expect(() => refuseKnownKeys(lines(['192.0.2.2']), [])).not.toThrow();
    const problem = await problemOf(() => refuseKnownKeys(lines(['192.0.2.66']), []));
    expect(problem.what).toBe('two: its key is that of one already, which is at another address. Nothing was done.');
    expect((await problemOf(() => refuseKnownKeys([['box', gate(['192.0.2.66'])]], [PROD]))).code).toBe(
      'gate-key-known',
    );
  });

  it('does not count for the host whose line is replaced, nor does another key', () => {
    expect(() => refuseKnownKey(host('prod', gate(['192.0.2.66'])), othersThan('prod', [PROD]))).not.toThrow();
    expect(() => refuseKnownKey(host('newbox', gate(['192.0.2.66'], pair.clientPublic)), [PROD])).not.toThrow();
  });
});
