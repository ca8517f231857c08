import { beforeEach, describe, expect, it, vi } from 'vitest';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { formatGateLine, parseGateLine } from '../../../../src/spa/enrolment.ts';
import { formatKey } from '../../../../src/spa/keys.ts';
import { hostCalled, readHostBook } from '../../../../src/vscode/hosts/host-book.ts';
import { gateLinkHandler } from '../../../../src/vscode/set-up/gate-link-handler.ts';
import { hostsSetting } from '../../../../src/vscode/settings.ts';
import { answers, configuration, executed, resetEditor, shown } from '../../../rig/fake-vscode.ts';
import { gateLine } from '../../cli/support.ts';
import { pair } from '../../client/support.ts';
import { FakeLog } from '../support.ts';

const LINE = gateLine('prod', ['203.0.113.7', '2001:db8::7'], [443, 62201]);
const OTHER_KEY = formatGateLine({ ...parseGateLine(LINE), key: pair.clientPublic });
const log = new FakeLog();
const handler = gateLinkHandler({
  crypto: nodeCrypto,
  hosts: () => readHostBook(hostsSetting()),
  log,
  showLog: () => {},
});

/** Opens a link, as the editor hands it over. */
const open = (line: string, more: { readonly path?: string; readonly query?: string } = {}) =>
  handler.handleUri({ path: '/add', query: `line=${line.replaceAll(' ', '+')}`, fragment: '', ...more });
const hosts = () => configuration.get('knockgate.hosts');
const dialog = () => shown.find(({ kind }) => kind === 'warning');

beforeEach(resetEditor);

