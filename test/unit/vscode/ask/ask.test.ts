import { beforeEach, describe, expect, it } from 'vitest';
import { approve, askText, choose, confirm, insist } from '../../../../src/vscode/ask/ask.ts';
import { tell } from '../../../../src/vscode/ask/tell.ts';
import { answers, resetEditor, shown } from '../../../rig/fake-vscode.ts';

beforeEach(resetEditor);

/** Presses a button of the dialog that is shown, as the editor hands it over: by itself. */
const press = (title: string) => () =>
  shown
    .at(-1)
    ?.items.find((item) => typeof item === 'object' && item !== null && 'title' in item && item.title === title);

const QUESTION = { title: 'Plan', placeHolder: 'Is it right?' };

describe('a question that something waits for', () => {
  it.each([
    ['Remove', true],
    [undefined, false],
  ])('is a dialog for yes or no: %s', async (answer, expected) => {
    answers.push(answer);
    expect(await confirm('Remove it?', 'Remove', 'For good.')).toBe(expected);
    expect(shown).toEqual([
      { kind: 'warning', message: 'Remove it?', items: [{ modal: true, detail: 'For good.' }, 'Remove'] },
    ]);
  });

  it('is asked again when it went away without an answer', async () => {
    answers.push(undefined, press('Answer'), 'here it is');
    const ask = () => askText({ title: 'Line', prompt: 'The line' });
    expect(await insist('the line', ask)).toBe('here it is');
    expect(shown.map(({ kind }) => kind)).toEqual(['input', 'warning', 'input']);
    expect(shown[1]?.message).toBe('Knockgate is waiting for your answer: the line');
    expect(shown[1]?.items[0]).toEqual({ modal: true });
  });

  it('ends when the person stops there', async () => {
    answers.push(undefined, press('Stop'));
    expect(await insist('the line', () => askText({ title: 'Line', prompt: 'The line' }))).toBeUndefined();
    expect(shown).toHaveLength(2);
    // Escape is a no, too: the button that Escape presses is the one that stops.
    expect(shown[1]?.items).toContainEqual({ title: 'Stop', isCloseAffordance: true });
  });

  it('is not asked again when nobody waits any more', async () => {
    answers.push(undefined);
    expect(
      await insist(
        'the line',
        () => askText({ title: 'Line', prompt: 'The line' }),
        () => true,
      ),
    ).toBeUndefined();
    expect(shown).toHaveLength(1);
  });

  it.each([
    ['Go', true],
    ['Leave', false],
    [undefined, undefined],
  ])('about what an editor shows leaves that editor free: %s', async (answer, expected) => {
    answers.push(answer);
    let shows = 0;
    const show = async () => void shows++;
    expect(await approve(QUESTION, 'Go', 'Leave', show)).toBe(expected);
    expect(shows).toBe(1);
    expect(shown.map(({ kind }) => kind)).toEqual(['pick']);
  });

  it('by a list gives back what was chosen', async () => {
    answers.push('b');
    expect(await choose([{ label: 'a' }, { label: 'b', id: 7 }], QUESTION)).toEqual({ label: 'b', id: 7 });
  });
});

describe('a message', () => {
  it('is not waited for; its offer is followed when it is taken', async () => {
    const done: string[] = [];
    answers.push('Copy');
    tell(
      'It is done.',
      { title: 'Copy', run: () => done.push('copied') },
      { title: 'Open', run: () => done.push('opened') },
    );
    expect(done).toEqual([]);
    await Promise.resolve().then(() => {});
    await new Promise((resolve) => setImmediate(resolve));
    expect(done).toEqual(['copied']);
  });
});
