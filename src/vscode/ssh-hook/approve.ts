import { basename, dirname, join } from 'node:path';
import { commands, l10n, TabInputTextDiff, Uri, window, workspace } from 'vscode';
import type { ConfigChange } from '../../ssh/hook/config-change.ts';
import { approve as approveShown, insist } from '../ask/ask.ts';

const SCHEME = 'knockgate-ssh-config';
/** Lines at the top of the editor that the question covers. Most changes are there, and nobody can scroll further up. */
const COVERED_LINES = 5;

/**
 * Shows changes of SSH configurations, each beside the previous text, and asks whether to make them.
 * @param agree label of the yes
 */
export async function approve(changes: readonly ConfigChange[], title: string, agree: string): Promise<boolean> {
  const texts = new Map<string, string>();
  const provider = workspace.registerTextDocumentContentProvider(SCHEME, {
    provideTextDocumentContent: (uri) => texts.get(uri.path),
  });
  try {
    const show = async () => {
      for (const [i, { path, before, after }] of changes.entries()) {
        const [left, right] = [before, after].map((text, side) => {
          const place = `/${i}/${side}/${basename(path)}`;
          texts.set(place, shown(path, text));
          return Uri.from({ scheme: SCHEME, path: place });
        });
        // A tab would cut off a whole path; it is the first line of the text instead.
        const shortName = join(basename(dirname(path)), basename(path));
        await commands.executeCommand('vscode.diff', left, right, l10n.t('{0}: what changes', shortName), {
          preview: false,
        });
      }
    };
    const question = { title, placeHolder: l10n.t('Change the SSH configuration as shown?') };
    const refuse = l10n.t('Leave It as It Is');
    const answer = await insist(question.placeHolder, () => approveShown(question, agree, refuse, show));
    return answer === true;
  } finally {
    await closeComparisons();
    provider.dispose();
  }
}

/** Text for both sides of the comparison: it begins below the part that the question covers. */
function shown(path: string, text: string | undefined): string {
  const readable = Buffer.from(text ?? '', 'latin1').toString('utf8');
  return `${'\n'.repeat(COVERED_LINES)}${l10n.t('Below this line: {0}', path)}\n${readable}`;
}

async function closeComparisons(): Promise<void> {
  const tabs = window.tabGroups.all.flatMap((group) => group.tabs);
  const ours = tabs.filter(({ input }) => input instanceof TabInputTextDiff && input.modified.scheme === SCHEME);
  await window.tabGroups.close(ours, true);
}
