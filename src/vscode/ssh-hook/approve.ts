import { basename } from 'node:path';
import { commands, l10n, TabInputTextDiff, Uri, window, workspace } from 'vscode';
import type { ConfigChange } from '../../ssh/hook/config-change.ts';

const SCHEME = 'knockgate-ssh-config';

/**
 * Shows changes of SSH configurations, each beside what it was, and asks whether they are to be made.
 * @param agree what a yes is called
 */
export async function approve(changes: readonly ConfigChange[], title: string, agree: string): Promise<boolean> {
  const texts = new Map<string, string | undefined>();
  const provider = workspace.registerTextDocumentContentProvider(SCHEME, {
    provideTextDocumentContent: (uri) => readable(texts.get(uri.path)),
  });
  try {
    for (const [i, { path, before, after }] of changes.entries()) {
      const [left, right] = [before, after].map((text, side) => {
        const place = `/${i}/${side}/${basename(path)}`;
        texts.set(place, text);
        return Uri.from({ scheme: SCHEME, path: place });
      });
      await commands.executeCommand('vscode.diff', left, right, l10n.t('{0}: what would change', path), {
        preview: false,
      });
    }
    const paths = changes.map(({ path }) => path).join(', ');
    const question = l10n.t('{0}: change {1} as shown?', title, paths);
    // A notification, at the bottom: the change begins at the top, where a list would hide it.
    return (await window.showInformationMessage(question, agree, l10n.t('Leave It as It Is'))) === agree;
  } finally {
    await closeComparisons();
    provider.dispose();
  }
}

function readable(text: string | undefined): string {
  return Buffer.from(text ?? '', 'latin1').toString('utf8');
}

async function closeComparisons(): Promise<void> {
  const tabs = window.tabGroups.all.flatMap((group) => group.tabs);
  const ours = tabs.filter(({ input }) => input instanceof TabInputTextDiff && input.modified.scheme === SCHEME);
  await window.tabGroups.close(ours, true);
}
