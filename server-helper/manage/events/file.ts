import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { fileUnreadable } from '../../problems.ts';
import { type Found, parseEvent } from './event.ts';
import { wrongCursor } from './problems.ts';

/** Bytes of a file that is read: the daemon's get half as long. */
const LONGEST = 2 ** 24;
/** Number and time of the last event of a page. Both: after the end of the chain was lost, numbers begin again. */
const CURSOR = /^([0-9]{1,15})@([0-9T:.-]{1,30}Z)$/;

/** Whether the daemon that ran last has written its log into the file. */
export function hasEventsFile(path: string): boolean {
  const fd = openIfThere(path);
  if (fd !== undefined) closeSync(fd);
  return fd !== undefined;
}

/**
 * The events of the file and of the previous one, the newest first.
 * @param before cursor behind which to go on
 * @throws Problem `bad-text`, `file-unreadable`
 */
export async function* eventsOfFile(path: string, before: string | undefined): AsyncGenerator<Found> {
  const start = before === undefined ? undefined : placeOf(before);
  let isBehind = start === undefined;
  for (const line of linesBackwards(textsOf(path))) {
    if (isBehind) {
      const event = parseEvent(line);
      if (event !== undefined) yield { event, cursor: `${event.seq}@${event.time}` };
    } else isBehind = line.startsWith(start ?? '');
  }
}

/** The beginning of the line that a cursor names. */
function placeOf(cursor: string): string {
  const [, seq, time] = CURSOR.exec(cursor) ?? [];
  if (seq === undefined) throw wrongCursor(cursor);
  return `{"time":"${time}","seq":${seq},`;
}

function* linesBackwards(texts: readonly string[]): Generator<string> {
  for (const text of texts) {
    for (let end = text.length; end > 0; ) {
      const start = text.lastIndexOf('\n', end - 1) + 1;
      yield text.slice(start, end);
      end = start - 1;
    }
  }
}

/** The file and the previous one. Both are open before one is read, and are not the same: the daemon may begin another meanwhile. */
function textsOf(path: string, tries = 3): string[] {
  const [current, previous] = [openIfThere(path), openIfThere(`${path}.1`)];
  const fds = [current, previous].flatMap((fd) => fd ?? []);
  try {
    const isSame = fds.length === 2 && new Set(fds.map((fd) => fstatSync(fd).ino)).size === 1;
    if (!isSame) return fds.map((fd) => readFileSync(fd, 'utf8'));
    if (tries === 1) throw new Error('it and the previous file are one');
    return textsOf(path, tries - 1);
  } catch (error) {
    throw fileUnreadable(path, error);
  } finally {
    for (const fd of fds) closeSync(fd);
  }
}

/** The folder is the daemon's: what lies there may be anything. */
function openIfThere(path: string): number | undefined {
  const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
  try {
    const fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const found = fstatSync(fd);
    if (found.isFile() && found.size <= LONGEST) return fd;
    closeSync(fd);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw fileUnreadable(path, error);
  }
  throw fileUnreadable(path, new Error('it is not a file of the daemon'));
}
