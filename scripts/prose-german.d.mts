export function contortedGerman(text: string): { phrase: string; instead: string }[];
export function germanFaults(): string[];
