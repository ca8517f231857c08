import { window as editor, type InputBoxOptions, type Progress, type ProgressOptions } from 'vscode';
import { printable, withoutLinks } from '../../base/printable.ts';

/*
 * The editor makes `[label](command:…)` something to click in a notification, in a progress message and in the prompt of
 * an input box, and runs that command without asking. Texts are made harmless where they are put together (`inWords`);
 * this does it once more where they are shown, for whatever came another way. Everything in src/vscode takes `window`
 * from here.
 */

function harmless(text: string): string {
  return withoutLinks(printable(text));
}

/** Copies options with their texts made harmless. */
function harmlessTexts<Options extends object>(options: Options, names: readonly (keyof Options)[]): Options {
  const changed = { ...options };
  for (const name of names) {
    const text = changed[name];
    if (typeof text === 'string') Object.assign(changed, { [name]: harmless(text) });
  }
  return changed;
}

/** Argument of `Progress.report` in a notification. */
interface Report {
  message?: string;
  increment?: number;
}

const GUARDED = {
  showErrorMessage: (text: string, ...rest: unknown[]) =>
    Reflect.apply(editor.showErrorMessage, editor, [harmless(text), ...rest]),
  showWarningMessage: (text: string, ...rest: unknown[]) =>
    Reflect.apply(editor.showWarningMessage, editor, [harmless(text), ...rest]),
  showInformationMessage: (text: string, ...rest: unknown[]) =>
    Reflect.apply(editor.showInformationMessage, editor, [harmless(text), ...rest]),
  showInputBox: (options: InputBoxOptions = {}, ...rest: unknown[]) =>
    Reflect.apply(editor.showInputBox, editor, [harmlessTexts(options, ['title', 'prompt', 'placeHolder']), ...rest]),
  withProgress: (options: ProgressOptions, task: (progress: Progress<Report>, token: unknown) => Thenable<unknown>) =>
    editor.withProgress(harmlessTexts(options, ['title']), (progress, token) =>
      task({ report: (report) => progress.report(harmlessTexts(report, ['message'])) }, token),
    ),
};

/** The editor's window, in which no text becomes a link. */
export const window: typeof editor = Object.create(
  editor,
  Object.fromEntries(Object.entries(GUARDED).map(([name, value]) => [name, { value }])),
);
