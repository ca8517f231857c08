import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { concat } from '../../../src/base/bytes.ts';
import { writeExportedKey } from '../../../src/client/keys/exported-key.ts';
import { newSealKey } from '../../../src/client/keys/sealed-key-file.ts';
import { CLIENT } from '../../../src/command-table/client/program.ts';
import { commandsOf } from '../../../src/command-table/entry.ts';
import { nodeCrypto } from '../../../src/spa/crypto-node.ts';
import { parseGateLine } from '../../../src/spa/enrolment.ts';
import { misfits } from '../../rig/json-shape.ts';
import { clientPrivate, temporaryFolder } from '../client/support.ts';
import { gateLine, knockgate } from './support.ts';

const KNOCKD = '[ssh]\nsequence = 7000,8000,9100\ncommand = iptables -A INPUT -s %IP% -p tcp --dport 22 -j ACCEPT\n';
const FWKNOPRC = '[prod]\nSPA_SERVER 192.0.2.9\nACCESS tcp/22\nKEY_BASE64 a2tra2tra2s=\n';
const PASSPHRASE = 'correct horse battery staple';

/** Every command that needs no server. It runs in a home with a key and the host prod; `~/` is that home. */
const HERE: Readonly<Record<string, readonly string[]>> = {
  keygen: ['--identity', '~/second'],
  pubkey: [],
  add: [gateLine('web1'), '--replace'],
  list: [],
  status: [],
  diagnose: ['prod'],
  link: ['prod'],
  rename: ['prod', 'web1'],
  remove: ['prod', '--yes'],
  'ssh-config': ['prod', '--write'],
  'import-fwknoprc': ['~/rc', '--name', 'fw'],
  'import-knockd': ['~/knockd.conf', '--address', '192.0.2.9'],
  'import-key': ['~/recovery'],
};

/** Commands that need a server, and the tests that compare their output. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  activity: 'test/deploy/examples.long.test.ts',
  events: 'test/deploy/examples.long.test.ts',
  knock: 'test/gate/json.test.ts',
  deploy: 'test/deploy/many-hosts.long.test.ts',
  upgrade: 'test/deploy/many-hosts.long.test.ts',
  undeploy: 'test/deploy/many-hosts.long.test.ts',
};

/** Commands without `--json`: what they print belongs to another program. */
const NEVER = ['connect', 'recover', 'gate', 'completion'];

let home: string;
beforeEach(async () => {
  home = temporaryFolder();
  await knockgate(home, ['keygen']);
  await knockgate(home, ['add', gateLine()]);
  mkdirSync(join(home, '.ssh'));
  writeFileSync(join(home, 'rc'), FWKNOPRC);
  writeFileSync(join(home, 'knockd.conf'), KNOCKD);
  const deriveKey = async (passphrase: Uint8Array, salt: Uint8Array) => nodeCrypto.sha256(concat(salt, passphrase));
  const io = { crypto: nodeCrypto, deriveKey };
  const hosts = new Map([['prod', { gate: parseGateLine(gateLine()), login: 'ssh://dev@127.0.0.1:22' }]]);
  const exported = { identity: 'recovery', key: clientPrivate, hosts };
  writeExportedKey(join(home, 'recovery'), exported, await newSealKey(PASSPHRASE, io), io, 'new');
});

function run(command: string, ...more: string[]) {
  const argv = (HERE[command] ?? []).map((word) => word.replace('~', home));
  return knockgate(home, [command, ...argv, ...more], { openStdin: () => Readable.from([`${PASSPHRASE}\n`]) });
}

describe('--json', () => {
  it('has a case for each command that takes it, and each that does not is known', () => {
    const commands = commandsOf(CLIENT);
    const taking = commands.filter(({ json }) => json !== undefined).map(({ name }) => name);
    expect(taking.sort()).toEqual([...Object.keys(HERE), ...Object.keys(ELSEWHERE)].sort());
    expect(commands.filter(({ json }) => json === undefined).map(({ name }) => name)).toEqual(
      expect.arrayContaining(NEVER),
    );
    expect(commands).toHaveLength(taking.length + NEVER.length);
  });

  it.each(Object.keys(HERE))('prints of %s what its documentation says', async (name) => {
    const fields = commandsOf(CLIENT).find((command) => command.name === name)?.json ?? [];
    const { code, out, err } = await run(name, '--json');
    expect(out, err).toMatch(/^.+\n$/);
    expect(misfits(fields, JSON.parse(out))).toEqual([]);
    // Nothing answers here, so a diagnosis ends with 12.
    expect(code).toBe(name === 'diagnose' ? 12 : 0);
  });

  it('prints an error of any command likewise', async () => {
    const { code, out } = await knockgate(home, ['link', 'unknown', '--json']);
    expect(code).toBe(3);
    const { error } = JSON.parse(out);
    expect(Object.entries(error).map(([name, value]) => `${name} ${typeof value}`)).toEqual(
      ['code', 'what', 'why', 'next'].map((name) => `${name} string`),
    );
  });
});
