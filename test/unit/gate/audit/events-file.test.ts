import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EventsFile, isJournal } from '../../../../server-helper/audit/events-file.ts';
import { auditLog, temporaryFolder } from '../support.ts';

const rig = (isUsed = true, mostBytes?: number) => {
  const path = join(temporaryFolder(), 'events');
  const { entries, audit } = auditLog();
  const file = new EventsFile(path, audit, isUsed, mostBytes);
  const read = (name = path) => readFileSync(name, 'utf8');
  return { path, entries, file, read };
};

describe('the file of events', () => {
  it('gets nothing before it is known that no other daemon runs', () => {
    const { path, file, read } = rig();
    file.write('one\n');
    expect(existsSync(path)).toBe(false);
    file.begin();
    file.write('two\n');
    expect(read()).toBe('one\ntwo\n');
  });

  it('goes on after a restart, behind a line that was torn', () => {
    const { path, file, read } = rig();
    writeFileSync(path, 'whole\nto');
    file.begin();
    file.write('next\n');
    file.write('last\n');
    expect(read()).toBe('whole\nto\nnext\nlast\n');
  });

  it('is bounded: a full one becomes the previous one', () => {
    const { path, file, read } = rig(true, 20);
    file.begin();
    for (const name of ['first', 'second', 'third', 'fourth', 'fifth']) file.write(`${name.padEnd(9)}\n`);
    expect([read(`${path}.1`), read()].map((text) => text.match(/\w+/g))).toEqual([['third', 'fourth'], ['fifth']]);
  });

  it('takes a line that is longer than the file may be', () => {
    const { file, read } = rig(true, 20);
    file.begin();
    file.write(`${'x'.repeat(99)}\n`);
    expect(read()).toHaveLength(100);
  });

  it('that cannot be written is told once, and again when it can be', () => {
    const { path, entries, file, read } = rig();
    mkdirSync(path);
    file.begin();
    for (const name of ['one', 'two', 'three']) file.write(`${name}\n`);
    expect(entries).toEqual([{ event: 'events-lost', detail: expect.stringContaining('EISDIR') }]);
    rmdirSync(path);
    file.write('four\n');
    expect(read()).toBe('four\n');
    expect(entries.slice(1)).toEqual([{ event: 'events-restored', detail: `3 lines are missing in ${path}` }]);
  });

  it('is not written where the journal has the log, and an earlier one is put aside', () => {
    const { path, file, read } = rig(false);
    writeFileSync(path, 'of an earlier run\n');
    file.write('one\n');
    file.begin();
    file.write('two\n');
    expect([existsSync(path), read(`${path}.1`)]).toEqual([false, 'of an earlier run\n']);
  });
});

it('the journal is where systemd says that the standard error is', () => {
  const fd = openSync(temporaryFolder(), 'r');
  const { dev, ino } = fstatSync(fd, { bigint: true });
  expect(isJournal({ JOURNAL_STREAM: `${dev}:${ino}` }, fd)).toBe(true);
  expect(isJournal({ JOURNAL_STREAM: `${dev}:${ino + 1n}` }, fd)).toBe(false);
  expect(isJournal({}, fd)).toBe(false);
  closeSync(fd);
});
