import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadFleetBundle, loadFwknopBundle, loadImportBundle } from '../../../../server-helper/bundles.ts';
import { subcommand } from '../../../../server-helper/manage/subcommand.ts';
import { formatClientLine } from '../../../../src/spa/enrolment.ts';
import { problemOf, temporaryFolder } from '../support.ts';

let folder: string;
let said: string[];
beforeEach(() => {
  folder = temporaryFolder();
  said = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const OPENWRT = `config access
\toption SOURCE 'ANY'
\toption KEY_BASE64 'a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s='
\toption OPEN_PORTS 'tcp/22'
`;
const STANZA = 'SOURCE ANY\nKEY_BASE64 a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=\nOPEN_PORTS tcp/22\n';
const DOOR = (rule: string) =>
  `[a]\nsequence = 7101,7302,7203\ncommand = /sbin/iptables -A INPUT -s %IP% ${rule} -j ACCEPT\n`;

const LINE = formatClientLine({ key: new Uint8Array(32).fill(9), name: 'alice' });
/** Further arguments of some commands, behind the file. */
const MORE: Readonly<Record<string, readonly string[]>> = {
  'import-pyknock': ['--client', LINE],
  'import-aldaba': ['/dev/null', '--client', LINE],
};

function run(command: string, text: string) {
  const file = join(folder, 'theirs.conf');
  writeFileSync(file, text);
  const argv = [command, file, ...(MORE[command] ?? []), '--config', join(folder, 'gate.toml')];
  return subcommand(argv, { loadFleetBundle, loadFwknopBundle, loadImportBundle });
}

describe('an import without a result', () => {
  it.each([
    ['import-fwknop', 'of OpenWrt’s own form', OPENWRT, 'OpenWrt’s own form'],
    ['import-fwknop', 'of another program', 'listen_addresses = localhost\n', 'fwknop'],
    ['import-fwknop', 'without a word', '', ''],
    ['import-knockd', 'with no door', '[options]\nlogfile = /var/log/knockd.log\n', ''],
    ['import-knockd', 'with a door to another protocol', DOOR('-p gre'), 'the protocol gre'],
    ['import-knockd', 'without a word', '', ''],
    ['import-pyknock', 'with no call', 'systemctl enable knock\n', ''],
    ['import-xt-pknock', 'with no rule', '-A INPUT -j DROP\n', ''],
    ['import-aldaba', 'of another program', 'listen = all\n', 'listen'],
  ])('%s of a file %s says why, and ends with 3', async (command, _, text, told) => {
    const problem = await problemOf(() => run(command, text));
    expect(problem).toMatchObject({ code: 'nothing-imported', exit: 3 });
    expect(said.join('')).toContain(told);
  });

  it.each([
    ['import-pyknock', ['x']],
    ['import-aldaba', ['x', 'y']],
  ])('%s wants a client, whose key takes over from the secret', async (command, files) => {
    const argv = [command, ...files, '--config', join(folder, 'gate.toml')];
    const problem = await problemOf(() => subcommand(argv, { loadFleetBundle, loadFwknopBundle, loadImportBundle }));
    expect([problem.code, problem.next]).toEqual(['usage', expect.stringContaining('knockgate pubkey')]);
  });

  it.each([
    ['import-fwknop', STANZA],
    ['import-knockd', DOOR('-p tcp --dport 22')],
    ['import-pyknock', "pyknock-server PSK 'iptables -A INPUT -s $ip -p tcp --dport 22 -j ACCEPT' true\n"],
    [
      'import-xt-pknock',
      '-A INPUT -p tcp -m pknock --name A --knockports 9000,7000,8000 --time 9 --dport 22 -j ACCEPT\n',
    ],
    ['import-aldaba', 'passphrase = secret-of-aldaba\n'],
  ])('ends with 0 when it has a result: %s', async (command, text) => {
    expect(await run(command, text)).toBe(0);
  });
});
