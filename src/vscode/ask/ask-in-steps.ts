import { type InputBox, QuickInputButtons, type QuickPick, type QuickPickItem, ThemeIcon, window } from 'vscode';

/** Check that runs before an answer is taken. */
interface Taking {
  /**
   * Makes the answer from the text in the box: it may check things, and ask more. Undefined when the person cancels: then the
   * question comes again.
   */
  readonly take?: ((text: string) => Promise<Taken | undefined>) | undefined;
}

export type Taken = { readonly answer: string } | { readonly complaint: string };

/** Question that is answered with a line of text. */
export interface TextStep extends Taking {
  readonly prompt: string;
  readonly placeholder: string;
  /** Text that is in the box at first. */
  readonly value: string;
  /** Fault of a text while one types; undefined when it has none. */
  readonly complaint: (text: string) => string | undefined;
  /** Whether the text is hidden while it is typed. */
  readonly isSecret?: boolean;
}

/** Question that is answered by a choice. */
export interface ChoiceStep extends Taking {
  readonly prompt: string;
  /** Choices; a function when they have to be looked up. */
  readonly choices: readonly Choice[] | (() => Promise<readonly Choice[]>);
  /** Choice that is selected at first; if there is none of this value, the first of all. */
  readonly value: string;
  /** Makes a choice of a typed text; undefined when the text only searches the others. */
  readonly typed?: (text: string) => Choice | undefined;
}

export interface Choice {
  /** Answer that the choice stands for. */
  readonly value: string;
  readonly label: string;
  readonly detail?: string;
  /** Codicon beside it. */
  readonly icon?: string;
  /** Whether it only says why the typed text is wrong. */
  readonly isWrong?: boolean;
}

export type Step = TextStep | ChoiceStep;

/** End of a question, and the text in its box at that time. */
interface Given {
  readonly kind: 'next' | 'back' | 'leave';
  readonly text: string;
  readonly answer: string;
}

/**
 * Asks one question after the other, with a way back. Texts are checked while they are typed, and wrong ones are not accepted.
 * @param stepsAfter all steps; later ones may depend on the answers so far
 * @returns the answers; undefined when the person cancels
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
    // A single question is not counted: "1/1" says nothing.
    const frame = steps.length > 1 ? { title, step: index + 1, totalSteps: steps.length } : { title };
    const value = texts[index] ?? step.value;
    const { kind, text, answer } = await ('choices' in step
      ? askChoice(step, value, frame)
      : askText(step, value, frame));
    // After another answer, this may have been a different question.
    if (texts[index] !== text) texts.length = index;
    texts[index] = text;
    if (kind === 'leave') return undefined;
    if (kind === 'back') answers.pop();
    else answers.push(answer);
  }
}

type Frame = Pick<InputBox, 'title'> & Partial<Pick<InputBox, 'step' | 'totalSteps'>>;

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
  const again = (complaint: string | undefined) => {
    box.validationMessage = complaint;
  };
  return outcome(box, { isRight: check, text: () => box.value, take: step.take, again });
}

interface ChoiceItem extends QuickPickItem {
  readonly value: string;
  readonly isWrong: boolean;
}

/** Item of a list. The icon is beside the label, not in it: a screen reader would read its name. */
function choiceItem({ value, label, detail, icon, isWrong = false }: Choice): ChoiceItem {
  return { value, label, isWrong, ...(detail && { detail }), ...(icon && { iconPath: new ThemeIcon(icon) }) };
}

async function askChoice(step: ChoiceStep, value: string, frame: Frame): Promise<Given> {
  const choices = typeof step.choices === 'function' ? await step.choices() : step.choices;
  const pick = Object.assign(window.createQuickPick<ChoiceItem>(), frame);
  pick.placeholder = step.prompt;
  const listed = choices.map(choiceItem);
  const offer = (text: string) => {
    const own = text.trim() === '' ? undefined : step.typed?.(text.trim());
    pick.items = own === undefined ? listed : [{ ...choiceItem(own), alwaysShow: true }, ...listed];
  };
  pick.items = listed;
  if (step.typed !== undefined) pick.onDidChangeValue(offer);
  if (step.typed?.(value) !== undefined) {
    // The text that was typed here before is in the box again.
    pick.value = value;
    offer(value);
  }
  const standing = pick.items.filter((item) => item.value === value);
  pick.activeItems = standing.length > 0 ? standing : pick.items.slice(0, 1);
  const chosen = () => pick.activeItems[0]?.value;
  // A list can show an error only beside the choice.
  const again = (complaint: string | undefined) => {
    const before = chosen();
    // The search text would hide the other choices.
    pick.value = '';
    const isWrong = (item: ChoiceItem) => complaint !== undefined && item.value === before;
    pick.items = pick.items.map((item) => (isWrong(item) ? { ...item, detail: complaint ?? '' } : item));
    pick.activeItems = pick.items.filter((item) => item.value === before);
  };
  return await outcome(pick, {
    isRight: () => pick.activeItems[0]?.isWrong === false,
    text: () => chosen() ?? value,
    take: step.take,
    again,
  });
}

/** Check of an answer. */
interface Look extends Pick<TextStep, 'take'> {
  readonly isRight: () => boolean;
  readonly text: () => string;
  /** Called before the question is shown again, with the error, if there is one. */
  readonly again: (complaint: string | undefined) => void;
}

/** Shows a box until it is answered, or left. */
function outcome(box: InputBox | QuickPick<ChoiceItem>, look: Look): Promise<Given> {
  const isFirst = box.step === 1;
  box.buttons = isFirst ? [] : [QuickInputButtons.Back];
  // The person may have to copy a line from another window.
  box.ignoreFocusOut = true;
  return new Promise<Pick<Given, 'kind' | 'answer'>>((resolve, reject) => {
    box.onDidTriggerButton(() => resolve({ kind: 'back', answer: '' }));
    box.onDidHide(() => {
      // While an answer is checked, another question may take its place.
      if (!box.busy) resolve({ kind: 'leave', answer: '' });
    });
    box.onDidAccept(() => {
      if (box.busy || !look.isRight()) return;
      if (look.take === undefined) resolve({ kind: 'next', answer: look.text() });
      else
        taken(box, look, look.take).then((answer) => answer !== undefined && resolve({ kind: 'next', answer }), reject);
    });
    box.show();
  })
    .then((given) => ({ ...given, text: look.text() }))
    .finally(() => box.dispose());
}

/** Checks an answer; if it is not accepted, the question is shown again, with the error. */
async function taken(
  box: InputBox | QuickPick<ChoiceItem>,
  { text, again }: Look,
  take: NonNullable<Look['take']>,
): Promise<string | undefined> {
  box.busy = true;
  const found = await take(text());
  box.busy = false;
  if (found !== undefined && 'answer' in found) return found.answer;
  again(found?.complaint);
  box.show();
  return undefined;
}
