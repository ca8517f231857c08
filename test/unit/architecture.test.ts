import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { importsOf } from './architecture/imports.ts';
import { violations } from './architecture/rules.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Every TypeScript file of the product, its tests and its benchmarks. */
function sources(): Map<string, string> {
  const paths = ['src', 'server-helper', 'test', 'bench'].flatMap((folder) => {
    return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path));
  });
  const ours = paths.filter((path) => path.endsWith('.ts'));
  return new Map(ours.map((path) => [path.split(sep).join('/'), readFileSync(join(ROOT, path), 'utf8')]));
}

describe('architecture', () => {
  it('holds in every file', () => {
    const files = sources();
    expect(files.size).toBeGreaterThan(900);
    expect(violations(files)).toEqual([]);
  });
});

describe('the rule checker', () => {
  const broken: [path: string, text: string, reason: string][] = [
    ['src/client/a.ts', "import * as vscode from 'vscode';", 'without it'],
    ['server-helper/a.ts', "import { a } from '../src/client/a.ts';", 'no place on a server'],
    ['src/spa/a.ts', "export * from '../client/a.ts';", 'builds on src/base alone'],
    ['src/spa/a.ts', "import { readFileSync } from 'node:fs';", 'are pure'],
    ['src/spa/crypto-noble.ts', "import { randomBytes } from 'node:crypto';", 'are pure'],
    ['src/fwknop/a.ts', "import { readFileSync } from 'node:fs';", 'are pure'],
    ['src/fwknop/a.ts', "import { a } from '../client/a.ts';", 'beside our own'],
    ['src/spa/a.ts', "const noble = await import('@noble/hashes/sha2.js');", 'one place'],
    ['src/client/a.ts', "import type { A } from '../cli/a.ts';", 'knows neither'],
    ['src/ssh/a.ts', "import { a } from '../client/gate/ledger.ts';", 'nothing of knocks'],
    ['src/os/a.ts', "import { a } from '../client/problems.ts';", 'what an operating system has'],
    ['src/command-table/a.ts', "import { a } from '../cli/a.ts';", 'does nothing'],
    ['src/activity-view/a.ts', "import { a } from '../client/a.ts';", 'for the extension and its page'],
    ['src/activity-view/page/a.ts', "import { a } from '../../vscode/a.ts';", 'runs in a browser'],
    ['src/activity-view/page/a.ts', "import { readFileSync } from 'node:fs';", 'runs in a browser'],
    ['src/vscode/a.ts', "import { a } from '../activity-view/page/a.ts';", 'nothing else can load it'],
    ['src/cli/a.ts', "import uPlot from 'uplot';", 'nothing else can load it'],
    ['src/base/a.ts', "import type { A } from '../spa/a.ts';", 'is the ground'],
    ['src/client/network/a.ts', "import { a } from '../gate/a.ts';", 'knows none of them'],
    ['src/ssh/hook/a.ts', "import type { A } from '../../vscode/a.ts';", 'nothing of knocks'],
    ['src/vscode/a.ts', "import { a } from '../client/fwknop/open.ts';", 'speaks to it'],
    ['src/vscode/a.ts', "import { a } from '../client/sequence/knockd-door.ts';", 'when somebody imports'],
    ['src/cli/a.ts', "type A = import('../../server-helper/a.ts').A;", 'runs on the client'],
    ['server-helper/policy/a.ts', "import { a } from '../firewall/a.ts';", 'by type only'],
    ['server-helper/verify/a.ts', "import type { a } from '../daemon/a.ts';", 'is not a stage'],
    ['server-helper/a.ts', "import { a } from './fwknop/door.ts';", 'of its own'],
    ['server-helper/fwknop/a.ts', "import { Door } from '../daemon/door.ts';", 'hands them to'],
    ['test/gate/a.ts', "import { a } from '../workbench/a.ts';", 'in test/rig'],
    ['bench/a.ts', "import { a } from '../test/gate/a.ts';", 'and no suite'],
    ['src/client/a.ts', "import { a } from '../../test/rig/a.ts';", 'without its tests'],
    ['src/cli/a.ts', "import './b';", 'by its name'],
    ['src/cli/a.ts', "import './a.ts';", 'order of loading'],
    ['src/cli/a.ts', 'a;\n'.repeat(351), 'more than one idea'],
    ['src/vscode/a.ts', "await window.showWarningMessage('Go on?', 'Yes');", 'nothing may wait'],
    ['src/vscode/commands/tell.ts', 'const show = window.showInformationMessage;', 'nothing may wait'],
    ['src/vscode/a.ts', 'await window.showQuickPick(items, { title });', 'stays when the focus'],
  ];
  it.each(broken)('sees what is wrong in %s: %s', (path, text, reason) => {
    const found = violations(new Map([[path, text]]));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(reason);
  });

  it('sees a cycle through several files, also one of types', () => {
    const files = (b: string) =>
      new Map([
        ['src/cli/a.ts', "import { b } from './b.ts';"],
        ['src/cli/b.ts', b],
      ]);
    expect(violations(files("import { a } from './a.ts';"))).toHaveLength(1);
    expect(violations(files("import type { A } from './a.ts';"))).toHaveLength(1);
    expect(violations(files("import { type A } from './a.ts';"))).toHaveLength(1);
  });

  it('lets pass what is meant to be', () => {
    const files = new Map([
      ['src/spa/crypto-node.ts', "import { createHash } from 'node:crypto';"],
      ['src/spa/crypto-noble.ts', "import { x25519 } from '@noble/curves/ed25519.js';"],
      ['server-helper/policy/a.ts', "import type { A } from '../firewall/a.ts';\nimport { b } from '../clock.ts';"],
      ['server-helper/daemon/a.ts', "import { a } from '../policy/a.ts';\nimport { b } from '../../src/spa/b.ts';"],
      ['src/vscode/a.ts', "import * as vscode from 'vscode';\nimport { a } from '../client/a.ts';"],
      ['src/ssh/hook/a.ts', "import { b } from '../b.ts';\nimport { withLock } from '../../os/file-lock.ts';"],
    ]);
    expect(violations(files)).toEqual([]);
    expect(importsOf(files)).toHaveLength(10);
  });
});
