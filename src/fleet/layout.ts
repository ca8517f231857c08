/*
 * Names of documents in a store: files below a folder, paths below an address. docs/fleet-documents.md has them all. A signature lies
 * beside its document, one file for each person.
 */

/** Hint at the newest numbers, and the only file that changes. */
export const LATEST = 'latest';

export const rootFile = (number: number): string => `root/${number}.json`;
export const rootSignature = (number: number, person: string): string => `root/${number}.sig/${person}.sig`;
export const headFile = (number: number): string => `head/${number}.json`;
export const headSignature = (number: number, person: string): string => `head/${number}.sig/${person}.sig`;
export const listFile = (hash: string): string => `list/${hash}`;
export const revocationFile = (key: string, number: number): string => `rev/${key}/${number}.json`;
export const revocationSignature = (key: string, number: number): string => `rev/${key}/${number}.sig`;

/** A document of a gate or of one of its teams, where only somebody who knows the gate's token finds it. */
export const partFile = (token: string, hash: string): string => `part/${token}/${hash}`;

/** Newest numbers. */
export interface Latest {
  readonly root: number;
  readonly head: number;
}

export function formatLatest({ root, head }: Latest): string {
  return `root ${root}\nhead ${head}\n`;
}

/** Reads the hint; undefined for any other text. */
export function parseLatest(text: string): Latest | undefined {
  const [, root, head] = /^root ([1-9][0-9]{0,15})\nhead ([1-9][0-9]{0,15})\n$/.exec(text) ?? [];
  const latest = { root: Number(root), head: Number(head) };
  return Number.isSafeInteger(latest.root) && Number.isSafeInteger(latest.head) ? latest : undefined;
}

export const isToken = (text: string): boolean => /^[A-Za-z0-9_-]{43}$/.test(text);
