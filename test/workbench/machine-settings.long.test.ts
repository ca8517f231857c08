import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import { formatGateLine } from '../../src/spa/enrolment.ts';
import type { MadeUpExtension } from '../rig/editor/vsix.ts';
import { Workbench } from '../rig/editor/workbench.ts';
import { createPair, type Pair } from '../rig/netns.ts';

/** Of a gate that nobody knocks at here. */
const GATE_LINE = formatGateLine({
  key: nodeCrypto.publicKey(nodeCrypto.randomBytes(32)),
  slots: 32,
  addresses: ['192.0.2.2'],
  knockPorts: [443],
  name: 'prod',
});

/** Registers the setting that names the program ssh, as an SSH extension does. It opens no windows: nothing here needs one. */
const REGISTERS_PATH: MadeUpExtension = {
  publisher: 'rig',
  name: 'registers-path',
  manifest: {
    activationEvents: ['onResolveRemoteAuthority:ssh-remote'],
    extensionKind: ['ui'],
    contributes: {
      configuration: { properties: { 'remote.SSH.path': { type: 'string', default: '', scope: 'application' } } },
    },
  },
  main: 'exports.activate = () => {};',
};

/* In this editor both sides are one machine; the settings of the machine are those that a server has in its file. */
describe('a program that is named as ssh', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await createPair({ name: 'machine' });
  });
  afterAll(() => {
    pair?.destroy();
  });

  /** A window in which both files of settings name a program; and which of the two ran during a diagnosis. */
  async function ran(madeUp: readonly MadeUpExtension[]): Promise<string[]> {
    const workbench = await Workbench.start(pair.client, {
      vsix: [resolve('dist/knockgate.vsix')],
      madeUp,
      settings: { 'knockgate.hosts': { prod: { gate: GATE_LINE } } },
    });
    try {
      const { dir, userData } = workbench.home;
      const program = (name: string) => {
        const path = join(dir, name);
        writeFileSync(path, `#!/bin/sh\ntouch "$0.ran"\nexit 255\n`);
        chmodSync(path, 0o755);
        rmSync(`${path}.ran`, { force: true });
        return path;
      };
      mkdirSync(join(userData, 'Machine'), { recursive: true });
      const machine = JSON.stringify({ 'remote.SSH.path': program('of-the-server') });
      writeFileSync(join(userData, 'Machine', 'settings.json'), machine);
      workbench.change({ 'remote.SSH.path': program('of-the-user') });
      const window = await workbench.open();
      // The palette offers the command once the extension has seen that there is a host.
      await window.statusBarSays('knockgate.knockgate', /Knock/, 60_000);
      await window.runCommand('Knockgate: Diagnose Host…');
      await window.pick('prod');
      await window.eventually(
        'the diagnosis to begin',
        async () => /prod: \w+: (?:ok|not ok)/.test(workbench.output('Knockgate')),
        60_000,
      );
      return ['of-the-server', 'of-the-user'].filter((name) => existsSync(join(dir, `${name}.ran`)));
    } finally {
      await workbench.close();
    }
  }

  it('runs when an extension registers the setting and the user has set it, and never when the server has', async () => {
    expect(await ran([REGISTERS_PATH])).toEqual(['of-the-user']);
  });

  it('does not run when nobody registers the setting', async () => {
    expect(await ran([])).toEqual([]);
  });
});
