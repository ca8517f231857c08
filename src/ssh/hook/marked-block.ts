/*
 * The hook's only change of a person's SSH configuration: a marked block with one `Include`. It is at the top, since an
 * `Include` below a `Host` or `Match` line counts for that one only. Texts have one character for each byte of the file, so
 * every byte is kept, whatever its encoding.
 */

import { linesOf, withLinesAtTop } from '../config-lines.ts';

const BEGIN = '# >>> knockgate >>>';
const END = '# <<< knockgate <<<';
const REMARK = '# Written by Knockgate; its command "Stop Knocking for Every SSH Connection" takes it out.';
/** Comment in a file that the block has created: it is deleted together with the block. */
const NEW_FILE = '# This file was not there before.';

/** Somebody has edited the markers: which lines are ours is unknown. */
export class MalformedBlock extends Error {}

/**
 * Puts the block at the top of a configuration, and replaces an earlier one.
 * @param before undefined when there is no such file
 * @param includeLine one line, without its end
 * @throws MalformedBlock
 */
export function withBlock(before: string | undefined, includeLine: string): string {
  const rest = withoutBlock(before);
  const lines = [BEGIN, REMARK, ...(rest === undefined ? [NEW_FILE] : []), includeLine, END];
  return withLinesAtTop(rest ?? '', lines);
}

/**
 * Takes the block out of a configuration. Every other byte stays, later changes included.
 * @returns undefined when there was no file, and nothing else is in it now
 * @throws MalformedBlock
 */
export function withoutBlock(before: string | undefined): string | undefined {
  if (before === undefined) return undefined;
  const block = findBlock(before);
  if (block === undefined) return before;
  const rest = before.slice(0, block.start) + before.slice(block.end);
  return rest === '' && block.madeFile ? undefined : rest;
}

interface Block {
  readonly start: number;
  readonly end: number;
  readonly madeFile: boolean;
}

/** @throws MalformedBlock when a marker is missing or occurs twice, or when somebody wrote between the markers */
function findBlock(text: string): Block | undefined {
  const lines = linesOf(text);
  const begins = lines.filter((line) => line.text === BEGIN);
  const ends = lines.filter((line) => line.text === END);
  const [begin] = begins;
  const [end] = ends;
  if (begin === undefined && end === undefined) return undefined;
  if (begin === undefined || end === undefined || begins.length + ends.length > 2 || end.start < begin.start)
    throw new MalformedBlock();
  const inside = lines.filter(({ start }) => start > begin.start && start < end.start).map((line) => line.text);
  const includes = inside.filter((line) => line.startsWith('Include '));
  const remarks = inside.filter((line) => line === REMARK || line === NEW_FILE);
  if (includes.length !== 1 || includes.length + remarks.length !== inside.length) throw new MalformedBlock();
  return { start: begin.start, end: end.end, madeFile: inside.includes(NEW_FILE) };
}
