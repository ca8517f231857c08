export function documents(): string[];
export function oneSentencePerLine(document: string): string;
