import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sleep } from '../rig/process.ts';
import { BARE, GATE, Wizard } from './wizard.ts';

/** As fast as a person answers. */
const ANSWERS_AFTER_MS = 1000;

/* The wizard that sets up a gate; read slowly, and disturbed at each question, in wizard.long.test.ts and wizard-reloaded.long.test.ts. */
describe('the wizard, answered after a second each', () => {
  let wizard: Wizard;

  beforeAll(async () => {
    wizard = await Wizard.prepare('wizard');
  });
  afterAll(() => wizard?.end());

  it('tells after a reload that nothing was changed, which is true', async () => {
    await wizard.begin();
    for (const question of wizard.questions()) {
      await wizard.isShown(question);
      await sleep(ANSWERS_AFTER_MS);
      if (question.name === 'plan') break;
      await question.answer();
    }
    await wizard.window.reload();
    await wizard.says(/Nothing was changed there/);
    expect(await wizard.serverState()).toEqual(BARE);
  }, 400_000);

  it('ends with a gate, after at most 8 questions', async () => {
    await wizard.begin();
    const questions = wizard.questions();
    expect(questions.length).toBeLessThanOrEqual(8);
    for (const question of questions) {
      await wizard.isShown(question);
      await sleep(ANSWERS_AFTER_MS);
      // A click into the editor takes the focus away.
      await wizard.window.page.mouse.click(800, 600);
      await wizard.isShown(question);
      await question.answer();
    }
    await wizard.says(/is hidden now/);
    expect(await wizard.serverState()).toEqual(GATE);
    await wizard.knock();
    expect(await wizard.canLogIn()).toBe(true);
  }, 1_000_000);
});
