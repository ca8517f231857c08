import { describe, expect, it } from 'vitest';
import type { Bundles } from '../../../../server-helper/manage/command.ts';
import { COMMANDS } from '../../../../server-helper/manage/commands.ts';
import { HELP } from '../../../../server-helper/manage/help.ts';
import { subcommand } from '../../../../server-helper/manage/subcommand.ts';
import { problemOf } from '../support.ts';

const none = (): never => {
  throw new Error('no further bundle is needed to refuse a command line');
};
const BUNDLES: Bundles = { loadFwknopBundle: none, loadImportBundle: none };

describe('a command line of knockgated', () => {
  it.each([
    ['status --days 3', 'knockgated status does not take --days.'],
    ['list --port tcp/22', 'knockgated list does not take --port.'],
    ['rotate --new', 'knockgated rotate does not take --new.'],
    ['check --firewall memory', "Unknown option '--firewall'"],
    ['run --json', 'The form is: knockgated run, or knockgated run --pcap FILE'],
    ['run --pcap a b', 'The form is: knockgated run --pcap FILE'],
    ['grant', 'The form is: knockgated grant ADDRESS'],
    ['status now', 'The form is: knockgated status'],
    ['client', 'knockgated client needs one of add, list, remove.'],
    ['client x', 'knockgated client needs one of add, list, remove.'],
    ['client remove a b', 'The form is: knockgated client remove NAME'],
    ['import-fwknop a b c', 'The form is: knockgated import-fwknop ACCESS.CONF [FWKNOPD.CONF]'],
    ['frob', 'There is no command "frob".'],
  ])('%s is refused: %s', async (line, what) => {
    expect(await problemOf(() => subcommand(line.split(' '), BUNDLES))).toMatchObject({ code: 'usage', what });
  });

  it('is one of the help, which names every option that its command takes', () => {
    for (const { name, options } of COMMANDS) {
      expect(HELP).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'));
      for (const option of options) expect(HELP, name).toContain(`--${option}`);
    }
  });
});
