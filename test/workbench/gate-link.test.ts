import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import { parseGateLine } from '../../src/spa/enrolment.ts';
import { formatGateLink } from '../../src/spa/enrolment-link.ts';
import { formatKey } from '../../src/spa/keys.ts';
import type { MadeUpExtension } from '../rig/editor/vsix.ts';
import type { Window } from '../rig/editor/window.ts';
import { Workbench } from '../rig/editor/workbench.ts';
import { createPair, type Pair } from '../rig/netns.ts';

const SCREENS = '.cache/screens';
const LINK_FILE = 'link.txt';
/** The scheme of this editor's links is in its place in the link. */
const SCHEME = 'the-editor';

/**
 * Opens a link as one that is clicked in the editor. In a browser the system hands no links to the editor; from here on the
 * way is the same: the editor finds the extension by the link's authority, starts it, and hands the link over.
 */
const OPENS_LINKS: MadeUpExtension = {
  publisher: 'rig',
  name: 'opens-links',
  manifest: {
    extensionKind: ['ui'],
    contributes: { commands: [{ command: 'rig.open', title: 'Open the Link', category: 'Rig' }] },
  },
  main: `
    const { commands, env, Uri } = require('vscode');
    const { readFileSync } = require('node:fs');
    const { join } = require('node:path');
    exports.activate = () => {
      commands.registerCommand('rig.open', () => {
        const text = readFileSync(join(require('node:os').homedir(), '${LINK_FILE}'), 'utf8');
        commands.executeCommand('vscode.open', Uri.parse(text.replace('${SCHEME}', env.uriScheme)));
      });
    };`,
};

const keyOf = (seed: number) => formatKey(nodeCrypto.publicKey(new Uint8Array(32).fill(seed)));
const lineOf = (key: string, address: string) => `knockgate1 gate ${key} 32 ${address},2001:db8::7 443,62201 prod`;

/* One click, and one question. */
describe('a link that adds a gate', () => {
  let pair: Pair;
  let workbench: Workbench;
  let window: Window;

  beforeAll(async () => {
    pair = await createPair({ name: 'link' });
    workbench = await Workbench.start(pair.client, {
      vsix: [resolve('dist/knockgate.vsix')],
      madeUp: [OPENS_LINKS],
    });
    window = await workbench.open();
  });
  afterAll(async () => {
    await workbench?.close();
    pair?.destroy();
  });

  const open = async (link: string) => {
    writeFileSync(join(workbench.home.folder, LINK_FILE), link);
    await window.runCommand('Rig: Open the Link');
  };
  const dialog = () => window.page.locator('.monaco-dialog-box');
  const dialogSays = (text: string) =>
    window.eventually(`a dialog that says "${text}"`, async () => {
      return (await dialog().allTextContents()).some((each) => each.includes(text));
    });
  const press = (button: string) => dialog().locator('.monaco-button', { hasText: button }).first().click();
  const hosts = () => workbench.setting('knockgate.hosts');

  it('shows what it would add, and adds it when the person agrees', async () => {
    const line = lineOf(keyOf(1), '203.0.113.7');
    await open(formatGateLink(parseGateLine(line), SCHEME));
    await dialogSays('A link wants to add the gate prod.');
    for (const part of ['203.0.113.7, 2001:db8::7', 'udp/443, udp/62201', keyOf(1)]) await dialogSays(part);
    await window.screenshot(`${SCREENS}/link-add.png`);
    expect(hosts()).toBeUndefined();
    await press('Add Host');
    expect((await window.notice(/prod is added/)).buttons).toEqual(['Copy Public Key', 'Knock and Connect']);
    expect(hosts()).toEqual({ prod: { gate: line } });
  });

  it('names both keys before one takes the place of another, and changes nothing when the person cancels', async () => {
    await open(formatGateLink(parseGateLine(lineOf(keyOf(2), '203.0.113.7')), SCHEME));
    await dialogSays('A link wants to replace the line of prod.');
    await dialogSays(keyOf(1));
    await dialogSays(keyOf(2));
    await window.screenshot(`${SCREENS}/link-replace.png`);
    await press('Cancel');
    expect(hosts()).toEqual({ prod: { gate: lineOf(keyOf(1), '203.0.113.7') } });
  });

  it.each([
    [
      'the key of a gate elsewhere',
      formatGateLink(parseGateLine(lineOf(keyOf(1), '203.0.113.66')), SCHEME),
      /its key is/,
    ],
    ['more than a line', `${SCHEME}://knockgate.knockgate/add?line=x&force=1`, /not one that adds a gate/],
    ['another path', `${SCHEME}://knockgate.knockgate/remove?line=x`, /not one that adds a gate/],
  ])('is refused with %s, and asks nothing', async (_, link, says) => {
    await open(link);
    await window.notice(says);
    expect(await dialog().count()).toBe(0);
    expect(hosts()).toEqual({ prod: { gate: lineOf(keyOf(1), '203.0.113.7') } });
  });
});
