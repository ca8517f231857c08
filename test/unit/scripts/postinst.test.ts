import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../client/support.ts';

const DEBIAN = join(import.meta.dirname, '../../../server-helper/debian');
/** Programs that need a booted system or its users. */
const STUBS = ['systemd-sysusers', 'systemd-tmpfiles', 'systemctl', 'chgrp', 'knockgated'];

/** Runs the package's own script in a folder instead of the system's; what the programs above are told is in `said`. */
function configure() {
  const root = temporaryFolder();
  for (const folder of ['bin', 'etc/knockgate', 'usr/share/knockgate', 'run/systemd/system'])
    mkdirSync(join(root, folder), { recursive: true });
  for (const name of STUBS) {
    // Only a service that runs is active.
    const body = name === 'systemctl' ? '[ "$1" != --quiet ]' : `echo "${name} $*"`;
    writeFileSync(join(root, 'bin', name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(root, 'bin', name), 0o755);
  }
  writeFileSync(join(root, 'usr/share/knockgate/gate.toml'), readFileSync(join(DEBIAN, 'gate.toml')));
  const script = readFileSync(join(DEBIAN, 'postinst'), 'utf8').replaceAll(/\/(?=etc\/|usr\/share|run\/)/g, `${root}/`);
  const path = `${join(root, 'bin')}:${process.env.PATH}`;
  const install = () =>
    spawnSync('sh', ['-c', script, 'postinst', 'configure', ''], { env: { PATH: path }, encoding: 'utf8' });
  const file = join(root, 'etc/knockgate/gate.toml');
  return { install, file, text: () => readFileSync(file, 'utf8') };
}

const portsIn = (text: string) => /^knock_ports = \[443, (\d+)\]$/m.exec(text)?.[1];

describe('the package, once installed', () => {
  it('has a knock port of its own, beside that of HTTPS', () => {
    const gates = Array.from({ length: 3 }, configure);
    for (const { install } of gates) expect(install()).toMatchObject({ status: 0, stderr: '' });
    const ports = gates.map(({ text }) => Number(portsIn(text())));
    for (const port of ports) expect(port >= 10_000 && port < 32_768).toBe(true);
    expect(new Set(ports).size).toBeGreaterThan(1);
    for (const { file } of gates) expect(statSync(file).mode & 0o777).toBe(0o640);
  });

  it('keeps the configuration that is there', () => {
    const { install, file, text } = configure();
    writeFileSync(file, 'mine');
    expect(install().status).toBe(0);
    expect(text()).toBe('mine');
  });

  it('has told what does not fit between what is hidden and what listens', () => {
    expect(configure().install().stdout).toContain('knockgated check\n');
  });
});
