import { beforeEach, describe, expect, it } from 'vitest';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { formatKey } from '../../../../src/spa/keys.ts';
import { askInSteps, type TextStep } from '../../../../src/vscode/ask/ask-in-steps.ts';
import { SEQUENCE_FORM } from '../../../../src/vscode/host-forms/sequence.ts';
import { readHostBook } from '../../../../src/vscode/hosts/host-book.ts';
import { answers, ENTER, resetEditor, shown } from '../../../rig/fake-vscode.ts';

beforeEach(resetEditor);

const KEY = formatKey(new Uint8Array(32).fill(1));
const STEPS = '7000:tcp 8000:udp';
const add = (known?: string) =>
  askInSteps('Add', (soFar) => SEQUENCE_FORM.addSteps({ known, taken: new Set(['taken']) }, soFar));
const added = (known: string | undefined, given: readonly string[] | undefined) =>
  SEQUENCE_FORM.added({ known, taken: new Set() }, given ?? [], nodeCrypto);

describe('adding a host that opens to a sequence of ports', () => {
  it('asks for where it is, its steps, what it opens, and its name', async () => {
    answers.push(ENTER, 'bastion.example', STEPS, '', 'bastion');
    const host = added(undefined, await add());
    expect(host).toEqual({ name: 'bastion', fields: { kind: 'sequence', address: 'bastion.example', steps: STEPS } });
    expect(readHostBook({ bastion: host.fields }).hosts.get('bastion')).toMatchObject({ kind: 'sequence' });
    expect(shown.at(-1)?.message).toBe('Add 5/5: ');
  });

  it('asks for the name of this device and a key where each opens once', async () => {
    answers.push('One-time sequences', '192.0.2.1', 'alice-phone', 'tcp/2222', ` ${KEY} `);
    const host = added('home', await add('home'));
    const fields = { kind: 'sequence', address: '192.0.2.1', client: 'alice-phone', ports: ['tcp/2222'] };
    expect(host).toEqual({ name: 'home', fields, keys: KEY });
    expect(readHostBook({ home: host.fields }).hosts.get('home')).toMatchObject({ sequence: { kind: 'one-time' } });
  });

  it.each([
    ['where', [ENTER, 'a b']],
    ['where', [ENTER, '']],
    ['the steps', [ENTER, 'h', '']],
    ['the steps', [ENTER, 'h', '7000:icmp']],
    ['the steps', [ENTER, 'h', '7000 icmp:length=65508 9000']],
    ['what it opens', [ENTER, 'h', STEPS, 'ssh']],
    ['the name', [ENTER, 'h', STEPS, '', 'taken']],
    ['the name of this device', ['One-time sequences', 'h', '']],
    ['the name of this device', ['One-time sequences', 'h', 'a b']],
    ['the key', ['One-time sequences', 'h', 'alice', '', 'x']],
    ['the key', ['One-time sequences', 'h', 'alice', '', `${KEY}A`]],
  ])('does not take everything for %s: %j', async (_, given) => {
    answers.push(...given);
    expect(await add()).toBeUndefined();
    expect(shown.at(-1)?.kind).toBe('complaint');
    expect(shown.at(-1)?.message).not.toContain(KEY);
  });

  it('takes conditions of steps, and says which this computer cannot send', async () => {
    const steps = '7000:tcp icmp:length=120 8000:udp:length=32:sport=40000-40100:after=1s';
    answers.push(ENTER, 'h', steps, '', 'bastion');
    expect(added(undefined, await add()).fields).toMatchObject({ steps });
    answers.push(ENTER, 'h', '7000:tcp:length=21 8000 9000');
    expect(await add()).toBeUndefined();
    expect(shown.at(-1)).toMatchObject({
      kind: 'complaint',
      message: expect.stringContaining('tcp/7000:length=21: the system'),
    });
  });

  it('hides the key as it is typed', () => {
    const secrets = SEQUENCE_FORM.addSteps({ known: 'x', taken: new Set() }, ['once']).map(
      (step) => (step as TextStep).isSecret === true,
    );
    expect(secrets).toEqual([false, false, false, false, true]);
  });
});

describe('editing one', () => {
  const edit = async (before: Record<string, unknown>) =>
    SEQUENCE_FORM.edited(
      'x',
      before,
      (await askInSteps('Edit', () => SEQUENCE_FORM.editSteps(before))) ?? [],
      nodeCrypto,
    );
  const fixed = { kind: 'sequence', address: 'a.example', steps: STEPS, ports: ['tcp/22'], delay: 9, family: 'ipv6' };

  it('shows what is there, and keeps it', async () => {
    const before = { ...fixed, tcpFlags: 'syn' };
    answers.push('a.example', STEPS, 'tcp/22', '9', ENTER);
    expect(await edit(before)).toEqual(before);
    expect(shown.at(-1)?.message).toBe('Edit 5/5: IPv6 only');
  });

  it('leaves out what is as usual', async () => {
    answers.push('b.example', STEPS, '', '', 'All of them');
    expect(await edit(fixed)).toEqual({ kind: 'sequence', address: 'b.example', steps: STEPS });
  });

  it('asks for the name of this device where each opens once', async () => {
    answers.push('b.example', 'bob', '', '', ENTER);
    const before = { kind: 'sequence', address: 'a.example', client: 'alice' };
    expect(await edit(before)).toEqual({ kind: 'sequence', address: 'b.example', client: 'bob' });
  });

  it.each([
    [3, ['x', '4', '10001'], ['', '5', '50']],
    [2, ['x', 'tcp/0'], ['', 'tcp/22, udp/53']],
  ])('complains as one types, of field %i', (index, wrong, right) => {
    const step = SEQUENCE_FORM.editSteps({ steps: STEPS })[index] as TextStep;
    for (const text of wrong) expect([text, step.complaint(text)]).toEqual([text, expect.stringMatching(/\w{3}/)]);
    for (const text of right) expect([text, step.complaint(text)]).toEqual([text, undefined]);
  });
});
