import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventsOfFile, hasEventsFile } from '../../../../../server-helper/manage/events/file.ts';
import { problemOf, temporaryFolder, WALL } from '../../support.ts';

const line = (seq: number) =>
  `${JSON.stringify({ time: new Date(WALL + seq).toISOString(), seq, prev: null, event: 'granted' })}\n`;
const lines = (...seqs: number[]) => seqs.map(line).join('');

async function read(path: string, before?: string): Promise<{ seqs: number[]; cursors: string[] }> {
  const [seqs, cursors]: [number[], string[]] = [[], []];
  for await (const { event, cursor } of eventsOfFile(path, before)) {
    seqs.push(event.seq);
    cursors.push(cursor);
  }
  return { seqs, cursors };
}

describe('the events of the file', () => {
  it('come with those of the previous one, the newest first', async () => {
    const path = join(temporaryFolder(), 'events');
    writeFileSync(path, lines(4, 5));
    expect((await read(path)).seqs).toEqual([5, 4]);
    writeFileSync(`${path}.1`, lines(1, 2, 3));
    expect((await read(path)).seqs).toEqual([5, 4, 3, 2, 1]);
  });

  it('go on behind a cursor, also after the file became the previous one', async () => {
    const path = join(temporaryFolder(), 'events');
    writeFileSync(path, lines(1, 2, 3));
    const [, cursor] = (await read(path)).cursors;
    writeFileSync(`${path}.1`, lines(1, 2, 3));
    writeFileSync(path, lines(4));
    expect((await read(path, cursor)).seqs).toEqual([1]);
  });

  it('are refused where both files are one', async () => {
    const path = join(temporaryFolder(), 'events');
    writeFileSync(path, lines(1));
    linkSync(path, `${path}.1`);
    expect(await problemOf(() => read(path))).toMatchObject({ code: 'file-unreadable' });
  });

  it('are over when the line of the cursor was deleted', async () => {
    const path = join(temporaryFolder(), 'events');
    writeFileSync(path, lines(1));
    const [cursor] = (await read(path)).cursors;
    writeFileSync(path, lines(8, 9));
    expect((await read(path, cursor)).seqs).toEqual([]);
  });

  it('tell lines with one number apart by their time: numbers can begin again', async () => {
    const path = join(temporaryFolder(), 'events');
    writeFileSync(path, `${line(1)}${line(2)}${line(1).replace('.001Z', '.501Z')}`);
    const { cursors } = await read(path);
    expect((await read(path, cursors[0])).seqs).toEqual([2, 1]);
    expect((await read(path, cursors[2])).seqs).toEqual([]);
  });

  it('leave out lines that are torn or of others', async () => {
    const path = join(temporaryFolder(), 'events');
    writeFileSync(
      path,
      `${line(1)}${line(2).slice(0, 20)}\n\n[]\n"x"\n{"event":"granted"}\n${line(3)}${line(4).slice(0, 9)}`,
    );
    expect((await read(path)).seqs).toEqual([3, 1]);
  });

  it.each(['', '1', '1@', '1@x', 's=1,i=2', '1@2026-11-30T00:00:00.000Z"'])('refuse the cursor %j', async (cursor) => {
    const path = join(temporaryFolder(), 'events');
    writeFileSync(path, lines(1));
    expect(await problemOf(() => read(path, cursor))).toMatchObject({ code: 'bad-text', exit: 2 });
  });
});

it('there is a file or none; anything else in its place is an error', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'events');
  expect(hasEventsFile(path)).toBe(false);
  writeFileSync(path, '');
  expect(hasEventsFile(path)).toBe(true);
  symlinkSync('/dev/zero', join(folder, 'link'));
  mkdirSync(join(folder, 'folder'));
  for (const name of ['link', 'folder'])
    expect((await problemOf(() => hasEventsFile(join(folder, name)))).code).toBe('file-unreadable');
});
