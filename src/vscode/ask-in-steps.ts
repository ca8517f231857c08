import { type InputBox, QuickInputButtons, type QuickPick, type QuickPickItem, ThemeIcon, window } from 'vscode';

/** One question that is answered with a line of text. */
export interface TextStep {
  readonly prompt: string;
  readonly placeholder: string;
  /** What stands there at first. */
  readonly value: string;
  /** What is wrong with a text, as one types; undefined when nothing is. */
  readonly complaint: (text: string) => string | undefined;
  /** Whether nobody is to read along. */
  readonly isSecret?: boolean;
}

/** One question that is answered by choosing. */
export interface ChoiceStep {
  readonly prompt: string;
  readonly choices: readonly Choice[];
  /** The one that stands there at first; the first of all when there is no such. */
  readonly value: string;
}

export interface Choice {
  /** What the answer is. */
  readonly value: string;
  readonly label: string;
  readonly detail?: string;
  /** The codicon beside it. */
  readonly icon?: string;
}

export type Step = TextStep | ChoiceStep;

/** What became of a question, and what stood there in the end. */
interface Given {
  readonly kind: 'next' | 'back' | 'leave';
  readonly text: string;
}

/**
 * Asks one question after the other, with a way back. Whatever is typed is checked as it is typed, and nothing that is
 * wrong is taken.
 * @param stepsAfter all the steps, of which those to come may depend on what was answered so far
 * @returns the answers; undefined when the person thinks better of it
 */
export async function askInSteps(
  title: string,
  stepsAfter: (answers: readonly string[]) => readonly Step[],
): Promise<string[] | undefined> {
  const answers: string[] = [];
  const texts: string[] = [];
  for (;;) {
    const steps = stepsAfter(answers);
    const index = answers.length;
    const step = steps[index];
    if (step === undefined) return answers;
    const frame = { title, step: index + 1, totalSteps: steps.length };
    const value = texts[index] ?? step.value;
    const { kind, text } = await ('choices' in step ? askChoice(step, value, frame) : askText(step, value, frame));
    texts[index] = text;
    if (kind === 'leave') return undefined;
    if (kind === 'back') answers.pop();
    else answers.push(text);
  }
}

type Frame = Pick<InputBox, 'title' | 'step' | 'totalSteps'>;

function askText(step: TextStep, value: string, frame: Frame): Promise<Given> {
  const box = Object.assign(window.createInputBox(), frame);
  box.value = value;
  box.placeholder = step.placeholder;
  box.prompt = step.prompt;
  box.password = step.isSecret === true;
  const check = () => {
    const complaint = step.complaint(box.value);
    box.validationMessage = complaint;
    return complaint === undefined;
  };
  box.onDidChangeValue(check);
  return outcome(box, check, () => box.value);
}

interface ChoiceItem extends QuickPickItem {
  readonly value: string;
}

function askChoice(step: ChoiceStep, value: string, frame: Frame): Promise<Given> {
  const pick = Object.assign(window.createQuickPick<ChoiceItem>(), frame);
  pick.placeholder = step.prompt;
  pick.items = step.choices.map(({ value, label, detail, icon }) => {
    // The icon is beside the label, not in it: a screen reader would read its name.
    return { value, label, ...(detail && { detail }), ...(icon && { iconPath: new ThemeIcon(icon) }) };
  });
  pick.activeItems = pick.items.filter((item) => item.value === value);
  const chosen = () => pick.activeItems[0]?.value;
  return outcome(
    pick,
    () => chosen() !== undefined,
    () => chosen() ?? value,
  );
}

/** Shows a box until it is answered, or left. */
function outcome(box: InputBox | QuickPick<ChoiceItem>, isRight: () => boolean, text: () => string): Promise<Given> {
  const isFirst = box.step === 1;
  box.buttons = isFirst ? [] : [QuickInputButtons.Back];
  // The line to paste is in another window.
  box.ignoreFocusOut = true;
  return new Promise<Given['kind']>((resolve) => {
    box.onDidTriggerButton(() => resolve('back'));
    box.onDidHide(() => resolve('leave'));
    box.onDidAccept(() => {
      if (isRight()) resolve('next');
    });
    box.show();
  }).then((kind) => {
    const given = { kind, text: text() };
    box.dispose();
    return given;
  });
}
