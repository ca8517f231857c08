import { beforeEach, describe, expect, it } from 'vitest';
import { ALL_EVENTS, readToPage, type ToPage } from '../../../../src/activity-view/messages.ts';
import { ActivitySession } from '../../../../src/vscode/activity/activity-panel.ts';
import type { GateQuestions } from '../../../../src/vscode/activity/gate-questions.ts';
import type { Parts } from '../../../../src/vscode/parts.ts';
import { noSshExtension } from '../../../../src/vscode/problems.ts';
import { busyAnswer, eventsAnswer } from '../../../rig/activity-answer.ts';
import { answers, l10n, resetEditor, shown, written } from '../../../rig/fake-vscode.ts';
import { FakeLog } from '../support.ts';

const NOW = Date.UTC(2026, 10, 30, 12, 30);
const PROBLEM = noSshExtension({ name: 'x', isBundled: false });

beforeEach(resetEditor);

/** A page, and a gate whose answers are recorded. */
function session(own?: string, mayLogIn = true) {
  const asked: string[] = [];
  const posted: ToPage[] = [];
  const log = new FakeLog();
  const state = { fails: false, pages: 1, logins: 0, mayLogIn, revoked: { ended: 1 } as unknown };
  const questions = {
    connect: async () => {
      state.logins += 1;
      if (!state.mayLogIn) throw PROBLEM;
    },
    ownAddress: async () => own,
    ask: async <T>(argv: readonly string[], read: (answer: unknown) => T) => {
      asked.push(argv.join(' '));
      if (state.fails) throw PROBLEM;
      const raw = answerTo(argv, state);
      return { raw, value: read(raw) };
    },
  };
  const parts = { log, about: { version: '0.1.0', system: '' }, clock: { wallMs: () => NOW } } as unknown as Parts;
  const page = new ActivitySession(parts, 'prod', questions as unknown as GateQuestions, (message) =>
    posted.push(message),
  );
  return { page, asked, posted, log, state };
}

function answerTo([command]: readonly string[], state: { pages: number; revoked: unknown }): unknown {
  if (command === 'activity') return busyAnswer(NOW, 1000);
  if (command === 'revoke') return state.revoked;
  state.pages -= 1;
  const page = eventsAnswer(NOW, 2 * state.pages, 2);
  return state.pages > 0 ? page : { ...page, next: null };
}

describe('a page that is ready', () => {
  it('gets its language, and the figures of the gate', async () => {
    l10n.bundle = { Refresh: 'Aktualisieren' };
    try {
      const { page, posted } = session();
      await page.receive({ type: 'ready' });
      expect(posted.map(readToPage)).toMatchObject([
        { type: 'start', host: 'prod', language: 'en', version: '0.1.0', texts: { Refresh: 'Aktualisieren' } },
        { type: 'activity', asked: NOW, answered: NOW, answer: { grants: [{ client: 'alice-laptop' }, {}, {}] } },
      ]);
    } finally {
      l10n.bundle = undefined;
    }
  });

  it('is told why a question failed, and may ask again', async () => {
    const { page, posted, state } = session();
    state.fails = true;
    await page.receive({ type: 'refresh' });
    await page.receive({ type: 'events', request: 4, before: null, filter: ALL_EVENTS });
    expect(posted).toEqual([
      { type: 'failed', request: null, text: PROBLEM.message },
      { type: 'failed', request: 4, text: PROBLEM.message },
    ]);
    state.fails = false;
    await page.receive({ type: 'refresh' });
    expect(posted.at(-1)?.type).toBe('activity');
  });

  it('does not wait for a login that began before it, and is told once why that failed', async () => {
    const { page, posted, state } = session(undefined, false);
    page.askAhead();
    expect(state.logins).toBe(1);
    await Promise.all([
      page.receive({ type: 'ready' }),
      page.receive({ type: 'events', request: 1, before: null, filter: ALL_EVENTS }),
    ]);
    expect(posted.slice(1)).toMatchObject([
      { type: 'failed', request: null },
      { type: 'failed', request: 1 },
    ]);
    expect(state.logins).toBe(1);
    state.mayLogIn = true;
    await page.receive({ type: 'refresh' });
    expect([posted.at(-1)?.type, state.logins]).toEqual(['activity', 2]);
  });

  it('gets answers that were asked for while it was loaded, once', async () => {
    const { page, posted, asked, state } = session();
    page.askAhead();
    await expect.poll(() => asked).toEqual(['activity --json', 'events --json --limit 100']);
    await page.receive({ type: 'ready' });
    await page.receive({ type: 'events', request: 1, before: null, filter: ALL_EVENTS });
    expect(posted.map(({ type }) => type)).toEqual(['start', 'activity', 'events']);
    expect([asked.length, state.logins]).toEqual([2, 1]);
    await page.receive({ type: 'refresh' });
    await page.receive({ type: 'events', request: 2, before: null, filter: ALL_EVENTS });
    expect(asked.slice(2)).toEqual(['activity --json', 'events --json --limit 100']);
  });

  it('gets a page of the log', async () => {
    const { page, posted, asked } = session();
    const filter = { event: 'refused', client: '', address: '' };
    await page.receive({ type: 'events', request: 2, before: 's=1,i=2', filter });
    expect(asked).toEqual(['events --json --limit 100 --before s=1,i=2 --event refused']);
    expect(posted).toMatchObject([{ type: 'events', request: 2 }]);
  });

  it('is not obeyed when its message is none of ours', async () => {
    const { page, posted, asked, log } = session();
    for (const message of [{ type: 'run', argv: ['flush'] }, undefined, { type: 'revoke', address: '203.0.113.5' }])
      await page.receive(message);
    expect([asked, posted]).toEqual([[], []]);
    expect(log.lines.join()).toContain('NotAsExpected');
  });
});

