import { beforeEach, describe, expect, it } from 'vitest';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { askInSteps, type TextStep } from '../../../../src/vscode/ask/ask-in-steps.ts';
import { ALDABA_FORM } from '../../../../src/vscode/host-forms/aldaba.ts';
import { PYKNOCK_FORM } from '../../../../src/vscode/host-forms/pyknock.ts';
import { XT_PKNOCK_FORM } from '../../../../src/vscode/host-forms/xt-pknock.ts';
import { readHostBook } from '../../../../src/vscode/hosts/host-book.ts';
import { answers, ENTER, resetEditor, shown } from '../../../rig/fake-vscode.ts';
import { problemOf } from '../../support.ts';

beforeEach(resetEditor);

type Form = typeof PYKNOCK_FORM;
const ADDING = { known: undefined, taken: new Set(['taken']) };
const add = async (form: Form, ...given: (string | typeof ENTER)[]) => {
  answers.push(...given);
  const all = await askInSteps('Add', (soFar) => form.addSteps(ADDING, soFar));
  return all && form.added(ADDING, all, nodeCrypto);
};
const edit = async (form: Form, before: Record<string, unknown>, ...given: (string | typeof ENTER)[]) => {
  answers.push(...given);
  const all = await askInSteps('Edit', () => form.editSteps(before));
  return all && form.edited('x', before, all, nodeCrypto);
};

describe('adding a peer', () => {
  it.each<[string, Form, string[], object, string | undefined]>([
    ['pyknock', PYKNOCK_FORM, ['a.example', '', 'pässwörd', 'door'], { kind: 'pyknock' }, 'pässwörd'],
    [
      'Aldaba',
      ALDABA_FORM,
      ['a.example', 'tcp/22 udp/53', 'Squeamish', 'door'],
      { kind: 'aldaba', ports: ['tcp/22', 'udp/53'] },
      'Squeamish',
    ],
    [
      'xt_pknock by its steps',
      XT_PKNOCK_FORM,
      ['a.example', '7:udp 9:udp', '', 'door'],
      { kind: 'xt_pknock', steps: '7:udp 9:udp' },
      undefined,
    ],
    [
      'xt_pknock by a secret',
      XT_PKNOCK_FORM,
      ['a.example', '', '2000', '', 'foo', 'door'],
      { kind: 'xt_pknock', knockPort: 2000 },
      'foo',
    ],
  ])('%s makes a host that the settings take', async (_, form, given, fields, keys) => {
    const added = await add(form, ...given);
    expect(added).toEqual({ name: 'door', fields: { address: 'a.example', ...fields }, ...(keys && { keys }) });
    const host = readHostBook({ door: added?.fields }).hosts.get('door');
    expect(host?.kind).toBe(added?.fields.kind);
    expect(JSON.stringify(added?.fields)).not.toContain(String(keys));
  });

  it.each<[string, Form, string[]]>([
    ['where', PYKNOCK_FORM, ['a b']],
    ['where', PYKNOCK_FORM, ['']],
    ['a key of pyknock', PYKNOCK_FORM, ['a', '', '€uro']],
    ['a key of pyknock', PYKNOCK_FORM, ['a', '', '']],
    ['a passphrase', ALDABA_FORM, ['a', '', '1234567']],
    ['steps', XT_PKNOCK_FORM, ['a', '7:tcp 9:udp']],
    ['a knock port', XT_PKNOCK_FORM, ['a', '', '70000']],
    ['a secret', XT_PKNOCK_FORM, ['a', '', '2000', '', '']],
    ['the name', PYKNOCK_FORM, ['a', '', 'k', 'taken']],
  ])('does not take everything for %s: %j', async (_, form, given) => {
    expect(await add(form, ...given)).toBeUndefined();
    expect(shown.at(-1)?.kind).toBe('complaint');
  });

  it('hides the secret as it is typed, and only that', () => {
    for (const form of [PYKNOCK_FORM, ALDABA_FORM, XT_PKNOCK_FORM]) {
      const steps = form.addSteps({ known: 'x', taken: new Set() }, []) as TextStep[];
      expect(steps.map(({ isSecret }) => isSecret === true)).toEqual(steps.map((step) => step === steps.at(-1)));
      expect(form.keysOf?.([' k '], {})).toBe('k');
      expect(form.keySteps?.([], {})).toHaveLength(1);
    }
  });

  it('makes no host of xt_pknock without a way', async () => {
    const problem = await problemOf(() => add(XT_PKNOCK_FORM, 'a', '', '', '', 'foo', 'door'));
    expect(problem.what).toContain('steps');
  });
});

describe('editing a peer', () => {
  it('shows every field, and keeps it', async () => {
    const before = { kind: 'pyknock', address: 'a.example', ports: ['tcp/22'], source: '192.0.2.1', knockPort: 7 };
    expect(await edit(PYKNOCK_FORM, before, 'a.example', 'tcp/22', '192.0.2.1', '7')).toEqual(before);
    const aldaba = { kind: 'aldaba', address: 'a.example', cipher: 'aes-ofb', source: '2001:db8::1', knockPort: 7177 };
    expect(await edit(ALDABA_FORM, aldaba, 'a.example', '', ENTER, '2001:db8::1', '7177')).toEqual(aldaba);
  });

  it('asks of xt_pknock what its way has', async () => {
    const steps = { kind: 'xt_pknock', address: 'a.example', steps: '7 9', delay: 9 };
    expect(await edit(XT_PKNOCK_FORM, steps, 'a.example', '7 9', '', '9')).toEqual(steps);
    const secret = { kind: 'xt_pknock', address: 'a.example', knockPort: 2000, source: '192.0.2.1' };
    expect(await edit(XT_PKNOCK_FORM, secret, 'a.example', '', '2000', '', '192.0.2.1')).toEqual(secret);
  });

  it('leaves out what is as usual', async () => {
    const before = { kind: 'aldaba', address: 'a.example', cipher: 'aes-ofb' };
    expect(await edit(ALDABA_FORM, before, 'a.example', '', 'aes-cbc', '', '')).toEqual({
      kind: 'aldaba',
      address: 'a.example',
    });
  });
});
