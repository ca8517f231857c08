import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { addToHostsFile, readGates } from '../../../src/client/hosts/hosts-file.ts';
import { parseGateLine } from '../../../src/spa/enrolment.ts';
import { gateLine } from '../cli/support.ts';
import { temporaryFolder } from './support.ts';

const GATE = parseGateLine(gateLine());

it('is noted where sshd listens, when that is not the usual port, and follows sshd', () => {
  const path = join(temporaryFolder(), 'hosts.toml');
  const add = (sshPort: number | undefined) => {
    addToHostsFile(path, 'prod', GATE, true, 'a', { sshPort });
    return readFileSync(path, 'utf8');
  };
  expect(add(22)).not.toContain('sshPort');
  expect(add(2222)).toContain('sshPort = 2222\n');
  expect(add(2223)).toMatch(/^\[prod\]\nsshPort = 2223\ngate = /);
  // A new line of the gate says nothing about it.
  expect(add(undefined)).toContain('sshPort = 2223\n');
  writeFileSync(path, add(2224).replace('2224', '2224 # moved'));
  expect(add(22)).toContain('sshPort = 22 # moved\n');
  expect(readGates(path).get('prod')?.sshPort).toBe(22);
});

it('is not noted where the ports that are asked for begin with it', () => {
  const path = join(temporaryFolder(), 'hosts.toml');
  writeFileSync(path, `[prod]\nports = ["tcp/2222"]\ngate = "${gateLine()}"\n`);
  addToHostsFile(path, 'prod', GATE, true, 'a', { sshPort: 2222 });
  expect(readFileSync(path, 'utf8')).not.toContain('sshPort');
});
