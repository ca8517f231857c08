import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TreeDataProvider } from 'vscode';
import { parseFwknopHost } from '../../../src/client/fwknop/host.ts';
import { hostsInvalid } from '../../../src/client/problems.ts';
import { parseSequenceHost } from '../../../src/client/sequence/host.ts';
import { formatKey } from '../../../src/spa/keys.ts';
import { hostDetails } from '../../../src/vscode/hosts-view/host-details.ts';
import { hostItem, partItem } from '../../../src/vscode/hosts-view/host-item.ts';
import { folderRows, type HostRow, hostRows, type PartRow } from '../../../src/vscode/hosts-view/host-rows.ts';
import { showHostsView } from '../../../src/vscode/hosts-view/hosts-view.ts';
import { HostStates } from '../../../src/vscode/knock/host-states.ts';
import { noKeyYet } from '../../../src/vscode/problems.ts';
import { EventEmitter, TreeItemCollapsibleState, treeViews } from '../../rig/fake-vscode.ts';
import { WALL_MS } from '../client/support.ts';
import { FakeMemento, HOST } from './support.ts';

const BOOK = { hosts: new Map([['prod', HOST]]), broken: new Map([['bad', hostsInvalid('x', 'y', 'z')]]) };
/** No gate is behind another host. */
const HERE = () => undefined;
const OTHER = { hosts: new Map(), broken: new Map() };
const ANSWER = { address: '192.0.2.2', port: 22, afterMs: 14.2, knocks: 1, sourceClaimed: false, atMs: WALL_MS };

beforeEach(() => {
  vi.useFakeTimers({ now: WALL_MS });
});
afterEach(() => {
  vi.useRealTimers();
});

/** How the rows of the book and of one more host are shown. */
function items(states: HostStates) {
  return hostRows(BOOK, ['other'], HERE).map((row) => hostItem(row, states, Date.now()));
}

describe('the rows', () => {
  it('are the hosts of the settings, then the rest of the SSH configuration', () => {
    const rows = hostRows(BOOK, ['a', 'prod', 'bad', 'b'], HERE).map(({ kind, host }) => `${kind} ${host}`);
    expect(rows).toEqual(['gated prod', 'broken bad', 'plain a', 'plain b']);
  });

  it('say in a word or two what is so', () => {
    const states = new HostStates(() => Date.now());
    const says = () => items(states).map(({ description }) => description);
    expect(says()).toEqual(['closed', 'wrong settings', 'no gate']);
    states.set('prod', { kind: 'open', untilMs: WALL_MS + 900_000, answer: ANSWER });
    expect(says()[0]).toBe('open 15 min');
    states.set('prod', { kind: 'open', untilMs: WALL_MS + 28_000, answer: ANSWER });
    expect(says()[0]).toBe('open 30 s');
    vi.advanceTimersByTime(8000);
    expect(says()[0]).toBe('open 20 s');
    vi.advanceTimersByTime(20_000);
    expect(says()[0]).toBe('closed');
    states.set('prod', { kind: 'failed', problem: noKeyYet().text, atMs: WALL_MS });
    expect(says()[0]).toBe('no key');
  });

  it('say it to a screen reader in whole words, without counting', () => {
    const states = new HostStates(() => Date.now());
    const spoken = () => items(states).map(({ accessibilityInformation }) => accessibilityInformation?.label);
    expect(spoken()).toEqual(['prod, closed', 'bad, wrong settings', 'other, no gate']);
    states.set('prod', { kind: 'open', untilMs: WALL_MS + 28_000, answer: ANSWER });
    const [open] = spoken();
    expect(open).toMatch(/^prod, open until \d\d:\d\d:\d\d$/);
    vi.advanceTimersByTime(8000);
    expect(spoken()[0]).toBe(open);
    states.set('prod', { kind: 'failed', problem: noKeyYet().text, atMs: WALL_MS });
    expect(spoken()[0]).toBe('prod, failed: no key');
  });

  it('have the menus of their kind, and can be unfolded where there is more to see', () => {
    const [prod, bad, other] = items(new HostStates(() => Date.now()));
    expect([prod, bad, other].map((item) => item?.contextValue)).toEqual(['host.gated', 'host.broken', 'host.plain']);
    expect(prod?.collapsibleState).toBe(TreeItemCollapsibleState.Collapsed);
    expect([bad?.collapsibleState, other?.collapsibleState]).toEqual([undefined, undefined]);
  });
});

describe('a host whose gate is behind a jump', () => {
  it('is said to be out of reach, with what to do', () => {
    const [row] = hostRows(BOOK, [], () => 'bastion');
    if (row === undefined) throw new Error('no row');
    const item = hostItem(row, new HostStates(() => Date.now()), Date.now());
    expect(item.description).toBe('behind bastion');
    expect(item.accessibilityInformation?.label).toBe('prod, out of reach, behind bastion');
    expect(String(item.tooltip)).toContain('trusted_networks');
  });
});

