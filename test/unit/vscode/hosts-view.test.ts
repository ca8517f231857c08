import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hostsInvalid } from '../../../src/client/problems.ts';
import { HostStates } from '../../../src/vscode/host-states.ts';
import { hostItem } from '../../../src/vscode/hosts-view/host-item.ts';
import { hostRows } from '../../../src/vscode/hosts-view/host-rows.ts';
import { showHostsView } from '../../../src/vscode/hosts-view/hosts-view.ts';
import { noKeyYet } from '../../../src/vscode/problems.ts';
import { WALL_MS } from '../client/support.ts';
import { EventEmitter, treeViews } from './fake-vscode.ts';
import { HOST } from './support.ts';

const BOOK = { hosts: new Map([['prod', HOST]]), broken: new Map([['bad', hostsInvalid('x', 'y', 'z')]]) };
/** No gate stands behind another host. */
const HERE = () => undefined;
const ANSWER = { address: '192.0.2.2', port: 22, afterMs: 14.2, knocks: 1, sourceClaimed: false, atMs: WALL_MS };

beforeEach(() => {
  vi.useFakeTimers({ now: WALL_MS });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the rows', () => {
  it('are the hosts of the settings, then the rest of the SSH configuration', () => {
    const rows = hostRows(BOOK, ['a', 'prod', 'bad', 'b'], HERE).map(({ kind, host }) => `${kind} ${host}`);
    expect(rows).toEqual(['gated prod', 'broken bad', 'plain a', 'plain b']);
  });

  it('say in words what is so, to everybody', () => {
    const states = new HostStates(() => Date.now());
    const [prod, bad, other] = hostRows(BOOK, ['other'], HERE);
    const texts = () =>
      [prod, bad, other].flatMap((row) => (row === undefined ? [] : [String(hostItem(row, states).description)]));
    expect(texts()).toEqual(['closed', 'wrong settings', 'no gate']);
    states.set('prod', { kind: 'open', untilMs: WALL_MS + 30_000, answer: ANSWER });
    expect(texts()[0]).toMatch(/^open until .*:.*, after 14 ms$/);
    vi.advanceTimersByTime(31_000);
    expect(texts()[0]).toMatch(/^closed; last opened at .*:/);
    states.set('prod', { kind: 'failed', problem: noKeyYet().text, atMs: WALL_MS });
    expect(texts()[0]).toBe('failed: no key');
    for (const row of hostRows(BOOK, ['other'], HERE)) {
      const { accessibilityInformation, contextValue, description } = hostItem(row, states);
      expect(accessibilityInformation?.label).toBe(`${row.host}, ${description}`);
      expect(contextValue).toBe(`host.${row.kind}`);
    }
  });
});

describe('a host whose gate stands behind a jump', () => {
  it('is said to be out of reach, with what to do', () => {
    const [row] = hostRows(BOOK, [], () => 'bastion');
    if (row === undefined) throw new Error('no row');
    const item = hostItem(row, new HostStates(() => Date.now()));
    expect(item.accessibilityInformation?.label).toBe('prod, out of reach, behind bastion');
    expect(String(item.tooltip)).toContain('trusted_networks');
  });
});

describe('the view', () => {
  function view(book: typeof BOOK, aliases: string[]) {
    const states = new HostStates(() => Date.now());
    const asked = new EventEmitter<undefined>();
    let drawn = 0;
    const clock = { wallMs: () => Date.now(), monotonicMs: () => Date.now(), sleep: () => Promise.resolve() };
    const onRefreshHosts = (listener: () => void) => asked.event(listener);
    const disposables = showHostsView({
      hosts: () => book,
      sshAliases: () => aliases,
      doors: { behind: HERE },
      states,
      clock,
      onRefreshHosts,
    });
    const made = treeViews.at(-1);
    const tree = made?.options.treeDataProvider;
    if (typeof tree === 'object' && tree !== null && 'onDidChangeTreeData' in tree) {
      const listen: unknown = tree.onDidChangeTreeData;
      if (typeof listen === 'function') listen(() => drawn++);
    }
    const dispose = () => {
      for (const each of disposables) each.dispose();
    };
    return { states, asked, made, drawn: () => drawn, dispose };
  }

  it('is drawn when a state changes, when a door closes by itself, and when it is asked to', () => {
    const { states, asked, drawn, dispose } = view(BOOK, []);
    states.set('prod', { kind: 'open', untilMs: WALL_MS + 30_000, answer: ANSWER });
    expect(drawn()).toBe(1);
    vi.advanceTimersByTime(29_000);
    expect(drawn()).toBe(1);
    vi.advanceTimersByTime(2000);
    expect(drawn()).toBe(2);
    asked.fire(undefined);
    expect(drawn()).toBe(3);
    states.set('prod', { kind: 'open', untilMs: WALL_MS + 90_000, answer: ANSWER });
    dispose();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('says how to begin where hosts are but no gate', () => {
    const none = { hosts: new Map(), broken: new Map() };
    expect(view(BOOK, ['a']).made?.message).toBe('');
    expect(view(none, ['a']).made?.message).toContain('No host has a gate yet');
    expect(view(none, []).made?.message).toBe('');
  });
});
