import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { figure } from '../rig/figure.ts';
import { sleep } from '../rig/process.ts';
import { isKept } from './kept-pages.ts';
import { GATE, Wizard } from './wizard.ts';

/** A person reads each question for a minute: so long between two disturbances, and before the answer. */
const READS_FOR_MS = 60_000 / 3;

/* Somebody who reads slowly and does other things meanwhile. What a reload does is in wizard-reloaded.long.test.ts. */
describe('the wizard, read for a minute at each question', () => {
  let wizard: Wizard;

  beforeAll(async () => {
    wizard = await Wizard.prepare('wizard-slow');
  });
  afterAll(() => wizard?.end());

  it('ends with a gate, although focus and notifications are lost at each question', async () => {
    await wizard.begin();
    for (const [i, question] of wizard.questionsWithSecondWay().entries()) {
      await wizard.isShown(question);
      await sleep(READS_FOR_MS);
      await wizard.loseFocus();
      await wizard.isShown(question);
      figure(`${question.name}, focus lost: the question stays`);
      await sleep(READS_FOR_MS);
      await wizard.clearNotifications();
      await wizard.isShown(question);
      figure(`${question.name}, notifications cleared: the question stays`);
      await wizard.window.screenshot(`.cache/screens/wizard-${i + 1}.png`);
      await sleep(READS_FOR_MS);
      await question.answer();
    }
    figure(await wizard.says(/is hidden now, and opens to this device/));
    expect(await wizard.serverState()).toEqual(GATE);
    await wizard.knock();
    expect(await wizard.canLogIn()).toBe(true);
  }, 1_400_000);

  it('and its documents come back after a reload', async () => {
    const { window } = wizard;
    const comesBack = async (text: string) => {
      await window.showsPage(text);
      await isKept(window, text);
      await window.reload();
      await window.showsPage(text);
      figure(`the page with "${text}" comes back after a reload`);
    };
    await comesBack('Proved from outside');
    await window.runCommand('Knockgate: Diagnose Host…');
    await window.pick('bare');
    await comesBack('What was looked at');
  }, 400_000);
});