describe('below a host', () => {
  const FACTS = { answer: undefined, hasPsk: false, hasKeys: false, hookIsOn: false };
  const told = (...args: Parameters<typeof hostDetails>) =>
    hostDetails(...args).map(({ label, value }) => `${label}: ${value}`);

  it('is what is known of its gate', () => {
    const key = formatKey(HOST.gate.key).slice(0, 12);
    expect(told(HOST, FACTS)).toEqual([
      ...['Address: 192.0.2.2', 'Last knock: none yet', 'Identity: default'],
      ...[`Gate’s key: ${key}…`, 'SSH hook: off'],
    ]);
    const all = { answer: ANSWER, hasPsk: true, hasKeys: false, hookIsOn: true };
    expect(told({ ...HOST, identity: 'work' }, all)).toEqual([
      ...['Address: 192.0.2.2', expect.stringMatching(/^Last knock: [\d:]{8}$/), 'Identity: work'],
      ...['Pre-shared key: set', `Gate’s key: ${key}…`, 'SSH hook: on'],
    ]);
    const tooltips = hostDetails(HOST, all).map(({ tooltip }) => tooltip);
    expect(tooltips.join()).toContain(formatKey(HOST.gate.key));
    expect(tooltips.join()).toContain('192.0.2.2 tcp/22 opened after 14 ms');
  });

  it('is what is known of other hosts', () => {
    const fwknop = parseFwknopHost('office', { kind: 'fwknop', address: 'office.example' }, 'x', 'setting');
    expect(told(fwknop, FACTS)).toContain('Keys: missing');
    expect(told(fwknop, { ...FACTS, hasKeys: true })).toContain('Keys: set');
    const steps = parseSequenceHost('door', { kind: 'sequence', address: '192.0.2.9', steps: '7:tcp' }, 'x', 'setting');
    expect(told(steps, FACTS)).toEqual(['Address: 192.0.2.9', 'Last knock: none yet', 'SSH hook: off']);
  });

  it('are the folders that were opened there, by whatever name it was called', () => {
    const folder = (host: string, path: string) => ({ host, user: undefined, port: undefined, path });
    const folders = [folder('prod', '/a'), folder('other', '/b'), folder('192.0.2.2', '/c')];
    const rows = folderRows('prod', BOOK, folders);
    const shown = rows.map((row) => partItem(row));
    expect(shown.map(({ label }) => label)).toEqual(['/a', '/c']);
    expect(shown[0]?.command).toMatchObject({ command: 'knockgate.openFolder', arguments: [rows[0]] });
    const many = Array.from({ length: 9 }, (_, i) => folder('prod', `/${i}`));
    expect(folderRows('prod', BOOK, many)).toHaveLength(5);
  });
});

describe('the view', () => {
  function view(book: typeof BOOK | typeof OTHER, aliases: string[]) {
    const states = new HostStates(() => Date.now());
    const asked = new EventEmitter<undefined>();
    const clock = { wallMs: () => Date.now(), monotonicMs: () => Date.now(), sleep: () => Promise.resolve() };
    const onRefreshHosts = (listener: () => void) => asked.event(listener);
    const disposables = showHostsView({
      hosts: () => book,
      sshAliases: () => aliases,
      doors: { behind: HERE },
      keyring: { hasPsk: () => false },
      hostSecrets: { has: () => false },
      sshHook: { isOn: false },
      globalState: new FakeMemento(),
      states,
      clock,
      onRefreshHosts,
    });
    const made = treeViews.at(-1);
    const tree = made?.options.treeDataProvider as TreeDataProvider<HostRow | PartRow>;
    const drawn: (string | undefined)[] = [];
    tree.onDidChangeTreeData?.((row) => drawn.push(Array.isArray(row) ? 'several' : row?.host));
    tree.getChildren();
    const dispose = () => {
      for (const each of disposables) each.dispose();
    };
    return { states, asked, made, tree, drawn, dispose };
  }

  it('draws a row when its state changes, at each step of the countdown, and when it closes; no other', () => {
    const { states, drawn, dispose } = view(BOOK, ['other']);
    states.set('prod', { kind: 'open', untilMs: WALL_MS + 30_000, answer: ANSWER });
    expect(drawn).toEqual(['prod']);
    vi.advanceTimersByTime(9000);
    expect(drawn).toHaveLength(1);
    vi.advanceTimersByTime(22_000);
    expect(drawn).toEqual(['prod', 'prod', 'prod', 'prod']);
    expect(vi.getTimerCount()).toBe(0);
    dispose();
  });

  it('draws everything when it is asked to, and leaves nothing behind', () => {
    const { states, asked, drawn, dispose } = view(BOOK, []);
    asked.fire(undefined);
    expect(drawn).toEqual([undefined]);
    states.set('prod', { kind: 'open', untilMs: WALL_MS + 90_000, answer: ANSWER });
    dispose();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('unfolds what is known of a host', async () => {
    const { tree, dispose } = view(BOOK, ['other']);
    const rows = (await tree.getChildren()) ?? [];
    const below = await Promise.all(rows.map(async (row) => ((await tree.getChildren(row)) ?? []).length));
    expect(below).toEqual([5, 0, 0]);
    dispose();
  });

  it('says how to begin where hosts are but no gate', () => {
    expect(view(BOOK, ['a']).made?.message).toBe('');
    expect(view(OTHER, ['a']).made?.message).toContain('No gate yet');
    // One with wrong settings may have a gate.
    expect(view({ ...OTHER, broken: BOOK.broken }, ['a']).made?.message).toBe('');
    expect(view(OTHER, []).made?.message).toBe('');
  });
});
