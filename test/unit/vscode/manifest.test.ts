import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import german from '../../../package.nls.de.json' with { type: 'json' };
import texts from '../../../package.nls.json' with { type: 'json' };
import { NEEDS_KEY } from '../../../src/vscode/command-names.ts';
import { contexts, resetEditor } from '../../rig/fake-vscode.ts';
import { followedKeys } from './followed-keys.ts';

const { commands, configuration, menus } = manifest.contributes;

describe('the manifest', () => {
  it('has the commands that there are', () => {
    expect(commands.map(({ command }) => command).sort()).toEqual(
      Object.keys(NEEDS_KEY)
        .map((name) => `knockgate.${name}`)
        .sort(),
    );
  });

  it('offers in menus and texts only what there is', () => {
    const ids = new Set(commands.map(({ command }) => command));
    const offered = Object.values(menus).flatMap((items) => items.map(({ command }) => command));
    const linked = Object.values(texts).flatMap((text) =>
      [...text.matchAll(/command:(?!workbench\.)([\w.]+)/g)].map(([, id]) => id),
    );
    for (const id of [...offered, ...linked]) expect(ids).toContain(id);
    const views = Object.values(manifest.contributes.views).flatMap((each) => each.map(({ id }) => id));
    for (const [, view] of JSON.stringify(menus).matchAll(/view == ([\w.]+)/g)) expect(views).toContain(view);
  });

  // The editor puts a tip with the keys under such a button. A tip of two keys is wider than the step, and cuts off its text. With
  // arguments, even none, the editor looks for no keys.
  it('has no button in the walkthrough whose tip would be too wide', () => {
    const withKeys = manifest.contributes.keybindings.map(({ command }) => `(command:${command})`);
    expect(withKeys).toContain('(command:knockgate.knockAndConnect)');
    const steps = [texts, german].flatMap((each) =>
      Object.entries(each).filter(([key]) => key.startsWith('walkthrough.')),
    );
    expect(steps.filter(([, text]) => withKeys.some((link) => text.includes(link)))).toEqual([]);
  });

  it('takes every text from package.nls.json, and each of those is used', () => {
    const used = new Set([...JSON.stringify(manifest).matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key));
    expect([...used].sort()).toEqual(Object.keys(texts).sort());
  });

  it('keeps a workspace from redirecting a knock', () => {
    for (const [name, { scope }] of Object.entries(configuration.properties))
      expect([name, scope]).toEqual([name, 'application']);
  });

  it('is started by a link: the editor adds no event for that by itself', () => {
    expect(manifest.activationEvents).toContain('onUri');
  });

  it('brings no SSH extension along: Remote - SSH is in one gallery only, and refuses to run in other editors', () => {
    expect(Object.keys(manifest)).not.toContain('extensionPack');
    expect(Object.keys(manifest)).not.toContain('extensionDependencies');
  });

  it('has types of the oldest editor that it lets in', () => {
    const { version } = JSON.parse(readFileSync('node_modules/@types/vscode/package.json', 'utf8'));
    expect(manifest.engines.vscode).toBe(`^${version}`);
    expect(manifest.devDependencies['@types/vscode']).toBe(version);
  });

  it('names commands as the conventions want it', () => {
    for (const { command, title, category } of commands) {
      expect(command).toMatch(/^knockgate\.[a-z]+([A-Z][a-z]+)*$/);
      expect(title).toBe(`%command.${command.replace('knockgate.', '')}%`);
      expect(category).toBe('%category%');
    }
  });
});

describe('the palette', () => {
  beforeEach(resetEditor);
  const rules = menus.commandPalette;
  const keysIn = (text: string) => [...text.matchAll(/\bknockgate\.\w+/g)].map(([key]) => key);

  /** The commands that it offers while exactly these keys are set. */
  const offered = (...set: string[]) => {
    const holds = (term: string) => {
      if (term === 'true') return true;
      return term.startsWith('!') ? !set.includes(term.slice(1)) : set.includes(term);
    };
    const isOffered = ({ when }: { when: string }) => when.split(' && ').every(holds);
    return rules.filter(isOffered).map(({ command }) => command.replace('knockgate.', ''));
  };

  it('has one rule for each command', () => {
    expect(rules.map(({ command }) => command).sort()).toEqual(commands.map(({ command }) => command).sort());
  });

  it('and the walkthrough go by keys that the extension sets, and each of those is used', () => {
    followedKeys().states.set('prod', { kind: 'open', untilMs: 1, answer: undefined });
    const whens = Object.values(menus).flatMap((items) => items.flatMap((item) => ('when' in item ? [item.when] : [])));
    const completions = manifest.contributes.walkthroughs.flatMap(({ steps }) =>
      steps.flatMap(({ completionEvents }) => completionEvents.filter((event) => event.startsWith('onContext:'))),
    );
    const views = Object.values(manifest.contributes.views).flatMap((each) => each.map(({ id }) => id));
    const used = new Set([...whens, ...completions].flatMap(keysIn).filter((key) => !views.includes(key)));
    expect([...used].sort()).toEqual([...contexts.keys()].sort());
  });

  it('offers on an empty machine only what leads on from there', () => {
    expect(offered().sort()).toEqual(
      [
        ...['addHost', 'copyPublicKey', 'createIdentity', 'importFwknop', 'importKey', 'importKnockd'],
        ...['knockAndConnect', 'refreshHosts', 'setUpGate', 'showActions', 'showFirstSteps', 'showLog', 'showTimings'],
      ].sort(),
    );
  });

  it('offers the rest once there is something to do it with', () => {
    const withHost = offered('knockgate.hasHosts', 'knockgate.hasGate', 'knockgate.hasKey');
    expect(withHost).toEqual(expect.arrayContaining(['knockHost', 'removeGate', 'rotateKey', 'enableSshHook']));
    for (const command of ['finishRotation', 'disableSshHook', 'forgetPsk', 'unlockKeys', 'chooseIdentity'])
      expect(withHost).not.toContain(command);
    const keys = [...new Set(rules.flatMap(({ when }) => keysIn(when)))];
    const all = new Set([...offered(...keys), ...offered(...keys.filter((key) => key !== 'knockgate.hookEnabled'))]);
    expect(all.size).toBe(commands.length);
  });
});
