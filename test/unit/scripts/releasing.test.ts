import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sums } from '../../../scripts/sums.mjs';
import { temporaryFolder } from '../client/support.ts';

/** Commands of the page that are for a shell: what publishes the key, what signs, and what checks. */
const [PUBLISH = '', SIGN = '', VERIFY = ''] = [
  ...readFileSync('docs/releasing.md', 'utf8').matchAll(/^```sh\n(.*?)^```$/gms),
].map(([, commands = '']) => commands);

/** A release in a folder, signed with a key of its own. */
class Release {
  readonly home = temporaryFolder();
  readonly folder = temporaryFolder();

  constructor() {
    mkdirSync(join(this.home, '.ssh'));
    this.newKey();
    for (const name of ['a.vsix', 'b.deb']) this.write(name, `the file ${name}`);
    this.write('SHA256SUMS', sums(this.folder, ['b.deb', 'a.vsix']));
    this.must(PUBLISH);
    this.must(SIGN);
  }

  write(name: string, text: string) {
    writeFileSync(join(this.folder, name), text);
  }

  newKey() {
    this.must(
      'rm -f ~/.ssh/knockgate-release* && ssh-keygen -q -t ed25519 -N "" -C knockgate-release -f ~/.ssh/knockgate-release',
    );
  }

  run(commands: string) {
    // OpenSSH expands no ~ here: the shell does, by HOME.
    const env = { ...process.env, HOME: this.home, LC_ALL: 'C' };
    return spawnSync('sh', ['-c', commands], { cwd: this.folder, env, encoding: 'utf8', input: '' });
  }

  must(commands: string) {
    const { status, stderr } = this.run(commands);
    if (status !== 0) throw new Error(`${commands}: exit ${status}\n${stderr}`);
  }

  signAgain(command = SIGN) {
    this.must(`rm -f SHA256SUMS.sig; ${command}`);
  }
}

describe('the commands of docs/releasing.md', () => {
  it('accept a release as it was signed, and name each file', () => {
    const { status, stdout } = new Release().run(VERIFY);
    expect(stdout).toMatch(/^Good "knockgate-release" signature .*\na\.vsix: OK\nb\.deb: OK\n$/);
    expect(status).toBe(0);
  });

  it('accept one file of it alone', () => {
    const { status, stdout } = new Release().run(`rm a.vsix && ${VERIFY}`);
    expect(stdout).toMatch(/\nb\.deb: OK\n$/);
    expect(status).toBe(0);
  });

  it.each<[string, (release: Release) => void, RegExp]>([
    [
      'another key',
      (release) => {
        release.newKey();
        release.signAgain();
      },
      /Could not verify signature/,
    ],
    ['an altered file', (release) => release.write('a.vsix', 'the file a.vsiX'), /a\.vsix: FAILED/],
    [
      'altered sums, of an altered file',
      (release) => {
        release.write('a.vsix', 'another');
        release.write('SHA256SUMS', sums(release.folder, ['a.vsix', 'b.deb']));
      },
      /Signature verification failed/,
    ],
    ['a line taken from the sums', (release) => release.must('sed -i 1d SHA256SUMS'), /Signature verification failed/],
    [
      'a signature for another purpose',
      (release) => release.signAgain(SIGN.replace('-n knockgate-release', '-n file')),
      /Could not verify signature|namespace/,
    ],
    ['no signature', (release) => release.must('rm SHA256SUMS.sig'), /Couldn't read signature file/],
    ['no file at all', (release) => release.must('rm a.vsix b.deb'), /no file was verified/],
  ])('refuse %s', (_, alter, expected) => {
    const release = new Release();
    alter(release);
    const { status, stdout, stderr } = release.run(VERIFY);
    expect(stdout + stderr).toMatch(expected);
    expect(status).not.toBe(0);
  });
});

describe('the sums', () => {
  it.each(['a b', '../a', '-a', 'a\nb', '\\a'])('are not made of a name that sha256sum reads otherwise: %j', (name) => {
    expect(() => sums(temporaryFolder(), [name])).toThrow('another way');
  });
});