describe('a grant', () => {
  it('is revoked when the person agrees, and the figures are asked for again', async () => {
    const { page, posted, asked } = session();
    await page.receive({ type: 'refresh' });
    answers.push('Revoke');
    await page.receive({ type: 'revoke', address: '203.0.113.5' });
    expect(asked).toEqual(['activity --json', 'revoke --json 203.0.113.5', 'activity --json']);
    expect(posted.map(({ type }) => type)).toEqual(['activity', 'activity', 'done']);
    expect(shown[0]?.message).toBe('Revoke the grants of 203.0.113.5?');
  });

  it('that was over already is not called revoked, nor one of which the gate says nothing', async () => {
    const { page, posted, state } = session();
    await page.receive({ type: 'refresh' });
    for (const revoked of [{ ended: 0 }, {}]) {
      state.revoked = revoked;
      answers.push('Revoke');
      await page.receive({ type: 'revoke', address: '203.0.113.5' });
    }
    const texts = posted.flatMap((message) => ('text' in message ? [message.text] : []));
    expect(texts[0]).toBe('203.0.113.5 has no grants any more.');
    expect(texts.filter((text) => /revoked/.test(text))).toEqual([]);
  });

  it('stays when the person does not', async () => {
    const { page, asked } = session();
    await page.receive({ type: 'refresh' });
    await page.receive({ type: 'revoke', address: '203.0.113.5' });
    expect(asked).toEqual(['activity --json']);
  });

  it('of this device is called that: the person is told that nothing is lost', async () => {
    const details: unknown[] = [];
    for (const own of ['203.0.113.5', '192.0.2.9']) {
      const { page } = session(own);
      await page.receive({ type: 'refresh' });
      await page.receive({ type: 'revoke', address: '203.0.113.5' });
      details.push(Object(shown.at(-1)?.items[0]).detail);
    }
    expect(details).toEqual([
      expect.stringContaining('This device comes from that address.'),
      expect.stringContaining('until its client knocks again'),
    ]);
  });

  it('of an address that the gate has not named is left alone', async () => {
    const { page, asked } = session();
    await page.receive({ type: 'refresh' });
    answers.push('Revoke');
    await page.receive({ type: 'revoke', address: '203.0.113.0/24' });
    expect(asked).toEqual(['activity --json']);
  });
});

describe('an export', () => {
  const save = (choice: string) => answers.push(choice, { scheme: 'file', path: '/home/me/out' });

  it('of events has all pages that the filter lets through', async () => {
    const { page, asked, state } = session();
    state.pages = 3;
    save('Events, CSV');
    await page.receive({ type: 'export', filter: { ...ALL_EVENTS, event: 'granted' } });
    expect(asked).toHaveLength(3);
    expect(asked[1]).toContain('--limit 1000 --before');
    expect(written.get('/home/me/out')?.trimEnd().split('\r\n')).toHaveLength(1 + 6);
  });

  it('of figures has those that are shown', async () => {
    const { page } = session();
    await page.receive({ type: 'refresh' });
    save('All figures, JSON');
    await page.receive({ type: 'export', filter: ALL_EVENTS });
    expect(JSON.parse(written.get('/home/me/out') ?? '')).toEqual(JSON.parse(JSON.stringify(busyAnswer(NOW, 1000))));
  });

  it('writes nothing when the person chooses no file', async () => {
    const { page } = session();
    answers.push('Events, JSON');
    await page.receive({ type: 'export', filter: ALL_EVENTS });
    expect(written.size).toBe(0);
  });
});
