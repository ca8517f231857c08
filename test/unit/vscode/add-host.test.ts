import { beforeEach, describe, expect, it } from 'vitest';
import { BACK, ENTER, executed, resetEditor, shown } from '../../rig/fake-vscode.ts';
import { gateLine } from '../cli/support.ts';
import { FakeContext, hosts, messages, run, start } from './editor.ts';

const LINE = gateLine('gate', ['192.0.2.1']);

beforeEach(async () => {
  resetEditor();
  await start(new FakeContext());
});

/** The labels and details of what was offered last in a list, also after something was typed. */
const offered = () => {
  const items = shown.filter(({ kind }) => kind === 'choice' || kind === 'typed').at(-1)?.items ?? [];
  return items.map((item) => [Object(item).label, Object(item).detail]);
};
/** Buttons of the last notification. */
const buttons = () => shown.filter(({ kind }) => kind === 'information').at(-1)?.items;

describe('Add Host', () => {
  it('takes a gate’s line where it asks what the server runs, and goes on with the name', async () => {
    await run('addHost', [`  ${LINE} `, 'prod']);
    expect(hosts()).toEqual({ prod: { gate: LINE } });
    expect(shown.filter(({ kind }) => kind === 'input').map(({ message }) => message)).toEqual(['Add Host 2/2: gate']);
  });

  it('takes it for a host of the SSH configuration at once', async () => {
    await run('addHost', [LINE], { kind: 'plain', host: 'git-server' });
    expect(hosts()).toEqual({ 'git-server': { gate: LINE } });
  });

  it('says at once what is wrong with a line, and does not take it', async () => {
    await run('addHost', [LINE.split(' ').slice(0, 4).join(' ')]);
    expect(offered()[0]).toEqual(['Not a gate’s line', expect.stringContaining('That is not the whole line.')]);
    expect(hosts()).toBeUndefined();
    await run('addHost', [`knockgate1 client ${'A'.repeat(43)} alice`]);
    expect(offered()[0]?.[1]).toContain('knockgated key');
    expect(hosts()).toBeUndefined();
  });

  it.each([
    ['a quotation of a mail', `> ${LINE}`],
    ['quotes', `"${LINE}"`],
    ['code', `\`${LINE}\``],
  ])('takes a line that is pasted with %s', async (_, text) => {
    await run('addHost', [text, 'prod']);
    expect(hosts()).toEqual({ prod: { gate: LINE } });
  });

  it('says that another text is not a line, unless it searches the choices', async () => {
    await run('addHost', ['ssh-ed25519 AAAA me@laptop']);
    expect(offered()[0]).toEqual(['Not a gate’s line', 'Expected a line that begins "knockgate1 gate".']);
    await run('addHost', ['nothing yet']);
    expect(offered().map(([label]) => label)).not.toContain('Not a gate’s line');
    expect(hosts()).toBeUndefined();
  });

  it('has the line again when one goes back', async () => {
    await run('addHost', [LINE, BACK, ENTER, 'prod']);
    expect(hosts()).toEqual({ prod: { gate: LINE } });
  });

  it('offers the other ways to a host: by its kind, or by setting up a gate', async () => {
    await run('addHost', [undefined]);
    expect(offered().map(([label]) => label)).toEqual([
      'A gate of Knockgate',
      'fwknop',
      expect.stringContaining('equence'),
      'pyknock',
      'xt_pknock',
      'Aldaba',
      'Nothing yet: set up a gate on it',
    ]);
    await run('addHost', ['root@203.0.113.7']);
    expect(offered()[0]?.[0]).toBe('Set up a gate on root@203.0.113.7');
  });

  it('offers what comes next', async () => {
    await run('addHost', [LINE, 'prod', 'Copy Public Key']);
    expect(messages('information')).toEqual(['prod is added. Does its gate know this device?']);
    expect(buttons()).toEqual(['Copy Public Key', 'Knock and Connect']);
    await expect.poll(() => executed).toEqual([{ command: 'knockgate.copyPublicKey', args: ['prod'] }]);
    await run('addHost', ['A sequence of ports', ENTER, '192.0.2.9', '7000:tcp', '', 'door']);
    expect(messages('information').at(-1)).toBe('door is added.');
    expect(buttons()).toEqual(['Knock and Connect']);
  });
});

describe('Copy Public Key', () => {
  it('offers to add a host only while there is none', async () => {
    await run('copyPublicKey');
    expect(buttons()).toEqual(['Copy the Command', 'Add Host…']);
    await run('addHost', [LINE, 'prod']);
    await run('copyPublicKey');
    expect(buttons()).toEqual(['Copy the Command']);
  });
});
