import { commands, type Disposable, EventEmitter, Uri, window, workspace } from 'vscode';
import type { Log } from './log.ts';
import { asProblem } from './show-problem.ts';

const SCHEME = 'knockgate-diagnosis';

/** Diagnoses, plans and reports as documents that are made up: nothing is to be saved, and nothing asks whether to. */
export class DiagnosisDocuments implements Disposable {
  private readonly texts = new Map<string, string>();
  private readonly changed = new EventEmitter<Uri>();
  private readonly registration: Disposable;
  private readonly log: Log;

  constructor(log: Log) {
    this.log = log;
    this.registration = workspace.registerTextDocumentContentProvider(SCHEME, {
      onDidChange: this.changed.event,
      provideTextDocumentContent: ({ path }) => this.texts.get(path) ?? '',
    });
  }

  /**
   * Opens a document, readable; as plain text where the editor has no preview of Markdown.
   * @param title of the one document by that name: what it said before is replaced
   */
  async show(title: string, text: string): Promise<void> {
    const path = `/${title}.md`;
    this.texts.set(path, text);
    const uri = Uri.from({ scheme: SCHEME, path });
    this.changed.fire(uri);
    try {
      await commands.executeCommand('markdown.showPreview', uri);
    } catch (error) {
      this.log.debug(asProblem(error).message);
      await window.showTextDocument(uri, { preview: true });
    }
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }
}
