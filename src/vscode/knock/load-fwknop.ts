import { l10n } from 'vscode';

/** The part that speaks to fwknopd: a bundle of its own. */
export type Fwknop = typeof import('../../client/fwknop/main.ts');

/** Loads what speaks to fwknopd, in the language of the editor. */
export async function loadFwknop(): Promise<Fwknop> {
  const fwknop = await import('../../client/fwknop/main.ts');
  fwknop.speak(l10n.t);
  return fwknop;
}
