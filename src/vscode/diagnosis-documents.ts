import { commands, type Disposable, Uri, window, workspace } from 'vscode';
import type { Log } from './log.ts';
import { asProblem } from './show-problem.ts';

const SCHEME = 'knockgate-diagnosis';

/** Diagnoses, plans and reports as documents that are made up: nothing is to be saved, and nothing asks whether to. */
export class DiagnosisDocuments implements Disposable {
  private readonly texts = new Map<string, string>();
  private readonly registration: Disposable;
  private readonly log: Log;

  constructor(log: Log) {
    this.log = log;
    this.registration = workspace.registerTextDocumentContentProvider(SCHEME, {
      provideTextDocumentContent: ({ path }) => this.texts.get(path) ?? '',
    });
  }

  /**
   * Opens a document of its own, readable; as plain text where the editor has no preview of Markdown. One that was shown before
   * under the same title stays what it was: a preview that is told of a change still shows the old text for a while, and a plan
   * must never be another than the one that is asked about.
   */
  async show(title: string, text: string): Promise<void> {
    const path = `/${this.texts.size + 1}/${title}.md`;
    this.texts.set(path, text);
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
