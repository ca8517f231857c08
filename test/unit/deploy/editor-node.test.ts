import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { copyProgram } from '../../../src/deploy/plan/step.ts';
import { readFacts } from '../../../src/deploy/preflight/facts.ts';
import { LOOK_AS_USER } from '../../../src/deploy/preflight/script.ts';
import { temporaryFolder } from '../support.ts';

const NODE = '#!/bin/sh\necho v20.9.0\n';
const SHA256 = createHash('sha256').update(NODE).digest('hex');

let home: string;
let program: string;
beforeEach(() => {
  home = temporaryFolder();
  program = join(home, '.vscode-server/bin/abc/node');
  mkdirSync(dirname(program), { recursive: true });
  writeFileSync(program, NODE);
  chmodSync(program, 0o755);
});

describe('a Node that an editor has left', () => {
  const look = () => {
    const { stdout } = spawnSync('/bin/sh', ['-s'], {
      input: LOOK_AS_USER,
      env: { PATH: process.env.PATH, HOME: home },
      encoding: 'utf8',
    });
    const { editorNodes, exposedNodes } = readFacts('', stdout);
    return { editorNodes, exposedNodes };
  };

  it('is seen with its version and checksum', () => {
    const editorNodes = [{ path: program, version: '20.9.0', sha256: SHA256 }];
    expect(look()).toEqual({ editorNodes, exposedNodes: [] });
  });

  it.each([
    ['it', () => program],
    ['its folder', () => dirname(program)],
    ['a folder further up', () => join(home, '.vscode-server')],
  ])('is not taken, nor run, when others can write to %s', (_, place) => {
    writeFileSync(program, `#!/bin/sh\ntouch ${join(home, 'was-run')}\necho v20.9.0\n`);
    chmodSync(place(), 0o757);
    expect(look()).toEqual({ editorNodes: [], exposedNodes: [program] });
    expect(existsSync(join(home, 'was-run'))).toBe(false);
  });

  it('is looked at where a link leads', () => {
    const elsewhere = join(temporaryFolder(), 'node');
    writeFileSync(elsewhere, NODE, { mode: 0o755 });
    chmodSync(elsewhere, 0o777);
    const link = join(home, '.vscode-server/bin/def/node');
    mkdirSync(dirname(link));
    symlinkSync(elsewhere, link);
    expect(look().exposedNodes).toEqual([link]);
    chmodSync(elsewhere, 0o755);
    expect(look().editorNodes.map(({ path }) => path)).toEqual([program, elsewhere]);
  });
});

describe('a copy of it for root', () => {
  let to: string;
  let tools: string;
  beforeEach(() => {
    to = join(temporaryFolder(), 'node');
    // The user who runs the tests need not be root.
    tools = temporaryFolder();
    writeFileSync(join(tools, 'chown'), `#!/bin/sh\necho "$@" >${join(tools, 'owner')}\n`, { mode: 0o755 });
  });
  const copy = (from: string, sum: string) => {
    const [shell = '', ...args] = copyProgram(from, to, sum).argv;
    return spawnSync(shell, args, { env: { PATH: `${tools}:${process.env.PATH}` }, encoding: 'utf8' }).status;
  };

  it('is made when it is what was looked at', () => {
    expect(copy(program, SHA256)).toBe(0);
    expect(readFileSync(to, 'utf8')).toBe(NODE);
    expect(statSync(to).mode & 0o777).toBe(0o755);
    expect(readFileSync(join(tools, 'owner'), 'utf8')).toContain('root:root');
  });

  it('is not made of anything else, and nothing of it is left', () => {
    writeFileSync(program, 'something else');
    expect(copy(program, SHA256)).not.toBe(0);
    expect(existsSync(to) || existsSync(`${to}.knockgate-new`) || existsSync(join(tools, 'owner'))).toBe(false);
  });

  it('is not made through a link, nor of what is not a file', () => {
    const link = join(home, 'link');
    symlinkSync(program, link);
    expect(copy(link, SHA256)).not.toBe(0);
    expect(copy(home, SHA256)).not.toBe(0);
    expect(existsSync(to) || existsSync(`${to}.knockgate-new`)).toBe(false);
  });
});
