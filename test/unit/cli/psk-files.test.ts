import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { forgetPsk, pskPath, readPsk, writePsk } from '../../../src/cli/psk-files.ts';
import type { Shell } from '../../../src/cli/shell.ts';
import { addToHostsFile, readGates } from '../../../src/client/hosts/hosts-file.ts';
import { writeKeyFile } from '../../../src/client/keys/identity.ts';
import { parseGateLine } from '../../../src/spa/enrolment.ts';
import { expectMode, FakeClock, temporaryFolder } from '../client/support.ts';
import { collectingShell, gateLine } from './support.ts';

const PSK = new Uint8Array(32).fill(8);

let shell: Shell;
let hosts: string;
beforeEach(() => {
  const home = temporaryFolder();
  ({ shell } = collectingShell(home, new FakeClock(), { env: { XDG_CONFIG_HOME: home } }));
  hosts = join(home, 'knockgate', 'hosts.toml');
});

describe('the file of a pre-shared key', () => {
  it('is read as it was written, and for its owner only', () => {
    const pskFile = writePsk('prod', PSK, shell);
    expect(pskFile).toBe('psk/prod');
    expect(readPsk({ pskFile }, shell)).toEqual(PSK);
    expectMode(pskPath(pskFile, shell), 0o600);
  });

  it('is named when it is missing, and no other key is', () => {
    expect(() => readPsk({ pskFile: 'psk/prod' }, shell)).toThrow(
      `There is no pre-shared key in ${pskPath('psk/prod', shell)}.\nCopy the file back`,
    );
  });

  it('never replaces another one', () => {
    writePsk('prod', PSK, shell);
    expect(writePsk('prod', new Uint8Array(32).fill(7), shell)).toBe('psk/prod-2');
    expect(readPsk({ pskFile: 'psk/prod' }, shell)).toEqual(PSK);
  });

  it('is named in the table of its host, which keeps its comments', () => {
    mkdirSync(dirname(hosts), { recursive: true });
    const gate = parseGateLine(gateLine());
    writeFileSync(hosts, `[prod] # ours\ngate = "${gateLine()}" # kept\nduration = 30\n`);
    addToHostsFile(hosts, 'prod', gate, true, 'a', { pskFile: 'psk/prod' });
    expect(readFileSync(hosts, 'utf8')).toBe(
      `[prod] # ours\npskFile = "psk/prod"\ngate = "${gateLine()}" # kept\nduration = 30\n`,
    );
    addToHostsFile(hosts, 'prod', gate, true, 'b', { pskFile: 'psk/prod-2' });
    expect(readFileSync(hosts, 'utf8')).toContain('pskFile = "psk/prod-2"\n');
    addToHostsFile(hosts, 'prod', gate, true, 'c');
    expect(readGates(hosts).get('prod')?.pskFile).toBe('psk/prod-2');
  });

  it.each([
    ['of a host that is forgotten goes', 'psk/prod', false],
    ['goes also with a number', 'psk/prod-2', false],
    ['that a person has put elsewhere stays', 'secrets/prod', true],
    ['that another host names stays', 'psk/prod', true],
  ])('%s', (title, pskFile, stays) => {
    addToHostsFile(hosts, 'b', parseGateLine(gateLine('b')), true, 'a', title.includes('another') ? { pskFile } : {});
    writePsk('prod', PSK, shell);
    writePsk('prod', PSK, shell);
    writeKeyFile(join(dirname(hosts), 'secrets', 'prod'), shell.owner, PSK);
    forgetPsk({ name: 'prod', pskFile }, shell);
    expect(readGates(hosts).size).toBe(1);
    expect(existsSync(pskPath(pskFile, shell))).toBe(stays);
  });
});
