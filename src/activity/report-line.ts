/** A line for people. A terminal may show its tone as a colour; the words say the same. */
export interface ReportLine {
  readonly text: string;
  readonly tone: 'good' | 'bad' | 'plain';
}

export function plain(texts: readonly string[]): ReportLine[] {
  return texts.map((text) => ({ text, tone: 'plain' }));
}

/** The lines as one text, for output without colours. */
export function textOf(lines: readonly ReportLine[]): string {
  return lines.map(({ text }) => text).join('\n');
}
