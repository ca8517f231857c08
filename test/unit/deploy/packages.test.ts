import { spawnSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inWords } from '../../../src/base/phrase.ts';
import { LOOK_FOR_PACKAGES, PACKAGE_MANAGERS } from '../../../src/deploy/packages.ts';
import { makePlan } from '../../../src/deploy/plan/plan.ts';
import { readFacts } from '../../../src/deploy/preflight/facts.ts';
import { neededPackages } from '../../../src/deploy/preflight/needs.ts';
import { temporaryFolder } from '../support.ts';
import { GATE_FILES, OPTIONS, READY } from './support.ts';

/** Answers of each manager about a package, as its manual and its users show it. */
const ANSWERS: Record<string, string> = {
  'apt-get': '',
  dnf: `case "$4" in
nodejs) printf 'Available Packages\\nName         : nodejs\\nEpoch        : 1\\nVersion      : 22.4.1\\nRelease      : 1.fc41\\n' ;;
tcpdump) printf 'Name         : tcpdump\\nVersion      : 4.99.4\\nName         : tcpdump\\nVersion      : 4.99.5\\n' ;;
install) ;;
*) exit 1 ;;
esac`,
  zypper: `case "$4" in
tcpdump) printf 'Information for package tcpdump:\\n\\nRepository     : Main\\nName           : tcpdump\\nVersion        : 4.99.5-1.2\\n' ;;
nodejs20) printf 'Version        : 20.18.2-1.1\\n' ;;
nodejs18) printf 'Version        : 18.20.6-1.1\\n' ;;
*) echo "package '$4' not found." ;;
esac`,
  pacman: `case "$2" in
nodejs) printf 'Repository      : extra\\nName            : nodejs\\nVersion         : 23.11.0-1\\n' ;;
tcpdump) printf 'Version         : 4.99.5-1\\n' ;;
--noconfirm) ;;
*) echo "error: package '$2' was not found" >&2; exit 1 ;;
esac`,
  apk: `case "$2" in
nodejs) printf 'nodejs policy:\\n  22.11.0-r0:\\n    https://example.org/alpine/main\\n' ;;
tcpdump) printf 'tcpdump policy:\\n  4.99.5-r0:\\n    lib/apk/db/installed\\n' ;;
esac`,
};
ANSWERS['apt-cache'] = `case "$2" in
nodejs) printf 'nodejs:\\n  Installed: (none)\\n  Candidate: 18.20.4+dfsg-1\\n' ;;
tcpdump) printf 'tcpdump:\\n  Installed: (none)\\n  Candidate: 4.99.3-1\\n' ;;
nftables) printf 'nftables:\\n  Installed: (none)\\n  Candidate: (none)\\n' ;;
esac`;

/** A system with one package manager, that writes down what it is told, and nothing else. */
function systemWith(...programs: string[]) {
  const folder = temporaryFolder();
  for (const tool of ['sed', 'head', 'tail', 'printf']) {
    const { stdout } = spawnSync('/bin/sh', ['-c', `command -v -p ${tool}`], { encoding: 'utf8' });
    if (stdout.startsWith('/')) symlinkSync(stdout.trim(), join(folder, tool));
  }
  for (const name of programs)
    writeFileSync(join(folder, name), `#!/bin/sh\necho "$0 $*" >>${folder}/told\n${ANSWERS[name]}\n`, { mode: 0o755 });
  const env = { PATH: folder };
  return (script: string, ...args: string[]) =>
    spawnSync('/bin/sh', ['-c', script, 'sh', ...args], { env, encoding: 'utf8' });
}

/** The facts of a server with nothing but sshd, as they are looked at there. */
function factsOf(...programs: string[]) {
  const { stdout, status } = systemWith(...programs)(`${LOOK_FOR_PACKAGES}\npackages`);
  const section = `@candidates ${status}\n${stdout.replace(/^/gm, ' ')}`;
  const { manager, candidates } = readFacts(section, '');
  return { ...READY, nft: undefined, tcpdump: false, node: undefined, manager, candidates };
}

describe('packages', () => {
  it.each([
    [['apt-get', 'apt-cache'], ['tcpdump', 'nodejs'], /apt-get -q -y --no-install-recommends install tcpdump nodejs/],
    [['dnf'], ['tcpdump', 'nodejs'], /dnf -q -y --setopt=install_weak_deps=False install tcpdump nodejs/],
    [['zypper'], ['tcpdump', 'nodejs20'], /zypper --non-interactive install --no-recommends tcpdump nodejs20/],
    [['pacman'], ['tcpdump', 'nodejs'], /pacman -S --noconfirm --needed tcpdump nodejs/],
    [['apk'], ['tcpdump', 'nodejs'], /apk add --quiet tcpdump nodejs/],
  ])('are found and installed by %j', (programs, packages, command) => {
    const facts = factsOf(...programs);
    expect(facts.manager?.name).toBe(programs[0]);
    expect([...neededPackages(facts)]).toEqual(packages);
    const client = { key: new Uint8Array(32).fill(9), name: 'alice' };
    const more = {
      secondWay: { kind: 'declined' } as const,
      gateFiles: GATE_FILES,
      address: 'h',
      psk: undefined,
      gateName: 'h',
      client,
    };
    const step = makePlan({ facts, options: OPTIONS, ...more }).prepare.find(({ title }) =>
      inWords(title).startsWith('Install'),
    );
    const [, , script = '', , ...args] = step?.argv ?? [];
    const system = systemWith(...programs);
    expect(system(script, ...args).status).toBe(0);
    expect(system('while read -r line; do echo "$line"; done <"$PATH/told"').stdout).toMatch(command);
  });

  it('are not looked for where no manager is known', () => {
    const facts = factsOf();
    expect([facts.manager, facts.candidates]).toEqual([undefined, undefined]);
    expect([...neededPackages(facts)]).toEqual([]);
  });

  it('are removed by a command that each manager has', () => {
    expect(PACKAGE_MANAGERS.map(({ remove }) => remove.split(' ')[0])).toEqual(
      PACKAGE_MANAGERS.map(({ name }) => name),
    );
  });
});
