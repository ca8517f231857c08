import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import texts from '../../../package.nls.json' with { type: 'json' };
import { COMMANDS } from '../../../src/vscode/commands.ts';

const { commands, configuration, menus } = manifest.contributes;

describe('the manifest', () => {
  it('has the commands that there are', () => {
    expect(commands.map(({ command }) => command).sort()).toEqual(Object.keys(COMMANDS).sort());
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

  it('takes every text from package.nls.json, and each of those is used', () => {
    const used = new Set([...JSON.stringify(manifest).matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key));
    expect([...used].sort()).toEqual(Object.keys(texts).sort());
  });

  it('keeps a workspace from redirecting a knock', () => {
    for (const [name, { scope }] of Object.entries(configuration.properties))
      expect([name, scope]).toEqual([name, 'application']);
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
