export function prosePaths(): string[];
export function contorted(text: string): { number: number; hits: { phrase: string; instead: string }[] }[];
export function proseFaults(): string[];
