import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Actions } from '../../../../server-helper/action/actions.ts';
import { PendingCloses } from '../../../../server-helper/action/pending-closes.ts';
import type { ActionRequest, ActionResult } from '../../../../server-helper/action/request.ts';
import { auditLog, FakeClock, temporaryFolder } from '../support.ts';

const WAKE = {
  name: 'wake',
  open: ['/bin/wake'],
  close: ['/bin/sleep'],
  user: 'nobody',
  timeout: 10,
  command: 'wake',
  line: 1,
};
const ALICE = { client: 'alice', source: '198.51.100.7', seconds: 30 };
const DONE: ActionResult = { kind: 'exit', code: 0 };

function sceneOf(path = join(temporaryFolder(), 'actions'), clock = new FakeClock()) {
  const { audit, entries } = auditLog();
  const asked: ActionRequest[] = [];
  const scene = { answer: async (): Promise<ActionResult> => DONE, asked, entries, clock, path };
  const ask = (request: ActionRequest) => {
    asked.push(request);
    return scene.answer();
  };
  const actions = new Actions({ clock, audit, ask, pending: new PendingCloses(path) });
  return Object.assign(scene, { actions });
}
const phases = (asked: readonly ActionRequest[]) => asked.map(({ phase }) => phase);

describe('an action', () => {
  it('is opened when it is asked for, and closed when its time is over, once', async () => {
    const { actions, asked, entries, clock } = sceneOf();
    await actions.open(WAKE, ALICE);
    expect(asked).toEqual([{ ...ALICE, action: 'wake', phase: 'open' }]);
    clock.pass(29_000);
    await actions.second();
    expect(asked).toHaveLength(1);
    clock.pass(1000);
    await actions.second();
    clock.pass(60_000);
    await actions.second();
    expect(phases(asked)).toEqual(['open', 'close']);
    expect(entries).toEqual([
      { event: 'action-opened', ...ALICE, action: 'wake' },
      { event: 'action-closed', client: 'alice', source: ALICE.source, action: 'wake' },
    ]);
  });

  it('counts as one request, however often its message comes within five seconds', async () => {
    const { actions, asked, clock } = sceneOf();
    await actions.open(WAKE, ALICE);
    clock.pass(1750);
    await actions.open(WAKE, ALICE);
    await actions.open(WAKE, { ...ALICE, source: '2001:db8::1' });
    expect(asked).toHaveLength(1);
    await actions.open(WAKE, { ...ALICE, source: '198.51.100.8' });
    await actions.open({ ...WAKE, name: 'other' }, ALICE);
    await actions.open(WAKE, { ...ALICE, client: 'bob' });
    expect(asked).toHaveLength(4);
    clock.pass(5000);
    await actions.open(WAKE, ALICE);
    expect(asked).toHaveLength(5);
  });

  it('is closed though a second request for it was refused, or its result is unknown', async () => {
    for (const kind of ['refused', 'unanswered'] as const) {
      const scene = sceneOf();
      const { actions, asked, clock } = scene;
      await actions.open(WAKE, ALICE);
      clock.pass(6000);
      scene.answer = async () => ({ kind, why: 'too many actions run' });
      await actions.open(WAKE, ALICE);
      scene.answer = async () => DONE;
      clock.pass(30_000);
      await actions.second();
      expect(phases(asked)).toEqual(['open', 'open', 'close']);
    }
  });

  it('without an answer is closed, since it may be open', async () => {
    const scene = sceneOf();
    scene.answer = async () => ({ kind: 'unanswered', why: 'no answer came in time' });
    await scene.actions.open(WAKE, ALICE);
    scene.clock.pass(30_000);
    await scene.actions.second();
    expect(phases(scene.asked)).toEqual(['open', 'close']);
  });

  it('asked for again is closed later', async () => {
    const { actions, asked, clock } = sceneOf();
    await actions.open(WAKE, ALICE);
    clock.pass(20_000);
    await actions.open(WAKE, ALICE);
    clock.pass(20_000);
    await actions.second();
    expect(phases(asked)).toEqual(['open', 'open']);
    clock.pass(10_000);
    await actions.second();
    expect(phases(asked)).toEqual(['open', 'open', 'close']);
  });

  it('is closed by a daemon that comes later', async () => {
    const { actions, clock, path } = sceneOf();
    await actions.open(WAKE, ALICE);
    clock.pass(100_000);
    const later = sceneOf(path, clock);
    await later.actions.second();
    expect(phases(later.asked)).toEqual(['close']);
    expect(readFileSync(path, 'utf8')).toBe('');
  });

  it('that nobody could run has nothing to be closed, and one that failed has', async () => {
    const scene = sceneOf();
    scene.answer = async () => ({ kind: 'refused', why: 'no socket' });
    await scene.actions.open(WAKE, ALICE);
    scene.answer = async () => ({ kind: 'exit', code: 1 });
    await scene.actions.open(WAKE, { ...ALICE, source: '198.51.100.8' });
    scene.clock.pass(30_000);
    await scene.actions.second();
    expect(scene.asked.map(({ phase, source }) => `${phase} ${source}`)).toEqual([
      `open ${ALICE.source}`,
      'open 198.51.100.8',
      'close 198.51.100.8',
    ]);
    expect(scene.entries.map(({ event, detail }) => `${event} ${detail}`)).toEqual([
      'action-failed open: no socket',
      'action-failed open: exit 1',
      'action-failed close: exit 1',
    ]);
  });

  it('whose closing could not be run is closed when it can be', async () => {
    const scene = sceneOf();
    await scene.actions.open(WAKE, ALICE);
    scene.answer = async () => ({ kind: 'refused', why: 'no socket' });
    scene.clock.pass(30_000);
    await scene.actions.second();
    scene.answer = async () => DONE;
    scene.clock.pass(30_000);
    await scene.actions.second();
    scene.clock.pass(30_000);
    await scene.actions.second();
    scene.clock.pass(99_000);
    await scene.actions.second();
    expect(phases(scene.asked)).toEqual(['open', 'close', 'close']);
  });

  it('is refused while eight others run', async () => {
    const scene = sceneOf();
    let end = (): void => {};
    const ended = new Promise<ActionResult>((resolve) => {
      end = () => resolve(DONE);
    });
    scene.answer = () => ended;
    const all = Array.from({ length: 9 }, (_, i) => scene.actions.open(WAKE, { ...ALICE, source: `198.51.100.${i}` }));
    await all[8];
    expect(scene.asked).toHaveLength(8);
    expect(scene.entries).toMatchObject([
      { event: 'action-failed', detail: 'open: too many actions run at this time' },
    ]);
    end();
    await Promise.all(all);
  });

  it('of sequences, whose senders may be forged, leaves room for those that clients ask for', async () => {
    const scene = sceneOf();
    let end = (): void => {};
    const ended = new Promise<ActionResult>((resolve) => {
      end = () => resolve(DONE);
    });
    scene.answer = () => ended;
    const from = (i: number) => ({ ...ALICE, client: 'door', source: `198.51.100.${i}` });
    const all = Array.from({ length: 5 }, (_, i) => scene.actions.open(WAKE, from(i), false));
    await all[4];
    expect(scene.entries).toMatchObject([{ client: 'door', detail: 'open: too many actions run at this time' }]);
    all.push(...Array.from({ length: 4 }, (_, i) => scene.actions.open(WAKE, { ...ALICE, client: `c${i}` })));
    expect(scene.asked.map(({ client }) => client)).toEqual(['door', 'door', 'door', 'door', 'c0', 'c1', 'c2', 'c3']);
    end();
    await Promise.all(all);
    // Nor do closing commands take more than their part.
    scene.answer = () => new Promise(() => {});
    scene.clock.pass(30_000);
    void scene.actions.second();
    expect(phases(scene.asked).filter((phase) => phase === 'close')).toHaveLength(4);
    void scene.actions.open(WAKE, { ...ALICE, client: 'late' });
    expect(scene.asked.at(-1)).toMatchObject({ client: 'late', phase: 'open' });
  });

  it('is closed though sequences take all the room that they have', async () => {
    const scene = sceneOf();
    await scene.actions.open(WAKE, ALICE);
    scene.answer = () => new Promise(() => {});
    for (let i = 0; i < 4; i++)
      void scene.actions.open(WAKE, { ...ALICE, client: 'door', source: `192.0.2.${i}` }, false);
    scene.clock.pass(30_000);
    void scene.actions.second();
    expect(scene.asked).toContainEqual({ ...ALICE, action: 'wake', phase: 'close' });
  });

  it('of sequences is refused while very many wait to be closed', async () => {
    const scene = sceneOf();
    for (let i = 0; i < 256; i++) {
      await scene.actions.open(WAKE, { ...ALICE, client: 'door', source: `198.51.100.${i}` }, false);
      scene.clock.pass(10);
    }
    await scene.actions.open(WAKE, { ...ALICE, client: 'door', source: '203.0.113.1' }, false);
    expect(scene.entries.at(-1)).toMatchObject({ detail: 'open: too many actions wait to be closed' });
    await scene.actions.open({ ...WAKE, close: undefined }, { ...ALICE, client: 'bell' }, false);
    await scene.actions.open(WAKE, ALICE);
    expect(scene.entries.slice(-2).map(({ event }) => event)).toEqual(['action-opened', 'action-opened']);
  });

  it('is closed for nobody by a file that is not ours', async () => {
    const path = join(temporaryFolder(), 'actions');
    writeFileSync(
      path,
      '1 10 knockgate1 action wake open 198.51.100.7 30 alice\nx\n1 10 knockgate1 action $(id) close\n',
    );
    const { actions, asked } = sceneOf(path);
    await actions.second();
    expect(asked).toEqual([]);
  });
});
