import { describe, expect, it } from 'vitest';
import type { Bundles } from '../../../../server-helper/manage/command.ts';
import { COMMANDS } from '../../../../server-helper/manage/commands.ts';
import { subcommand } from '../../../../server-helper/manage/subcommand.ts';
import { commandsOf } from '../../../../src/command-table/entry.ts';
import { GATE } from '../../../../src/command-table/gate/program.ts';
import { problemOf } from '../support.ts';

const none = (): never => {
  throw new Error('no further bundle is needed to refuse a command line');
};
const BUNDLES: Bundles = { loadFleetBundle: none, loadFwknopBundle: none, loadImportBundle: none };

describe('a command line of knockgated', () => {
  it.each([
    ['status --days 3', 'knockgated status does not take --days.'],
    ['list --port tcp/22', 'knockgated list does not take --port.'],
    ['rotate --new', 'knockgated rotate does not take --new.'],
    ['check --firewall memory', 'knockgated check does not take --firewall.'],
    ['grant 192.0.2.1 --prot 22', 'knockgated grant does not take --prot. Did you mean --port?'],
    ['grant 192.0.2.1 --seconds', 'knockgated grant: --seconds needs a value: --seconds NUMBER'],
    ['grant 192.0.2.1 --seconds 5 --seconds 6', 'knockgated grant: --seconds is given more than once.'],
    ['list --json=yes', 'knockgated list: --json takes no value.'],
    ['run --json', 'The form is: knockgated run, or knockgated run --pcap FILE'],
    ['run --pcap a --firewall memory', 'The form is: knockgated run, or knockgated run --pcap FILE'],
    ['run --pcap a b', 'knockgated run: too many arguments.'],
    ['grant', 'knockgated grant: ADDRESS is missing.'],
    ['status now', 'knockgated status: too many arguments.'],
    ['client', 'knockgated client needs one of add, list, remove.'],
    ['client lsit', 'knockgated client needs one of add, list, remove. Did you mean list?'],
    ['client remove a b', 'knockgated client remove: too many arguments.'],
    ['import-fwknop a b c', 'knockgated import-fwknop: too many arguments.'],
    ['stauts', 'There is no command "stauts". Did you mean status?'],
    ['frob', 'There is no command "frob".'],
  ])('%s is refused: %s', async (line, what) => {
    expect(await problemOf(() => subcommand(line.split(' '), BUNDLES))).toMatchObject({ code: 'usage', what });
  });

  it('is done for every command of the table that systemd does not start', () => {
    const done = COMMANDS.map(({ entry }) => entry.name);
    expect([...done, 'run-action'].sort()).toEqual(
      commandsOf(GATE)
        .map(({ name }) => name)
        .sort(),
    );
  });
});
