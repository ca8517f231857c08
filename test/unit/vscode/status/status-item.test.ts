import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ExitCode, Problem } from '../../../../src/base/problem.ts';
import { HostStates } from '../../../../src/vscode/knock/host-states.ts';
import { noKeyYet } from '../../../../src/vscode/problems.ts';
import { Lock } from '../../../../src/vscode/status/status-item.ts';
import { FakeStatusBarItem, MarkdownString, statusBarItems } from '../../../rig/fake-vscode.ts';
import { WALL_MS } from '../../client/support.ts';
import { HOST, NO_ANSWER } from '../support.ts';

const ANSWER = { address: '192.0.2.2', port: 22, afterMs: 13.6, knocks: 1, sourceClaimed: true, atMs: WALL_MS };

beforeEach(() => {
  vi.useFakeTimers({ now: WALL_MS });
});
afterEach(() => {
  vi.useRealTimers();
});

function lock(windowHost?: string, hosts = new Map([['prod', HOST]])) {
  const states = new HostStates(() => Date.now());
  const book = { hosts, broken: new Map() };
  const shown = new Lock({ states, hosts: () => book, windowHost: () => windowHost, wallMs: () => Date.now() });
  const item = statusBarItems.at(-1) ?? new FakeStatusBarItem();
  const tooltip = () => (item.tooltip instanceof MarkdownString ? item.tooltip.value : String(item.tooltip));
  return { states, item, tooltip, shown };
}

describe('the lock', () => {
  it('is not there while no host has a gate', () => {
    expect(lock(undefined, new Map()).item.isShown).toBe(false);
  });

  it('speaks of no host before any is known, then of the last one that was knocked at', () => {
    const { states, item } = lock();
    expect([item.isShown, item.text]).toEqual([true, '$(lock) Knock']);
    states.set('prod', { kind: 'knocking' });
    expect(item.text).toBe('$(sync~spin) prod: knocking');
  });

  it('speaks of the window’s host, and opens the actions', () => {
    const { item } = lock('prod');
    expect(item).toMatchObject({ text: '$(lock) prod: closed', command: 'knockgate.showActions' });
    expect(item.name).not.toBe('');
  });

  it('counts down while the door is open, in words too, then says that it is closed and counts no more', () => {
    const { states, item } = lock('prod');
    states.set('prod', { kind: 'open', untilMs: WALL_MS + 30_000, answer: ANSWER });
    expect(item.text).toBe('$(unlock) prod: open 30 s');
    vi.advanceTimersByTime(9000);
    expect(item.text).toBe('$(unlock) prod: open 30 s');
    vi.advanceTimersByTime(1000);
    expect(item.text).toBe('$(unlock) prod: open 20 s');
    expect(item.accessibilityInformation).toEqual({ label: 'Knockgate, prod: open, 20 seconds left', role: 'button' });
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(20_000);
    expect(item.text).toBe('$(lock) prod: closed');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('tells minutes while there is more than a minute and a half', () => {
    const { states, item } = lock('prod');
    states.set('prod', { kind: 'open', untilMs: WALL_MS + 900_000, answer: ANSWER });
    expect(item.text).toBe('$(unlock) prod: open 15 min');
    expect(item.accessibilityInformation).toMatchObject({ label: 'Knockgate, prod: open, 15 minutes left' });
    vi.advanceTimersByTime(809_000);
    expect(item.text).toBe('$(unlock) prod: open 2 min');
    vi.advanceTimersByTime(1000);
    expect(item.text).toBe('$(unlock) prod: open 90 s');
  });

  it('tells host, gate, what answered, and what can be done; and is not rewritten while it is read', () => {
    const { states, item, tooltip } = lock('prod');
    states.set('prod', { kind: 'open', untilMs: WALL_MS + 30_000, answer: ANSWER });
    const shown = item.tooltip;
    for (const part of [
      '**prod**',
      'gate gate',
      '`192.0.2.2`',
      'UDP 443',
      '`192.0.2.2 tcp/22`',
      '14 ms',
      'own address',
    ])
      expect(tooltip()).toContain(part);
    expect(tooltip()).toContain(`command:knockgate.knockHost?${encodeURIComponent('["prod"]')}`);
    vi.advanceTimersByTime(5000);
    expect(item.tooltip).toBe(shown);
  });

  it.each([
    [0, 'the usual time'],
    [900, 'the time that was asked for'],
  ])('tells that the end is known no better: %i s', (duration, says) => {
    const { states, tooltip } = lock('prod', new Map([['prod', { ...HOST, duration }]]));
    states.set('prod', { kind: 'open', untilMs: WALL_MS + 30_000, answer: undefined });
    expect(tooltip()).toContain(says);
    states.set('prod', { kind: 'closed' });
    expect(tooltip()).not.toContain(says);
  });

  it.each([
    [NO_ANSWER, 'no answer', 'date -u'],
    [noKeyYet(), 'no key', 'Copy Public Key'],
  ])('says why it failed', (problem, short, next) => {
    const { states, item, tooltip } = lock('prod');
    states.set('prod', { kind: 'failed', problem: problem.text, atMs: WALL_MS });
    expect(item.text).toBe(`$(warning) prod: ${short}`);
    expect(item.accessibilityInformation).toMatchObject({ label: `Knockgate, prod: failed: ${short}` });
    expect(tooltip()).toContain(next);
  });

  it.each([
    [
      'an address',
      'http://evil.example www.evil.example a@evil.example',
      'http\\:\\/\\/evil\\.example www\\.evil\\.example a\\@evil\\.example',
    ],
    ['HTML and a picture', '<a href=x> ![x](y)', '\\<a href\\=x\\> \\!\\[x\\] \\(y\\)'],
    ['what ends code', '`` ` http://x ``` y', "\\' \\` http\\:\\/\\/x \\' y"],
    ['code of ours', 'run `date -u`.', 'run `date -u`\\.'],
  ])('makes no markup of what somebody else said: %s', (_, why, written) => {
    const { states, tooltip } = lock('prod');
    const problem = new Problem({ code: 'c', what: 'what', why, exit: ExitCode.fault });
    states.set('prod', { kind: 'failed', problem: problem.text, atMs: WALL_MS });
    expect(tooltip()).toContain(`\n\n${written}\n\n`);
  });

  it('leaves nothing behind', () => {
    const { states, item, shown } = lock('prod');
    states.set('prod', { kind: 'open', untilMs: WALL_MS + 30_000, answer: undefined });
    shown.dispose();
    expect([item.isDisposed, vi.getTimerCount()]).toEqual([true, 0]);
    states.set('prod', { kind: 'knocking' });
    expect(item.text).toContain('open');
  });
});
