import { writeFileSync } from 'node:fs';
import { plainDocument } from '../base/plain-text.ts';
import { fileUnusable } from '../client/problems.ts';
import type { Arguments } from '../command-table/read-line.ts';
import { systemErrorCode } from '../os/system-error.ts';

/** Plans and reports: in short, or whole with `--verbose`. The file of `--report` has them whole, in Markdown. */
export class Documents {
  private readonly isWhole: boolean;
  private readonly file: string | undefined;
  private readonly kept: string[] = [];

  constructor(args: Arguments) {
    this.isWhole = args.flag('verbose');
    this.file = args.value('report');
  }

  /**
   * Writes a document to the file, behind those that are there.
   * @returns what people are shown of it
   * @throws Problem `file-unusable`
   */
  shown(document: string, summary: string): string {
    this.keep(document);
    if (this.isWhole || document === summary) return plainDocument(document);
    const details = this.file === undefined ? '--verbose, or --report FILE' : this.file;
    return `${plainDocument(summary).trimEnd()}\n\nDetails: ${details}\n`;
  }

  private keep(document: string): void {
    if (this.file === undefined) return;
    this.kept.push(document.trimEnd());
    try {
      writeFileSync(this.file, `${this.kept.join('\n\n')}\n`, { mode: 0o600 });
    } catch (error) {
      throw fileUnusable(this.file, systemErrorCode(error) ?? 'unknown');
    }
  }
}
