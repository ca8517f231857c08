import { l10n } from 'vscode';
import { Problem } from '../../base/problem.ts';
import { parseName } from '../../spa/enrolment.ts';
import { askText } from '../ask/ask.ts';

/** Asks for the name of an identity; undefined when the person cancels. */
export async function askIdentityName(
  title: string,
  value: string,
  taken: readonly string[],
): Promise<string | undefined> {
  return askText({
    title,
    prompt: l10n.t('A name for the identity on this device'),
    placeHolder: 'work',
    value,
    validateInput: (text) =>
      taken.includes(text) ? l10n.t('There is an identity of that name already.') : complaintOf(text),
  });
}

function complaintOf(text: string): string | undefined {
  try {
    parseName(text, l10n.t('name'));
    return undefined;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return error.text.next;
  }
}
