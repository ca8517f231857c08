export function prosePaths(): string[];
export function contorted(text: string): { number: number; hits: { phrase: string; instead: string }[] }[];
export function questioningDocstrings(text: string): { number: number; hits: { phrase: string }[] }[];
export function proseFaults(): string[];
