import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { capture } from '../rig/capture.ts';
import type { MadeUpExtension } from '../rig/editor/vsix.ts';
import type { Window } from '../rig/editor/window.ts';
import { THEMES, type Theme, Workbench } from '../rig/editor/workbench.ts';
import { figure } from '../rig/figure.ts';
import { CLIENT4, createPair, type Pair, processesIn, TARGET4 } from '../rig/netns.ts';
import { isAlive } from '../rig/process.ts';
import { makeSheets } from './contact-sheet.ts';

const SCREENS = '.cache/screens';

/** Shows a message, sends a datagram to the target, asks in two ways, keeps a secret. */
const PROBE: MadeUpExtension = {
  publisher: 'rig',
  name: 'probe',
  manifest: {
    extensionKind: ['ui'],
    activationEvents: ['onStartupFinished'],
    contributes: {
      commands: ['Say Hello', 'Send Datagram', 'Store Secret', 'Show Secret', 'Ask…', 'Tell Home'].map((title) => ({
        command: `probe.${title}`,
        category: 'Probe',
        title,
      })),
    },
  },
  main: `
    const vscode = require('vscode');
    exports.activate = (context) => {
      const log = vscode.window.createOutputChannel('Rig Probe', { log: true });
      const item = vscode.window.createStatusBarItem('item', vscode.StatusBarAlignment.Left, 1);
      item.text = '$(beaker) probe: idle';
      item.accessibilityInformation = { label: 'The probe is idle' };
      item.show();
      const commands = {
        'Say Hello': () => vscode.window.showWarningMessage('Hello from ' + vscode.env.remoteName, 'Answer').then((choice) => log.info('chosen: ' + choice)),
        'Send Datagram': () => {
          const socket = require('node:dgram').createSocket('udp4');
          socket.send('knock knock', 62201, '${TARGET4}', () => { socket.close(); item.text = '$(beaker) probe: sent'; });
        },
        'Store Secret': () => context.secrets.store('word', 'swordfish').then(() => log.info('stored')),
        'Show Secret': async () => vscode.window.showInformationMessage('The secret: ' + await context.secrets.get('word')),
        'Ask…': async () => {
          const colour = await vscode.window.showQuickPick(['amber', 'blue', 'bluebell'], { title: 'Colour' });
          const name = await vscode.window.showInputBox({ title: 'Name', validateInput: (text) => text === 'x' ? 'too short' : undefined });
          await vscode.env.clipboard.writeText(colour + ' ' + name);
          vscode.window.showInformationMessage('copied');
        },
        'Tell Home': () => log.info([require('node:os').homedir(), require('node:os').userInfo().homedir].join(' ')),
      };
      for (const [title, run] of Object.entries(commands)) context.subscriptions.push(vscode.commands.registerCommand('probe.' + title, run));
    };`,
};

describe('the rig of the workbench', () => {
  let pair: Pair;
  let workbench: Workbench;
  let window: Window;

  beforeAll(async () => {
    pair = await createPair({ name: 'workbench' });
    const startedAt = performance.now();
    workbench = await Workbench.start(pair.client, { madeUp: [PROBE] });
    const startedMs = performance.now() - startedAt;
    window = await workbench.open();
    figure(
      `workbench: started in ${Math.round(startedMs)} ms, window after ${Math.round(performance.now() - startedAt)} ms`,
    );
  });
  afterAll(async () => {
    await workbench?.close();
    pair?.destroy();
  });

  it('runs commands from the palette and reads notifications, status bar and log', async () => {
    await window.runCommand('Probe: Say Hello');
    expect(await window.notice(/Hello/)).toMatchObject({
      text: expect.stringMatching(/^Hello from 127\.0\.0\.1:\d+$/),
      buttons: ['Answer'],
    });
    expect(await window.statusBar('rig.probe')).toEqual({ text: 'probe: idle', spoken: 'The probe is idle' });
    await window.press('Answer');
    await window.eventually('the log', async () => workbench.output('Rig Probe').includes('chosen: Answer'));
  });

  it('sends a datagram over the cable', async () => {
    const tap = await capture(pair.target, 'udp port 62201');
    await window.runCommand('Probe: Send Datagram');
    await window.statusBarSays('rig.probe', /sent/);
    const { datagrams } = await tap.stop();
    expect(datagrams).toMatchObject([{ from: CLIENT4, to: TARGET4, port: 62201 }]);
    expect(Buffer.from(datagrams[0]?.payload ?? []).toString()).toBe('knock knock');
  });

  it('picks and answers by keyboard, and reads the clipboard', async () => {
    await window.runCommand('Probe: Ask…');
    await window.pick('blue');
    expect(await window.question(/Name/)).toMatchObject({ message: expect.stringContaining('Enter') });
    await window.answer('x');
    await window.eventually('a complaint', async () => (await window.question(/Name/)).message.includes('too short'));
    await window.answer('Ada');
    await window.notice(/copied/);
    expect(await window.clipboard()).toBe('blue Ada');
  });

  it('keeps a secret over a reload, in the browser and nowhere else', async () => {
    await window.runCommand('Probe: Store Secret');
    await window.eventually('the secret to be stored', async () => workbench.output('Rig Probe').includes('stored'));
    await window.reload();
    // A page that has just been loaded may not have its secrets yet.
    await window.eventually('the secret', async () => {
      await window.runCommand('Probe: Show Secret');
      return (await window.notifications()).some(({ text }) => text === 'The secret: swordfish');
    });
  });

  it('has a home of its own, also for programs that look into the password file', async () => {
    await window.runCommand('Probe: Tell Home');
    const { folder } = workbench.home;
    await window.eventually('both homes in the log', async () =>
      workbench.output('Rig Probe').includes(`${folder} ${folder}`),
    );
    expect(readFileSync('/etc/passwd', 'utf8')).not.toContain(folder);
  });

  it('shows each theme on a screenshot, and all on one sheet', async () => {
    const files: string[] = [];
    for (const theme of Object.keys(THEMES) as Theme[]) {
      await workbench.theme(theme, window);
      const file = join(SCREENS, `rig-${theme.replace(' ', '-')}.png`);
      await window.screenshot(file);
      expect(readFileSync(file).subarray(1, 4).toString()).toBe('PNG');
      files.push(file);
    }
    const all = join(SCREENS, 'rig-themes.png');
    await makeSheets([{ title: 'Themes', pictures: files, out: all }]);
    expect(readFileSync(all).length).toBeGreaterThan(10_000);
  });

  it('opens a second window, and leaves nothing', async () => {
    const second = await workbench.open();
    await second.runCommand('Probe: Say Hello');
    await second.notice(/Hello/);
    const pids = processesIn(pair.client);
    expect(pids.length).toBeGreaterThan(3);
    const { dir } = workbench.home;
    await workbench.close();
    expect(processesIn(pair.client)).toEqual([]);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(existsSync(dir)).toBe(false);
  });
});