describe('a link that adds a gate', () => {
  it('shows everything that it would add, asks, and offers what comes next', async () => {
    answers.push('Add Host', 'Knock and Connect');
    await open(LINE);
    expect(dialog()).toMatchObject({ message: 'A link wants to add the gate prod.' });
    const [options, ...buttons] = dialog()?.items ?? [];
    expect(options).toMatchObject({
      modal: true,
      detail: expect.stringContaining('Addresses: 203.0.113.7, 2001:db8::7'),
    });
    expect(options).toMatchObject({ detail: expect.stringContaining('Knock ports: udp/443, udp/62201') });
    expect(options).toMatchObject({ detail: expect.stringContaining(`Key: ${formatKey(pair.gatePublic)}`) });
    expect(buttons).toEqual(['Add Host', 'Add under Another Name…']);
    expect(hosts()).toEqual({ prod: { gate: LINE } });
    expect(shown.at(-1)?.message).toBe('prod is added. Does its gate know this device?');
    await expect.poll(() => executed).toEqual([{ command: 'knockgate.knockAndConnect', args: ['prod'] }]);
  });

  it('adds nothing when the person does not agree', async () => {
    await open(LINE);
    expect([hosts(), shown.length]).toEqual([undefined, 1]);
  });

  it('takes the name that the person gives it', async () => {
    answers.push('Add under Another Name…', 'work');
    await open(LINE);
    expect(hosts()).toEqual({ work: { gate: LINE } });
  });

  it.each([
    ['another path', { path: '/remove' }],
    ['another parameter', { query: `line=${LINE.replaceAll(' ', '+')}&force=1` }],
    ['a line that is none', { query: 'line=knockgate1+gate+x' }],
  ])('is refused with %s, and asks nothing', async (_, more) => {
    await open(LINE, more);
    expect(shown.map(({ kind }) => kind)).toEqual(['error']);
    expect(hosts()).toBeUndefined();
  });

  it('refuses a key that is known at another address, also under the same name', async () => {
    for (const name of ['bastion', 'prod']) {
      configuration.set('knockgate.hosts', { [name]: { gate: gateLine(name, ['192.0.2.2']) } });
      await open(LINE);
      expect(shown.map(({ kind }) => kind)).toEqual(['error']);
      expect(shown[0]?.message).toContain(`its key is that of ${name} already`);
      shown.length = 0;
    }
  });

  it('refuses to replace the line of a host that is knocked at elsewhere by that of a known gate', async () => {
    const box = { gate: OTHER_KEY, address: '192.0.2.66' };
    configuration.set('knockgate.hosts', { bastion: { gate: LINE }, prod: box });
    answers.push('Replace the Line');
    await open(LINE);
    expect(shown.at(-1)?.message).toContain('its key is that of bastion already');
    expect(hosts()).toEqual({ bastion: { gate: LINE }, prod: box });
  });

  it('refuses a key with which anybody could knock', async () => {
    await open(formatGateLine({ ...parseGateLine(LINE), key: new Uint8Array(32) }));
    expect(shown.map(({ kind }) => kind)).toEqual(['error']);
  });

  it('says so when a host has the same line already', async () => {
    configuration.set('knockgate.hosts', { prod: { gate: LINE } });
    await open(LINE);
    expect(shown.map(({ message }) => message)).toEqual(['prod already exists, exactly as in the link.']);
  });

  it('never puts another key in place of one without saying so, and keeps the other fields', async () => {
    configuration.set('knockgate.hosts', { prod: { gate: LINE, duration: 60 } });
    answers.push(undefined, 'Replace the Line');
    await open(OTHER_KEY);
    expect(hosts()).toEqual({ prod: { gate: LINE, duration: 60 } });
    await open(OTHER_KEY);
    expect(dialog()?.message).toBe('A link wants to replace the line of prod.');
    const [options, ...buttons] = dialog()?.items ?? [];
    expect(options).toMatchObject({
      detail: expect.stringMatching(/^The key is ANOTHER one: prod would no longer be/),
    });
    expect(options).toMatchObject({ detail: expect.stringContaining(`Key now: ${formatKey(pair.gatePublic)}`) });
    expect(buttons).toEqual(['Add under Another Name…', 'Replace the Line']);
    expect(hosts()).toEqual({ prod: { gate: OTHER_KEY, duration: 60 } });
  });

  it('takes a name in other capitals for the one that is there', async () => {
    configuration.set('knockgate.hosts', { Prod: { gate: LINE } });
    answers.push('Replace the Line');
    await open(OTHER_KEY);
    expect(dialog()?.message).toBe('A link wants to replace the line of Prod.');
    expect(dialog()?.items.slice(1)).toEqual(['Add under Another Name…', 'Replace the Line']);
    expect(hosts()).toEqual({ Prod: { gate: OTHER_KEY } });
  });

  it('says which addresses of another host it claims, and leaves them to that one', async () => {
    const known = { gate: LINE, address: 'prod.example.com' };
    configuration.set('knockgate.hosts', { work: known });
    answers.push('Add Host');
    const { addresses, ...gate } = parseGateLine(OTHER_KEY);
    await open(formatGateLine({ ...gate, addresses: ['prod.example.com', '198.51.100.7'] }));
    const [options] = dialog()?.items ?? [];
    expect(options).toMatchObject({
      detail: expect.stringMatching(/^prod\.example\.com is an address of work\.\n\nAddr/),
    });
    expect(Object.keys(hosts() ?? {})).toEqual(['work', 'prod']);
    expect(hostCalled('prod.example.com', readHostBook(hosts()))?.name).toBe('work');
  });

  it('does not touch a host of another kind, nor one that is written wrongly', async () => {
    for (const prod of [{ kind: 'sequence' }, { gate: 5 }]) {
      configuration.set('knockgate.hosts', { prod });
      await open(LINE);
      expect(dialog()?.items.slice(1)).toEqual(['Add under Another Name…']);
      expect(hosts()).toEqual({ prod });
      shown.length = 0;
    }
  });

  it('asks one question at a time, whatever a page opens', async () => {
    let answer = (_: string | undefined) => {};
    answers.push(() => new Promise((resolve) => (answer = resolve)));
    const first = open(LINE);
    await vi.waitFor(() => expect(shown).toHaveLength(1));
    await open(OTHER_KEY);
    expect(shown).toHaveLength(1);
    answer(undefined);
    await first;
    await open(LINE);
    expect(shown).toHaveLength(2);
  });
});
