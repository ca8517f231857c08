import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { commandsOf, optionsOf } from '../../../src/command-table/entry.ts';
import { GATE } from '../../../src/command-table/gate/program.ts';

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), 'utf8');
/** A page as its reader sees it, more or less: without font changes, and with plain hyphens and quotes. */
const plain = (roff: string) =>
  roff
    .replace(/\\f./g, '')
    .replaceAll('\\-', '-')
    .replaceAll('\\(dq', '"')
    .replace(/^\.[BIR]+ /gm, '');

describe('knockgated(8)', () => {
  const page = plain(read('server-helper/man/knockgated.8'));

  it('has every command of the table', () => {
    const commands = commandsOf(GATE).map(({ name }) => name);
    expect(commands.length).toBeGreaterThan(12);
    expect(commands.filter((command) => !new RegExp(`^"?${command}\\b`, 'm').test(page))).toEqual([]);
  });

  it('has every option of the table', () => {
    const options = commandsOf(GATE).flatMap((command) => optionsOf(GATE, command).map(({ name }) => `--${name}`));
    expect(options.length).toBeGreaterThan(8);
    expect(options.filter((option) => !page.includes(option))).toEqual([]);
  });
});

describe('gate.toml(5)', () => {
  const page = plain(read('server-helper/man/gate.toml.5'));

  it('has every key that the configuration knows, with its default', () => {
    const source = [
      'gate-settings',
      'client-config',
      'sequence-config',
      'fwknop-config',
      'gpg-config',
      'window-config',
      'action-config',
      'forward-config',
      'decoy-config',
    ]
      .map((name) => read(`server-helper/config/${name}.ts`))
      .join('\n');
    const keys = [...source.matchAll(/reader\.\w+\('(\w+)'/g)].map(([, key]) => key ?? '');
    expect(keys.length).toBeGreaterThan(18);
    expect(keys.filter((key) => !new RegExp(`\\b${key}\\b`).test(page))).toEqual([]);
    const defaults = [...source.matchAll(/reader\.(?:number|choice)\('(\w+)',.* ('?\w+'?)\),$/gm)].filter(
      ([, , value]) => /^\d|'/.test(value ?? ''),
    );
    expect(defaults.length).toBeGreaterThan(7);
    for (const [, key, value = ''] of defaults)
      expect(page.replace(/^(\w+) " = (.*)"$/gm, '$1 = $2')).toContain(`${key} = ${value.replaceAll("'", '"')}`);
  });
});
