import { type InputBox, QuickInputButtons, window } from 'vscode';

/** One question that is answered with a line of text. */
export interface TextStep {
  readonly prompt: string;
  readonly placeholder: string;
  /** What stands there at first. */
  readonly value: string;
  /** What is wrong with a text, as one types; undefined when nothing is. */
  readonly complaint: (text: string) => string | undefined;
}

/**
 * Asks one question after the other, with a way back. Whatever is typed is checked as it is typed, and nothing that is
 * wrong is taken.
 * @param total how many there are in all
 * @param stepAfter the step that follows, which may depend on what was answered so far; undefined when there is none
 * @returns the answers; undefined when the person thinks better of it
 */
export async function askInSteps(
  title: string,
  total: number,
  stepAfter: (answers: readonly string[]) => TextStep | undefined,
): Promise<string[] | undefined> {
  const answers: string[] = [];
  const typed: string[] = [];
  for (;;) {
    const step = stepAfter(answers);
    if (step === undefined) return answers;
    const index = answers.length;
    const box = window.createInputBox();
    box.title = title;
    box.step = index + 1;
    box.totalSteps = total;
    box.buttons = index > 0 ? [QuickInputButtons.Back] : [];
    box.value = typed[index] ?? step.value;
    const answer = await ask(box, step);
    typed[index] = box.value;
    box.dispose();
    if (answer === 'leave') return undefined;
    if (answer === 'back') answers.pop();
    else answers.push(box.value);
  }
}

function ask(box: InputBox, step: TextStep): Promise<'next' | 'back' | 'leave'> {
  box.prompt = step.prompt;
  box.placeholder = step.placeholder;
  // The line to paste is in another window.
  box.ignoreFocusOut = true;
  const check = () => {
    const complaint = step.complaint(box.value);
    box.validationMessage = complaint;
    return complaint === undefined;
  };
  return new Promise((resolve) => {
    box.onDidChangeValue(check);
    box.onDidTriggerButton(() => resolve('back'));
    box.onDidHide(() => resolve('leave'));
    box.onDidAccept(() => {
      if (check()) resolve('next');
    });
    box.show();
  });
}
