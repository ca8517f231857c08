import { type CancellationToken, type InputBoxOptions, l10n, type QuickPickItem } from 'vscode';
import { window } from './window.ts';

/*
 * Questions that something waits for. The editor hides a notification after some seconds, with its buttons, and work that waits for
 * one of them waits forever. So a question is a dialog, or a list or an input box that stays when the focus goes elsewhere. Messages
 * that nobody waits for are in tell.ts.
 */

/** Texts of a list; a screen reader reads both. */
export interface ListQuestion {
  readonly title: string;
  readonly placeHolder: string;
  /** Whether typed text also searches the descriptions. */
  readonly matchOnDescription?: boolean;
}

/** Texts of an input box; a screen reader reads both. */
export interface TextQuestion extends InputBoxOptions {
  readonly title: string;
  readonly prompt: string;
}

/** Asks in a dialog that shows a text first. Undefined for Cancel and Escape. */
export async function inDialogAbout(
  question: string,
  detail: string,
  ...buttons: readonly string[]
): Promise<string | undefined> {
  return window.showWarningMessage(question, { modal: true, detail }, ...buttons);
}

/** Asks for yes or no in a dialog. Cancel and Escape mean no. */
export async function confirm(question: string, yes: string, detail?: string): Promise<boolean> {
  const options = { modal: true, ...(detail !== undefined && { detail }) };
  return (await window.showWarningMessage(question, options, yes)) === yes;
}

/** Asks in a list, which stays when the focus goes elsewhere. Undefined for Escape, and when another list replaces it. */
export async function choose<T extends QuickPickItem>(
  items: readonly T[],
  question: ListQuestion,
  token?: CancellationToken,
): Promise<T | undefined> {
  return window.showQuickPick(items, { ...question, ignoreFocusOut: true }, token);
}

/** Item of a list that may only say why the typed text is wrong; then it cannot be picked. */
export interface TypedItem extends QuickPickItem {
  readonly isWrong?: boolean;
}

/**
 * Asks in a list, as `choose` does; a typed text may be an answer too.
 * @param typed makes an item of a text; undefined when the text cannot be one
 */
export function chooseOrType<T extends TypedItem>(
  items: readonly T[],
  question: ListQuestion,
  typed: (text: string) => T | undefined,
): Promise<T | undefined> {
  const { placeHolder, ...rest } = question;
  const pick = Object.assign(window.createQuickPick<T>(), rest, {
    placeholder: placeHolder,
    ignoreFocusOut: true,
    items,
  });
  return new Promise<T | undefined>((resolve) => {
    pick.onDidChangeValue((text) => {
      const item = text.trim() === '' ? undefined : typed(text.trim());
      const isListed = item === undefined || items.some(({ label }) => label === item.label);
      pick.items = isListed ? items : [...items, { ...item, alwaysShow: true }];
    });
    pick.onDidAccept(() => {
      const [picked] = pick.activeItems;
      if (picked !== undefined && picked.isWrong !== true) resolve(picked);
    });
    pick.onDidHide(() => resolve(undefined));
    pick.show();
  }).finally(() => pick.dispose());
}

/** Shows a list of actions. Nothing waits for it, so it closes when the focus goes elsewhere. */
export async function menu<T extends QuickPickItem>(
  items: readonly T[],
  options: Pick<ListQuestion, 'title' | 'placeHolder'>,
): Promise<T | undefined> {
  return window.showQuickPick(items, options);
}

/** Asks in an input box, which stays when the focus goes elsewhere. Undefined as in `choose`. */
export async function askText(question: TextQuestion, token?: CancellationToken): Promise<string | undefined> {
  return window.showInputBox({ ...question, ignoreFocusOut: true }, token);
}

/**
 * Asks until there is an answer. Escape closes a list or an input box, but so does the palette, and the editor does not say which
 * it was. So a dialog asks.
 * @param what the question in a few words
 * @param isOver whether nobody waits any more
 * @returns undefined when the person stops there
 */
export async function insist<T>(
  what: string,
  ask: () => PromiseLike<T | undefined>,
  isOver: () => boolean = () => false,
): Promise<T | undefined> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined || isOver()) return answer;
    const back = { title: l10n.t('Answer') };
    const stop = { title: l10n.t('Stop'), isCloseAffordance: true };
    const question = l10n.t('Knockgate is waiting for your answer: {0}', what);
    if ((await window.showWarningMessage(question, { modal: true }, back, stop)) !== back) return undefined;
  }
}

/**
 * Asks whether to do what a document in the editor describes. The list leaves the document free: a long text can be read to its end
 * first.
 * @param show brings the text to the front
 * @returns undefined as in `choose`
 */
export async function approve(
  question: ListQuestion,
  agree: string,
  refuse: string,
  show: () => PromiseLike<unknown>,
  token?: CancellationToken,
): Promise<boolean | undefined> {
  await show();
  const picked = await choose([{ label: agree }, { label: refuse }], question, token);
  return picked && picked.label === agree;
}
