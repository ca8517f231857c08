import { mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseClientLine } from '../src/spa/enrolment.ts';
import { formatKey } from '../src/spa/keys.ts';
import { scratch } from '../test/rig/cleanup.ts';
import { ASKS_FOR_RESOLVER, fakeRemoteSsh, windowEvents } from '../test/rig/editor/fake-remote-ssh.ts';
import type { MadeUpExtension } from '../test/rig/editor/vsix.ts';
import { Workbench } from '../test/rig/editor/workbench.ts';
import { bundleForFakeEditor } from '../test/rig/fake-editor.ts';
import { leaveOnSignal } from '../test/rig/leave.ts';
import { run, TARGET4 } from '../test/rig/netns.ts';
import { sleep } from '../test/rig/process.ts';
import { HOST, keyFile, Scene } from '../test/rig/scene.ts';
import { medians, type Sample, samplesIn } from './activation-samples.ts';

export interface ActivationOptions {
  /** Windows to open, of each kind. */
  runs: number;
  say(line?: string): void;
}

/** Seconds: over by the next window, so that each has to knock. */
const GRANT = 1;
const AUTHORITY = `ssh-remote+${HOST}`;
const REMOTE_WINDOW = `folder=${encodeURIComponent(`rig://${AUTHORITY}/srv`)}`;

/** Asks for a secret that is not there in the same moment as ours asks for its key, and once more when all is quiet. */
const ASKS_TOO: MadeUpExtension = {
  publisher: 'rig',
  name: 'asks-too',
  manifest: { activationEvents: ['onResolveRemoteAuthority:ssh-remote'], extensionKind: ['ui'] },
  main: `
    const vscode = require('vscode');
    exports.activate = async ({ secrets }) => {
      const log = vscode.window.createOutputChannel('Asks Too', { log: true });
      const ask = async (when) => {
        const since = performance.now();
        await secrets.get('nothing');
        log.info('timings of this window:\\n' + when + ': ' + (performance.now() - since).toFixed(1) + ' ms');
      };
      await ask('another extension: a secret, meanwhile');
      setTimeout(() => ask('another extension: a secret, 3 s later'), 3000);
    };`,
};

/** Measures the start of the packaged extension: in a real workbench, and in an editor that answers at once. */
export async function activation({ runs, say }: ActivationOptions): Promise<void> {
  leaveOnSignal(() => say('\nended'));
  const scene = await Scene.make({ name: 'activation' });
  try {
    const hosts = { [HOST]: { gate: scene.line, address: TARGET4, duration: GRANT } };
    show('an editor that answers at once (plain Node), a local window', await inPlainNode(scene, hosts, '', runs), say);
    show('the same, a window to a host with a gate', await inPlainNode(scene, hosts, AUTHORITY, runs), say);
    const { own, other } = await inWorkbench(scene, hosts, runs);
    show('a real workbench (code-server), a window to a host with a gate', own, say);
    show('beside it, an extension that does nothing but ask for a secret', other, say);
  } finally {
    await scene.end();
  }
}

/** A process for each window, as the editor has. */
async function inPlainNode(scene: Scene, hosts: object, authority: string, runs: number): Promise<Sample[]> {
  const { dir, discard } = scratch('activation');
  try {
    const program = await bundleForFakeEditor(resolve('bench/activation-child.ts'), dir);
    const key = readFileSync(keyFile(scene.client), 'latin1').trim();
    const samples: Sample[] = [];
    for (let i = 0; i < runs; i++) {
      const storage = join(dir, String(i));
      mkdirSync(storage, { mode: 0o700 });
      const args = [resolve('dist/extension.js'), storage, key, JSON.stringify(hosts), authority];
      const { code, stdout, stderr } = await run(scene.pair.client, [process.execPath, program, ...args]);
      if (code !== 0) throw new Error(`exit ${code}: ${stderr}`);
      samples.push(...samplesIn(stdout));
      await sleep((GRANT + 1) * 1000);
    }
    return samples;
  } finally {
    discard();
  }
}

async function inWorkbench(scene: Scene, hosts: object, runs: number): Promise<{ own: Sample[]; other: Sample[] }> {
  const workbench = await Workbench.start(scene.pair.client, {
    vsix: [resolve('dist/knockgate.vsix')],
    madeUp: [fakeRemoteSsh(TARGET4), ASKS_FOR_RESOLVER, ASKS_TOO],
    settings: { 'knockgate.hosts': hosts },
  });
  try {
    await enrol(workbench, scene);
    for (let i = 0; i < runs; i++) await openAndShow(workbench);
    return { own: samplesIn(workbench.output('Knockgate')), other: samplesIn(workbench.output('Asks Too')) };
  } finally {
    await workbench.close();
  }
}

async function enrol(workbench: Workbench, scene: Scene): Promise<void> {
  const window = await workbench.open();
  await window.runCommand('Knockgate: Copy Public Key');
  await window.notice(/clipboard/);
  const { key, name } = parseClientLine(await window.clipboard());
  await scene.reconfigure({ key: formatKey(key), name });
  await window.close();
}

/** Opens a window, and has it write its timings into the log when it is long done. */
async function openAndShow(workbench: Workbench): Promise<void> {
  const before = windowEvents(workbench.home).length;
  const shownBefore = samplesIn(workbench.output('Knockgate')).length;
  const window = await workbench.open(REMOTE_WINDOW);
  await window.eventually('the resolver to connect', async () =>
    windowEvents(workbench.home)
      .slice(before)
      .some(({ event }) => event === 'connected'),
  );
  await sleep(4000);
  await window.runCommand('Knockgate: Show Timings');
  await window.eventually('the timings', async () => samplesIn(workbench.output('Knockgate')).length > shownBefore);
  await window.close();
}

function show(title: string, samples: readonly Sample[], say: (line?: string) => void): void {
  say(`\n${title}: median of ${samples.length} (least, most), in milliseconds`);
  for (const { what, median, least, most } of medians(samples))
    say(`  ${median.toFixed(1).padStart(7)}  (${least.toFixed(1)}, ${most.toFixed(1)})  ${what}`);
}
