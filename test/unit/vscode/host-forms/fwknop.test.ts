import { beforeEach, describe, expect, it } from 'vitest';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { askInSteps, type TextStep } from '../../../../src/vscode/ask/ask-in-steps.ts';
import { FWKNOP_FORM } from '../../../../src/vscode/host-forms/fwknop.ts';
import { readHostBook } from '../../../../src/vscode/hosts/host-book.ts';
import { answers, BACK, ENTER, resetEditor, shown } from '../../../rig/fake-vscode.ts';

beforeEach(resetEditor);

const KEY = Buffer.alloc(32, 1).toString('base64');
const HMAC_KEY = Buffer.alloc(64, 2).toString('base64');
const add = (known?: string) =>
  askInSteps('Add', (soFar) => FWKNOP_FORM.addSteps({ known, taken: new Set(['taken']) }, soFar));
const added = (known: string | undefined, given: readonly string[] | undefined) =>
  FWKNOP_FORM.added({ known, taken: new Set() }, given ?? [], nodeCrypto);

describe('adding a host behind fwknopd', () => {
  it('asks for where it is, what to ask for, its keys, and its name', async () => {
    answers.push('bastion.example', '', ENTER, KEY, HMAC_KEY, 'bastion');
    expect(added(undefined, await add())).toEqual({
      name: 'bastion',
      fields: { kind: 'fwknop', address: 'bastion.example' },
      keys: `KEY_BASE64: ${KEY}\nHMAC_KEY_BASE64: ${HMAC_KEY}\n`,
    });
    expect(shown.map(({ message }) => message)).toEqual([
      'Add 1/6: ',
      'Add 2/6: ',
      'Add 3/6: Base64',
      'Add 4/6: ',
      'Add 5/6: ',
      'Add 6/6: ',
    ]);
  });

  it('takes keys that are texts, lines as access.conf has them, and packets without HMAC', async () => {
    answers.push('192.0.2.1', 'tcp/22 udp/53', 'Text', 'KEY  secret', '');
    expect(added('bastion', await add('bastion'))).toEqual({
      name: 'bastion',
      fields: { kind: 'fwknop', address: '192.0.2.1', ports: ['tcp/22', 'udp/53'], hmac: 'none' },
      keys: 'KEY: secret\n',
    });
  });

  it('makes a host that the settings take', async () => {
    answers.push('bastion.example', 'tcp/2222', ENTER, KEY, HMAC_KEY, 'bastion');
    const { fields } = added(undefined, await add());
    expect(readHostBook({ bastion: fields }).hosts.get('bastion')).toMatchObject({
      kind: 'fwknop',
      ports: [{ protocol: 'tcp', port: 2222 }],
    });
  });

  it.each([
    ['where', ['a b']],
    ['where', ['']],
    ['what', ['h', 'ssh']],
    ['the key', ['h', '', ENTER, '']],
    ['the key', ['h', '', ENTER, 'not base64!']],
    ['the key', ['h', '', ENTER, Buffer.alloc(33).toString('base64')]],
    ['the key', ['h', '', 'Text', '__CHANGEME__']],
    ['the key of the HMAC', ['h', '', ENTER, KEY, KEY]],
    ['the name', ['h', '', ENTER, KEY, HMAC_KEY, 'taken']],
    ['the name', ['h', '', ENTER, KEY, HMAC_KEY, '-x']],
  ])('does not take everything for %s: %j', async (_, given) => {
    answers.push(...given);
    expect(await add()).toBeUndefined();
    expect(shown.at(-1)?.kind).toBe('complaint');
    expect(shown.at(-1)?.message).not.toContain(KEY);
  });

  it('goes back from a choice to what was typed', async () => {
    answers.push('bastion.example', '', BACK, BACK);
    expect(await add()).toBeUndefined();
    expect(shown.at(-1)?.message).toBe('Add 1/6: bastion.example');
  });

  it('hides keys as they are typed', () => {
    const steps = FWKNOP_FORM.addSteps({ known: 'x', taken: new Set() }, []);
    expect(steps.map((step) => (step as TextStep).isSecret === true)).toEqual([false, false, false, true, true]);
  });
});

describe('editing one', () => {
  const before = {
    kind: 'fwknop',
    address: 'bastion.example',
    ports: ['tcp/22'],
    carrier: 'tcp',
    knockPort: 4711,
    mode: 'ctr',
    digest: 'sha512',
    hmac: 'sha3_256',
    source: 'seen',
    duration: 60,
    forward: '10.0.0.5:22',
    user: 'alice',
  };
  const edit = (fields: Record<string, unknown>) => askInSteps('Edit', () => FWKNOP_FORM.editSteps(fields));
  const edited = (given: readonly string[] | undefined) => FWKNOP_FORM.edited('x', {}, given ?? [], nodeCrypto);

  it('shows what is there, and keeps it', async () => {
    answers.push(
      'bastion.example',
      'tcp/22',
      ENTER,
      '4711',
      ENTER,
      ENTER,
      ENTER,
      'seen',
      '60',
      '10.0.0.5:22',
      '',
      'alice',
    );
    expect(edited(await edit(before))).toEqual(before);
    expect(shown.filter(({ kind }) => kind === 'choice').map(({ message }) => message)).toEqual([
      'Edit 3/12: tcp',
      'Edit 5/12: ctr',
      'Edit 6/12: sha512',
      'Edit 7/12: sha3_256',
    ]);
  });

  it('leaves out what is as usual', async () => {
    answers.push('bastion.example', '', 'udp', '', 'cbc', 'sha256', 'sha256', '', '', '', '', '');
    expect(edited(await edit(before))).toEqual({ kind: 'fwknop', address: 'bastion.example' });
  });

  it.each([
    [3, ['x', '0', '65536'], ['', '1', '62201']],
    [7, ['x', '2001:db8::1', '1.2.3'], ['', 'own', 'seen', '192.0.2.1']],
    [8, ['x', '-1', '65536'], ['', '0', '30']],
    [9, ['x', '10.0.0.5', 'a:0'], ['', '10.0.0.5:22', 'local:22']],
    [10, ['é', 'a'.repeat(177)], ['', 'wall hello']],
    [11, ['a b', 'a/b'], ['', 'alice']],
  ])('complains as one types, of field %i', (index, wrong, right) => {
    const step = FWKNOP_FORM.editSteps({})[index] as TextStep;
    for (const text of wrong) expect([text, step.complaint(text)]).toEqual([text, expect.stringMatching(/\w{3}/)]);
    for (const text of right) expect([text, step.complaint(text)]).toEqual([text, undefined]);
  });
});
