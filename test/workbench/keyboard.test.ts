import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import texts from '../../package.nls.json' with { type: 'json' };
import { castHosts } from './screens/hosts.ts';
import { chooseFile } from './screens/keys.ts';
import { Stage } from './screens/stage.ts';

const titles = new Map(Object.entries(texts).map(([key, text]) => [`%${key}%`, text]));
const TITLES = manifest.contributes.commands.map(({ command, title }) => ({ command, title: titles.get(title) ?? '' }));

/* No mouse here, and what a screen reader is told. */
describe('by keyboard alone', () => {
  let stage: Stage;
  const press = async (...keys: string[]) => {
    for (const key of keys) await stage.window.page.keyboard.press(key);
  };
  /** Labels of the menu that is open. */
  const menu = () => stage.window.page.locator('.monaco-menu .action-label:not(.separator)').allInnerTexts();
  const focused = () => stage.window.page.locator('.part.sidebar .monaco-list-row.focused');

  /** The view takes the focus when it is there. */
  const firstRow = () =>
    stage.window.eventually('the first row', async () => {
      // The view that is opened for the first time lets go of the focus while it is made.
      await stage.run('knockgate.hosts.focus');
      await press('Home');
      return (
        (await focused()
          .first()
          .getAttribute('aria-label', { timeout: 500 })
          .catch(() => '')) ?? ''
      ).startsWith('prod');
    });

  beforeAll(async () => {
    stage = await Stage.set('keyboard');
    stage.workbench.writeSshConfig('Host git-server\n');
    await castHosts(stage);
    await stage.window.statusBarSays('knockgate.knockgate', /Knock/);
  });
  afterAll(async () => {
    await stage?.strike();
  });

  it('the palette offers every command that there is something to do with, and no other', async () => {
    const { window } = stage;
    // There are hosts, gates among them and some that share keys; no key was made, and the hook is off.
    const keys = [
      'true',
      '!knockgate.hookEnabled',
      ...['Hosts', 'Gate', 'SharedKeys'].map((key) => `knockgate.has${key}`),
    ];
    const rules = new Map(manifest.contributes.menus.commandPalette.map(({ command, when }) => [command, when]));
    const applies = (command: string) =>
      rules
        .get(command)
        ?.split(' && ')
        .every((term) => keys.includes(term));
    await press('F1');
    const offered: string[] = [];
    for (const { command, title } of TITLES) {
      await window.page.locator('.quick-input-box input').fill(`>Knockgate: ${title}`);
      const isOffered = async () => (await window.offers()).includes(`Knockgate: ${title}`);
      const patienceMs = applies(command) ? 20_000 : 500;
      await window.eventually(`"${title}"`, isOffered, patienceMs).then(
        () => offered.push(command),
        () => {},
      );
    }
    await press('Escape');
    expect(offered).toEqual(TITLES.map(({ command }) => command).filter(applies));
    expect(offered.length).toBeLessThan(TITLES.length);
  });

  it('the view is reached, its rows are read out, and their actions are in a menu', async () => {
    const { window } = stage;
    await window.runCommand('Knockgate: Focus on Hosts View');
    await firstRow();
    const seen: string[] = [];
    for (let rows = 0; rows < 9; rows += 1) {
      await window.eventually('a row that has the focus', async () => (await focused().count()) === 1);
      const label = (await focused().getAttribute('aria-label')) ?? '';
      await press('Shift+F10');
      await window.eventually('a menu', async () => (await menu()).length > 0);
      seen.push(`${label}: ${(await menu()).join(' ')}`);
      await press('Escape', 'ArrowDown');
    }
    const knocks = 'Knock and Connect… Knock and Connect in This Window… Knock and Open Folder… Knock… Diagnose Host…';
    const any = `${knocks} Edit Host… Remove Host…`;
    const gated = `${knocks} Show Activity… Edit Host… Remove Host… Copy Public Key Copy Gate Line… Rotate Gate’s Key… Remove Gate from Host…`;
    expect(seen).toEqual([
      ...['prod', 'staging', 'vpn', 'nas'].map((host) => `${host}, closed: ${gated}`),
      `bastion, closed: ${any} Set Keys of Host…`,
      `camera, closed: ${any}`,
      `lab, closed: ${any} Set Keys of Host…`,
      'backup, wrong settings: Edit Host… Remove Host…',
      'git-server, no gate: Set Up Gate on Host… Add Host…',
    ]);
  });

  it('a row is acted on, and the error is answered', async () => {
    const { window } = stage;
    await window.runCommand('Knockgate: Focus on Hosts View');
    await firstRow();
    await press('ArrowDown', 'ArrowDown', 'ArrowDown', 'Shift+F10');
    await window.eventually('a menu', async () => (await menu()).length > 0);
    await press('ArrowDown');
    const chosen = window.page.locator('.monaco-menu .action-item.focused');
    while ((await chosen.textContent()) !== 'Knock…') await press('ArrowDown');
    await press('Enter');
    // The name is looked up while the key is: whichever is found missing first is told.
    await window.notice(/no client key|no address found/);
    await window.runCommand('Notifications: Focus Notification Toast');
    await press('Tab');
    const button = window.page.locator('.notification-toast .monaco-button:focus');
    await window.eventually('a button that has the focus', async () => (await button.count()) === 1);
    expect(await button.textContent()).toMatch(/^(Diagnose|Copy Public Key)$/);
    await press('Escape');
    await stage.run('notifications.clearAll');
  });

  it('the lock is reached, read out, and opens actions that are read out without their icons', async () => {
    const { window } = stage;
    const lock = await window.statusBar('knockgate.knockgate');
    expect(lock?.spoken).toMatch(/^Knockgate, nas: failed: (no key|name not found)$/);
    await stage.run('workbench.action.focusStatusBar');
    const item = window.page.locator('.statusbar-item[id^="knockgate.knockgate"]');
    await window.eventually('the lock to have the focus', async () => {
      if ((await item.locator(':focus').count()) > 0 || (await item.evaluate((each) => each.matches(':focus'))))
        return true;
      await press('ArrowRight');
      return false;
    });
    await press('Enter');
    await window.question(/Knockgate/);
    const rows = window.page.locator('.quick-input-list .monaco-list-row');
    const labels = await rows.evaluateAll((all) => all.map((row) => row.getAttribute('aria-label')));
    expect(labels.slice(0, 3)).toEqual(['Connect to nas', 'Knock at nas', 'Diagnose nas']);
    await press('Escape');
  });

  it('imports a section of knockd.conf', async () => {
    const { window, workbench } = stage;
    const path = join(workbench.home.folder, 'knockd.conf');
    writeFileSync(path, '[openSSH]\nsequence = 7000,8000:udp\n[closeSSH]\nsequence = 9000\n');
    await window.runCommand('Knockgate: Import from knockd…');
    await window.question(/Import from knockd/);
    await chooseFile(stage, path, window.page.locator('.quick-input-widget', { hasText: 'closeSSH' }));
    const row = window.page.locator('.quick-input-list .monaco-list-row').first();
    expect(await row.getAttribute('aria-label')).toBe('openSSH, 7000:tcp 8000:udp');
    await press('Enter');
    await window.question(/Import from knockd \(1\/2\)/);
    await window.answer('server.example');
    await window.question(/Import from knockd \(2\/2\)/);
    await press('Enter');
    await window.notice(/openSSH is imported; but/);
    const settings = JSON.parse(readFileSync(workbench.home.settingsFile, 'utf8'));
    const imported = { kind: 'sequence', steps: '7000:tcp 8000:udp', address: 'server.example' };
    expect(settings['knockgate.hosts']).toMatchObject({ openSSH: imported });
    await stage.run('notifications.clearAll');
  });

  it('an OpenPGP key is chosen and pasted, what is wrong is read out, and Escape leads back', async () => {
    const { window } = stage;
    const rows = window.page.locator('.quick-input-list .monaco-list-row');
    const readOut = () => rows.evaluateAll((all) => all.map((row) => row.getAttribute('aria-label')));
    await stage.start('knockgate.addHost');
    await window.pick('fwknop');
    await window.asked(/Where fwknopd is/);
    await window.answer('vault.invalid');
    await window.asked(/empty for tcp/);
    await window.answer('');
    await window.asked(/How the keys are written/);
    await window.pick('OpenPGP');
    await window.asked(/GPG_DECRYPT_ID/);
    const offered = ['A file…, As "gpg --armor --export" writes it', 'Paste…, The same as a text'];
    await window.eventually('the ways to a key', async () => String(await readOut()) === String(offered));
    await press('ArrowDown', 'Enter');
    const field = window.page.locator('.quick-input-box input[type=password]');
    await field.waitFor();
    // No key, though it is framed as one.
    const nothing = Buffer.alloc(30).toString('base64');
    await window.answer(`-----BEGIN PGP PUBLIC KEY BLOCK-----${nothing}-----END PGP PUBLIC KEY BLOCK-----`);
    await window.eventually('what is wrong with it', async () =>
      (await readOut()).some((row) => /^Paste…, Expected one key, as `?gpg --armor`? exports it\.$/.test(row ?? '')),
    );
    await press('Enter');
    await field.waitFor();
    await press('Escape');
    await window.asked(/GPG_DECRYPT_ID/);
    await press('Escape');
    await window.eventually('no question', async () => !(await window.asks()));
  });

  it('has a key of its own for Knock and Connect', async () => {
    const { window } = stage;
    await press('Control+k', 'Alt+k');
    const { placeholder } = await window.question(/Knock and Connect/);
    expect(placeholder).toMatch(/^Choose a host, or type one/);
    await window.pick('git-server');
    await window.asked(/git-server has no gate yet/);
    await press('Escape');
  });
});
