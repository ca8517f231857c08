import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { eventsOfJournal, type Start } from '../../../../../server-helper/manage/events/journal.ts';
import { problemOf, temporaryFolder, WALL } from '../../support.ts';

/* A script stands in for journalctl: a journal of its own needs a booted system. test/gate/events.long.test.ts has one. */

const START: Start = { before: undefined, until: undefined };
const EVENT = { time: '2026-11-30T12:00:00.000Z', seq: 7, prev: null, event: 'refused', detail: 'a\u007fb' };

/** A journalctl that runs this code; `said` is its arguments. */
function journalctl(code: string): string[] {
  const script = join(temporaryFolder(), 'journalctl.cjs');
  writeFileSync(
    script,
    `const said = process.argv.slice(2);\nconst say = (entry) => console.log(JSON.stringify(entry));\n${code}`,
  );
  return [process.execPath, script];
}

async function read(program: string[], start: Partial<Start> = {}, most = 100) {
  const found = [];
  for await (const each of eventsOfJournal({ ...START, ...start }, program)) {
    found.push(each);
    if (found.length === most) break;
  }
  return found;
}

it('events of the journal are the messages of the unit that are lines of the log', async () => {
  const text = JSON.stringify(EVENT);
  const program = journalctl(`
    say({ MESSAGE: 'knockgated: There is no configuration.', __CURSOR: 's=1;i=4' });
    say({ MESSAGE: null, __CURSOR: 's=1;i=3' });
    say({ MESSAGE: ${JSON.stringify([...Buffer.from(text)])}, __CURSOR: 's=1;i=2' });
    say({ MESSAGE: ${JSON.stringify(text)}, __CURSOR: 's=1;i=1' });
  `);
  expect(await read(program)).toEqual([
    { event: EVENT, cursor: 's=1,i=2' },
    { event: EVENT, cursor: 's=1,i=1' },
  ]);
});

const asked = async (start: Partial<Start>) => {
  const program = journalctl(
    `say({ MESSAGE: JSON.stringify({ time: 'x', seq: 1, event: 'x', said }), __CURSOR: 's=1' });`,
  );
  const [found] = await read(program, start);
  return found?.event.said;
};

it('journalctl is asked for the unit alone, backwards, from the place that is wanted', async () => {
  const usual = ['--reverse', '--output=json', '--output-fields=MESSAGE', '--all', '--quiet', '--no-pager'];
  const unit = '_SYSTEMD_UNIT=knockgate.service';
  expect(await asked({})).toEqual([...usual, unit]);
  expect(await asked({ before: 's=0a,i=1f' })).toEqual([...usual, '--after-cursor=s=0a;i=1f', unit]);
  // A minute more: the journal may have got the event after its time.
  expect(await asked({ until: WALL })).toEqual([...usual, `--until=@${WALL / 1000 + 60}`, unit]);
  expect(await asked({ until: WALL, before: 's=0a,i=1f' })).toContain('--after-cursor=s=0a;i=1f');
});

it('journalctl is ended when nobody wants more', async () => {
  const program = journalctl(`
    const text = ${JSON.stringify(JSON.stringify(EVENT))};
    const more = () => process.stdout.write(JSON.stringify({ MESSAGE: text, __CURSOR: 's=1' }) + '\\n', more);
    more();
  `);
  expect(await read(program, {}, 3)).toHaveLength(3);
});

it.each(['', '7@2026-11-30T12:00:00.000Z', 's=1', 's=1;i=2', 's=1,i=2,--file=/x'])(
  'the cursor %j is refused',
  async (before) => {
    expect(await problemOf(() => read(['/bin/false'], { before }))).toMatchObject({ code: 'bad-text', exit: 2 });
  },
);

it('an error of journalctl is told in its own words', async () => {
  const program = journalctl(`console.error('No permission.'); process.exitCode = 1;`);
  expect(await problemOf(() => read(program))).toMatchObject({ code: 'journal-unreadable', why: 'No permission.' });
});

it('a cursor of another journal is refused', async () => {
  const program = journalctl(`console.error('Failed to seek to cursor: Invalid argument'); process.exitCode = 1;`);
  const before = 's=0a,i=1f';
  expect(await problemOf(() => read(program, { before }))).toMatchObject({ code: 'bad-text', exit: 2 });
});

it('a host without journalctl has no log', async () => {
  expect((await problemOf(() => read(['/nonexistent/journalctl']))).code).toBe('log-missing');
});
