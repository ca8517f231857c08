import { expect, it } from 'vitest';
import { inWords, phrase } from '../../../src/base/phrase.ts';
import { Steps } from '../../../src/deploy/apply/run-steps.ts';
import type { Remote } from '../../../src/deploy/connection/remote.ts';

it('steps that somebody cancels end before the next one, and say so', async () => {
  const cancel = new AbortController();
  const ran: string[] = [];
  const remote = {
    run: async ([program = '']: readonly string[]) => {
      ran.push(program);
      if (program === 'first') cancel.abort();
      return { code: 0, stdout: '', stderr: '' };
    },
  } as unknown as Remote;
  const step = (program: string) => ({ title: phrase(program), argv: [program], undo: [`undo-${program}`] });
  const told: string[] = [];
  const steps = new Steps('prod', remote, (title) => told.push(inWords(title)));
  await expect(steps.run([step('first'), step('second')], cancel.signal)).rejects.toMatchObject({
    text: { code: 'cancelled', exit: 13 },
  });
  expect(told).toEqual(['first', 'Cancelled: waiting for the end of this step']);
  expect(await steps.undo()).toEqual([]);
  expect(ran).toEqual(['first', 'undo-first']);
});
