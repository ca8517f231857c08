import { l10n } from 'vscode';

/** Loads the readers of other programs' files, in the language of the editor. */
export async function loadImporters(): Promise<typeof import('../../client/importers.ts')> {
  const importers = await import('../../client/importers.ts');
  importers.speak(l10n.t);
  return importers;
}
