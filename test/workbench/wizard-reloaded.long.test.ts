import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { figure } from '../rig/figure.ts';
import { TARGET4 } from '../rig/netns.ts';
import { isOpen, waitOpen } from '../rig/probe.ts';
import { sleep } from '../rig/process.ts';
import { isKept } from './kept-pages.ts';
import { BARE, Wizard } from './wizard.ts';

const READS_FOR_MS = 60_000;
const PLAN = 'What will be there';
/** A trial takes three minutes at most. */
const TRIAL_ENDS_WITHIN_MS = 240_000;

/* The window is reloaded in the middle of it. */
describe('the wizard, reloaded', () => {
  let wizard: Wizard;

  beforeAll(async () => {
    wizard = await Wizard.prepare('wizard-reloaded');
  });
  afterAll(() => wizard?.end());

  /** Goes on to that question, and waits there; without a name, answers all of them. */
  const goTo = async (name?: string) => {
    await wizard.begin();
    for (const question of wizard.questionsWithSecondWay()) {
      await wizard.isShown(question);
      if (question.name === name) return;
      await question.answer();
    }
  };

  it('before a server is named: it is as it was, and nothing is told of it', async () => {
    await goTo('host');
    await sleep(READS_FOR_MS);
    await wizard.window.reload();
    expect(await wizard.serverState()).toEqual(BARE);
    expect(await wizard.canLogIn()).toBe(true);
    expect(await wizard.window.notifications()).toEqual([]);
  }, 400_000);

  it.each(['fingerprint', 'password', 'plan', 'second way in', 'recovery file', 'passphrase', 'passphrase once more'])(
    'at %s, after a minute: it tells that nothing was changed, which is true',
    async (name) => {
      await goTo(name);
      await sleep(READS_FOR_MS);
      if (name === 'plan') await isKept(wizard.window, PLAN);
      await wizard.window.reload();
      figure(`${name}, reloaded: ${await wizard.says(/on bare\. Nothing was changed there/)}`);
      expect(await wizard.serverState()).toEqual(BARE);
      expect(await wizard.canLogIn()).toBe(true);
      expect(await wizard.window.asks()).toBe(false);
      // The plan is there again, as it was.
      if (name === 'plan') await wizard.window.showsPage(PLAN);
    },
    400_000,
  );

  it('during the trial: it tells that the server ends it by itself, which is true', async () => {
    const { window, workbench, target } = wizard;
    await goTo();
    const isOnTrial = async () => {
      const { stdout } = await target.run(['knockgated', 'status', '--json']);
      return /"seconds_left": ?[1-9]/.test(stdout) && !(await isOpen(target.pair.client, TARGET4, 22));
    };
    await window.eventually('the trial', isOnTrial, 400_000);
    expect(workbench.output('Knockgate')).not.toContain('Confirm: the trial ends');
    await window.reload();
    figure(`trial, reloaded: ${await wizard.says(/ends the trial by itself/)}`);
    const opens = { timeout: TRIAL_ENDS_WITHIN_MS, every: 500 };
    expect(await waitOpen(target.pair.client, TARGET4, 22, opens)).toMatchObject({ open: true });
    expect(await wizard.canLogIn()).toBe(true);
  }, 1_000_000);
});
