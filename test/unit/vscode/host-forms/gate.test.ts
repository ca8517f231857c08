import { beforeEach, describe, expect, it } from 'vitest';
import { parseGateHost } from '../../../../src/client/gate/host.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { formatGateLine, parseGateLine } from '../../../../src/spa/enrolment.ts';
import { askInSteps, type TextStep } from '../../../../src/vscode/ask/ask-in-steps.ts';
import { GATE_FORM } from '../../../../src/vscode/host-forms/gate.ts';
import { answers, BACK, configuration, resetEditor, shown } from '../../../rig/fake-vscode.ts';
import { gateLine } from '../../cli/support.ts';
import { pair } from '../../client/support.ts';

beforeEach(resetEditor);

const LINE = gateLine('gate', ['192.0.2.1']);
const OTHER_KEY = formatGateLine({ ...parseGateLine(LINE), key: pair.clientPublic });
const edit = (before: Record<string, unknown>) => askInSteps('Edit', () => GATE_FORM.editSteps(before));
const edited = (before: Record<string, unknown>, given: readonly string[] | undefined) =>
  GATE_FORM.edited('prod', before, given ?? [], nodeCrypto);
const add = (known?: string, taken: string[] = []) =>
  askInSteps('Add', (soFar) => GATE_FORM.addSteps({ known, taken: new Set(taken) }, soFar));
const added = (known: string | undefined, given: readonly string[] | undefined) =>
  GATE_FORM.added({ known, taken: new Set() }, given ?? [], nodeCrypto);

describe('editing a host', () => {
  it('shows what is there, and keeps it', async () => {
    const before = { gate: LINE, address: '192.0.2.9', knockPorts: [443, 53], ports: ['tcp/22'], duration: 60 };
    answers.push(LINE, '192.0.2.9', '443, 53', 'tcp/22', '60');
    const given = await edit(before);
    expect(shown.map(({ message }) => message)).toEqual([
      `Edit 1/5: ${LINE}`,
      'Edit 2/5: 192.0.2.9',
      'Edit 3/5: 443, 53',
      'Edit 4/5: tcp/22',
      'Edit 5/5: 60',
    ]);
    expect(edited(before, given)).toEqual(before);
  });

  it('leaves out what is empty, and the result is right', async () => {
    answers.push(`  ${LINE.replaceAll(' ', '  ')} `, '', ' ', '', '');
    const fields = edited({}, await edit({ gate: 5, ports: 'x' }));
    expect(fields).toEqual({ gate: LINE });
    expect(parseGateHost('prod', fields, 'x', 'setting').name).toBe('prod');
  });

  it('refuses a line with the key of another gate for a host that is knocked at elsewhere', () => {
    configuration.set('knockgate.hosts', { other: { gate: LINE } });
    const before = { gate: OTHER_KEY, address: '192.0.2.66' };
    expect(() => edited(before, [LINE, '192.0.2.66', '', '', ''])).toThrow(/its key is that of other already/);
    // The same line at an address that the person gives it: another way to the same gate.
    const sameLine = { gate: LINE };
    expect(edited(sameLine, [LINE, '192.0.2.66', '', '', ''])).toEqual({ ...sameLine, address: '192.0.2.66' });
  });

  it('goes back to what was typed', async () => {
    answers.push(LINE, '192.0.2.7', BACK, BACK);
    expect(await edit({ gate: LINE })).toBeUndefined();
    expect(shown.map(({ message }) => message).slice(2)).toEqual([
      'Edit 3/5: ',
      'Edit 2/5: 192.0.2.7',
      `Edit 1/5: ${LINE}`,
    ]);
  });

  it.each([
    [0, ['', 'x', 'knockgate1 client x y', LINE.replace(' 32 ', ' 7 ')], [LINE, `${LINE}\n`]],
    [1, ['a b', '010.1', '-x'], ['', 'gate.example', '2001:db8::1']],
    [2, ['x', '0', '65536', '443, 443', '1.5'], ['', '443', '443 62201', '443,53']],
    [3, ['ssh', 'tcp/', 'tcp/23-22', 'tcp/22 tcp/22'], ['', '22', 'tcp/22', 'tcp/22, udp/60001']],
    [4, ['x', '-1', '65536', '1.5'], ['', '0', '30']],
  ])('complains as one types, of field %i', (index, wrong, right) => {
    const step = GATE_FORM.editSteps({})[index] as TextStep;
    for (const text of wrong) expect([text, step.complaint(text)]).toEqual([text, expect.stringMatching(/\w{3}/)]);
    for (const text of right) expect([text, step.complaint(text)]).toEqual([text, undefined]);
  });
});

describe('adding a host', () => {
  it('asks for the line, then offers the gate’s name', async () => {
    answers.push(LINE, 'prod');
    expect(added(undefined, await add())).toEqual({ name: 'prod', fields: { gate: LINE } });
    expect(shown.map(({ message }) => message)).toEqual(['Add 1/2: ', 'Add 2/2: gate']);
  });

  it('asks for the line alone when the name is known', async () => {
    answers.push(LINE);
    expect(added('prod', await add('prod'))).toEqual({ name: 'prod', fields: { gate: LINE } });
  });

  it('takes no name that is none, or taken', async () => {
    for (const name of ['-x', 'a b', '', 'prod']) {
      answers.push(LINE, name);
      expect(await add(undefined, ['prod'])).toBeUndefined();
      expect(shown.at(-1)?.kind).toBe('complaint');
    }
  });
});
