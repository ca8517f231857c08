import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { MadeUpExtension } from '../rig/editor/vsix.ts';
import type { Window } from '../rig/editor/window.ts';
import { Workbench } from '../rig/editor/workbench.ts';
import { CLICKABLE, HostileServer, NASTY, OBEYED, type Treatment } from '../rig/hostile-server.ts';
import { createPair, type Pair, TARGET4 } from '../rig/netns.ts';
import { relayToSocket } from './socket-relay.ts';

/** Extension that shows such words as they are: what the editor itself makes of them. */
const SHOWS_AS_IT_IS: MadeUpExtension = {
  publisher: 'rig',
  name: 'shows-as-it-is',
  manifest: {
    extensionKind: ['ui'],
    contributes: {
      commands: [
        { command: 'rig.say', title: 'Say It', category: 'Rig' },
        { command: 'rig.ask', title: 'Ask It', category: 'Rig' },
      ],
    },
  },
  main: `
    const { commands, window } = require('vscode');
    const nasty = ${JSON.stringify(NASTY)};
    exports.activate = () => {
      commands.registerCommand('rig.say', () => { window.showErrorMessage(nasty); });
      commands.registerCommand('rig.ask', () => { window.showInputBox({ prompt: nasty, ignoreFocusOut: true }); });
    };`,
};

/* Nobody can click anything that a server says before it has proved that it is the right one. */
describe('a hostile server in the editor', () => {
  let pair: Pair;
  let workbench: Workbench;
  let window: Window;

  const sshConfig = (home: string) =>
    [
      'Host evil',
      `HostName ${TARGET4}`,
      'Host inner',
      'HostName 192.0.2.77',
      'ProxyJump evil',
      'Host *',
      'User dev',
      'IdentityFile none',
      'StrictHostKeyChecking accept-new',
      `UserKnownHostsFile ${join(home, 'known')}`,
      'GlobalKnownHostsFile none',
      '',
    ].join('\n');

  beforeAll(async () => {
    pair = await createPair({ name: 'hostile' });
    workbench = await Workbench.start(pair.client, {
      vsix: [resolve('dist/knockgate.vsix')],
      madeUp: [SHOWS_AS_IT_IS],
    });
    window = await workbench.open();
  });
  afterAll(async () => {
    await workbench?.close();
    pair?.destroy();
  });

  /** A server on the target's port 22 that has another host key each time. */
  async function serve(treatment: Treatment): Promise<void> {
    const path = join(workbench.home.dir, `${treatment.replaceAll(' ', '-')}.sock`);
    const server = await HostileServer.start(treatment, path);
    onTestFinished(() => server.close());
    await relayToSocket(pair.target, TARGET4, 22, path);
    workbench.writeSshConfig(sshConfig(join(workbench.home.dir, treatment.replaceAll(' ', '-'))));
    await window.reload();
  }
  const links = (where: string) => window.page.locator(`${where} a[href], ${where} a:not(.monaco-button)`).count();
  const MESSAGE = '.notifications-toasts .notification-list-item-message';
  const PROMPT = '.quick-input-widget .quick-input-message';
  /** The text of an element, with everything invisible that is in it. */
  const raw = async (where: string) => (await window.page.locator(where).first().textContent()) ?? '';

  it('could show links to click, in an extension that does not change its texts', async () => {
    await window.runCommand('Rig: Say It');
    await window.notice(/Host key storage/);
    expect(await links(MESSAGE)).toBe(2);
    await window.runCommand('Rig: Ask It');
    await window.eventually('the question', async () => (await raw(PROMPT)).includes('Host key storage'));
    expect(await links(PROMPT)).toBe(2);
    await window.page.keyboard.press('Escape');
  });

  it.each<[Treatment, string]>([
    ['disconnects', 'evil'],
    ['refuses to jump', 'inner'],
    ['babbles', 'evil'],
  ])('that %s says nothing that can be clicked', async (treatment, host) => {
    await serve(treatment);
    await window.runCommand('Knockgate: Set Up Gate on Host…');
    await window.pick(host);
    await window.notice(/Host key storage is damaged/);
    expect(await links(MESSAGE)).toBe(0);
    expect(await raw(MESSAGE)).not.toMatch(CLICKABLE);
    expect(await raw(MESSAGE)).not.toMatch(OBEYED);
    expect(workbench.output('Knockgate')).toContain('Host key storage is damaged');
    expect(workbench.output('Knockgate')).not.toMatch(OBEYED);
  });

  it('cannot put a link into a question', async () => {
    await serve('asks');
    await window.runCommand('Knockgate: Set Up Gate on Host…');
    await window.pick('evil');
    await window.eventually('the question', async () => (await raw(PROMPT)).includes('Host key storage'));
    expect(await links(PROMPT)).toBe(0);
    expect(await raw(PROMPT)).toContain('dev@evil:');
    expect(await raw(PROMPT)).not.toMatch(CLICKABLE);
    expect(await raw(PROMPT)).not.toMatch(OBEYED);
  });
});
