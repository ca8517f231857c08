import { beforeEach, describe, expect, it } from 'vitest';
import { gateKeyUnusable, hostsInvalid, passphraseWrong } from '../../../../src/client/problems.ts';
import { helpWith } from '../../../../src/vscode/ask/problem-help.ts';
import { noteOpened, openedAtMs } from '../../../../src/vscode/knock/opened-hosts.ts';
import * as problems from '../../../../src/vscode/problems.ts';
import { env, executed, resetEditor } from '../../../rig/fake-vscode.ts';
import { WALL_MS } from '../../client/support.ts';
import { FakeMemento, HOST, NO_ANSWER } from '../support.ts';

const BOOK = { hosts: new Map([['prod', HOST]]), broken: new Map() };

let globalState: FakeMemento;
beforeEach(() => {
  resetEditor();
  globalState = new FakeMemento();
});

const help = (error: unknown, host?: string) => helpWith(error, host, { hosts: () => BOOK, globalState });
const titles = (error: unknown, host?: string) => help(error, host).offers.map(({ title }) => title);

describe('what helps', () => {
  it.each([
    [problems.noKeyYet(), 'prod', ['Copy Public Key']],
    [problems.keyLost(), 'prod', ['Import Key…', 'Forget Key…']],
    [problems.keysLocked(), 'prod', ['Unlock Keys…']],
    [passphraseWrong('keys'), 'prod', ['Unlock Keys…']],
    [passphraseWrong('export.key'), undefined, []],
    [problems.identityUnknown('work'), 'prod', ['Choose Identity…']],
    [problems.hostKeysMissing('prod'), 'prod', ['Set Keys…']],
    [problems.hostWithoutGate('other'), 'other', ['Set Up Gate…', 'Add Host…']],
    [gateKeyUnusable('prod'), 'prod', ['Edit Host…']],
    [hostsInvalid('prod', 'x', 'y'), undefined, ['Edit Host…']],
    [problems.gateFurtherIn('prod', 'bastion'), 'prod', ['Diagnose']],
    [problems.noRotation('default'), undefined, []],
    [new Error('fault'), 'prod', []],
  ])('is on the message itself: %s', (error, host, expected) => {
    expect(titles(error, host)).toEqual(expected);
  });

  it('runs the command for the host', () => {
    for (const { run } of help(problems.hostWithoutGate('other'), 'other').offers) run();
    expect(executed).toEqual([
      { command: 'knockgate.setUpGate', args: ['other'] },
      { command: 'knockgate.addHost', args: ['other'] },
    ]);
  });

  it.each([
    ['vscode', 'Install Remote - SSH', 'workbench.extensions.installExtension', 'ms-vscode-remote.remote-ssh'],
    ['vscodium', 'Install Open Remote - SSH', 'workbench.extensions.installExtension', 'jeanp413.open-remote-ssh'],
    ['cursor', 'Show Remote - SSH', 'workbench.extensions.search', '@builtin Remote - SSH'],
  ])('is the SSH extension of the editor: %s', (uriScheme, title, command, argument) => {
    env.uriScheme = uriScheme;
    const [offer] = help(problems.noSshExtension({ name: 'x', isBundled: false })).offers;
    expect(offer?.title).toBe(title);
    offer?.run();
    expect(executed).toEqual([{ command, args: [argument] }]);
  });

  it('against a gate that never opened is its knowing the key; against one that did, to look closer', async () => {
    expect(titles(NO_ANSWER, 'prod')).toEqual(['Copy Public Key', 'Diagnose']);
    expect(help(NO_ANSWER, 'prod').shownAs?.text.what).toBe('prod never opened to this device.');
    await noteOpened(globalState, HOST, WALL_MS, new Set(['prod']));
    expect(help(NO_ANSWER, 'prod')).toMatchObject({ offers: [{ title: 'Diagnose' }] });
    expect(help(NO_ANSWER, 'prod').shownAs).toBeUndefined();
  });
});

describe('which hosts have opened', () => {
  it('is remembered for the server, not for its name', async () => {
    await noteOpened(globalState, HOST, WALL_MS, new Set(['prod']));
    expect(openedAtMs(globalState, HOST)).toBe(WALL_MS);
    const other = { ...HOST, gate: { ...HOST.gate, key: new Uint8Array(32).fill(3) } };
    expect(openedAtMs(globalState, other)).toBeUndefined();
  });

  it('is forgotten with the host', async () => {
    await noteOpened(globalState, { ...HOST, name: 'gone' }, WALL_MS, new Set(['gone']));
    await noteOpened(globalState, HOST, WALL_MS, new Set(['prod']));
    expect(Object.keys(globalState.get('knockgate.openedHosts') ?? {})).toEqual(['prod']);
  });
});
