import { commands, type Disposable, l10n, type Memento, Uri, workspace } from 'vscode';
import { asProblem } from './ask/show-problem.ts';
import { window } from './ask/window.ts';
import type { Log } from './log.ts';

/**
 * Scheme of the documents. It is also in package.json: before the editor restores such a document it starts the extension, by
 * `onFileSystem`, and waits for it.
 */
const SCHEME = 'knockgate-diagnosis';
const RECORD = 'knockgate.documents';
/** Most documents to keep: more than anybody has open at a time. Each has some kilobytes. */
const MOST_KEPT = 6;

/** Document that is kept for a reload of its window. */
interface Kept {
  readonly path: string;
  readonly text: string;
}

/**
 * Diagnoses, plans and reports as virtual documents: nobody is asked to save them. The window keeps the last ones, and shows them
 * again when it is reloaded. None of them contains a secret.
 */
export class DiagnosisDocuments implements Disposable {
  private readonly log: Log;
  private readonly state: Pick<Memento, 'get' | 'update'>;
  private readonly registration: Disposable;
  private readonly texts: Map<string, string>;

  /** @param state memento of the window */
  constructor(log: Log, state: Pick<Memento, 'get' | 'update'>) {
    this.log = log;
    this.state = state;
    this.texts = new Map(kept(state).map(({ path, text }) => [path, text]));
    this.registration = workspace.registerTextDocumentContentProvider(SCHEME, {
      provideTextDocumentContent: ({ path }) => this.texts.get(path) ?? forgotten(),
    });
  }

  /**
   * Opens a document of its own, readable; as plain text where the editor has no preview of Markdown. One that was shown before
   * under the same title stays what it was: a preview that is told of a change still shows the old text for a while, and a plan
   * must never be another than the one that is asked about.
   */
  async show(title: string, text: string): Promise<void> {
    const path = `/${nextNumber([...this.texts.keys()])}/${title}.md`;
    this.texts.set(path, text);
    await this.state.update(RECORD, [...kept(this.state), { path, text }].slice(-MOST_KEPT));
    const uri = Uri.from({ scheme: SCHEME, path });
    try {
      await commands.executeCommand('markdown.showPreview', uri);
    } catch (error) {
      this.log.debug(asProblem(error).message);
      await window.showTextDocument(uri, { preview: true });
    }
  }

  dispose(): void {
    this.registration.dispose();
  }
}

/** Number that no document has that may still be open. */
function nextNumber(paths: readonly string[]): number {
  return 1 + Math.max(0, ...paths.map((path) => Number(path.split('/')[1])).filter(Number.isInteger));
}

function forgotten(): string {
  return l10n.t('This page was not kept. Run the command again for a new one.');
}

function kept(state: Pick<Memento, 'get'>): Kept[] {
  const record = state.get<unknown>(RECORD);
  if (!Array.isArray(record)) return [];
  return record.flatMap((each) => {
    const { path, text }: Record<string, unknown> = { ...each };
    return typeof path === 'string' && typeof text === 'string' ? [{ path, text }] : [];
  });
}
