import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import texts from '../../../package.nls.json' with { type: 'json' };

const SOURCES = 'src/vscode';
const { commands, menus, walkthroughs } = manifest.contributes;
const text = (key: string) => new Map(Object.entries(texts)).get(key.slice(1, -1)) ?? '';

/** Every call of a method of that name in src/vscode: its place, and its arguments. */
function callsOf(method: string): { place: string; args: readonly ts.Expression[]; file: ts.SourceFile }[] {
  const paths = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  return paths.flatMap((path) => {
    const file = ts.createSourceFile(path, readFileSync(join(SOURCES, path), 'utf8'), ts.ScriptTarget.Latest, true);
    const calls: { place: string; args: readonly ts.Expression[]; file: ts.SourceFile }[] = [];
    const visit = (node: ts.Node): void => {
      const isCall = ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression);
      if (isCall && ts.isPropertyAccessExpression(node.expression) && node.expression.name.text === method) {
        const { line } = file.getLineAndCharacterOfPosition(node.getStart());
        calls.push({ place: `${path}:${line + 1}`, args: node.arguments, file });
      }
      ts.forEachChild(node, visit);
    };
    visit(file);
    return calls;
  });
}

function fieldsOf(options: ts.Expression | undefined): string[] {
  if (options === undefined || !ts.isObjectLiteralExpression(options)) return [];
  return options.properties.map((each) => each.name?.getText() ?? '');
}

describe('what a screen reader is told', () => {
  it.each([
    // Lists and input boxes are asked by ask.ts, whose types want the same.
    ['showOpenDialog', 0, ['title']],
    ['showSaveDialog', 0, ['title']],
  ])('each %s has words that say what is asked', (method, at, wanted) => {
    const calls = callsOf(method);
    expect(calls.length).toBeGreaterThan(0);
    for (const { place, args } of calls)
      expect([place, fieldsOf(args[at])]).toEqual([place, expect.arrayContaining(wanted)]);
  });

  it('no icon is part of a text, where its name would be read out', () => {
    for (const { place, args } of callsOf('t')) expect(args[0]?.getText(), place).not.toContain('$(');
    const labels = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .flatMap((path) => readFileSync(join(SOURCES, path), 'utf8').match(/label: [`'"]\$\(.*/g) ?? []);
    expect(labels).toEqual([]);
  });

  it('every picture of the walkthrough is described', () => {
    const steps = walkthroughs.flatMap((walkthrough) => walkthrough.steps);
    expect(steps.length).toBeGreaterThan(0);
    expect(steps.filter(({ media }) => text(media.altText).length < 30)).toEqual([]);
  });
});

describe('without a mouse', () => {
  it('what an icon in a row does is in the row’s menu too, which a key opens', () => {
    const items = menus['view/item/context'];
    const inline = items.filter(({ group }) => group.startsWith('inline'));
    const others = items.filter(({ group }) => !group.startsWith('inline'));
    expect(inline.length).toBeGreaterThan(0);
    for (const { command, when } of inline)
      expect(others.filter((each) => each.command === command && each.when === when)).toHaveLength(1);
  });

  it('every command is in the palette while there is something to do it with', () => {
    for (const { command, when } of menus.commandPalette) expect([command, when]).not.toContain('false');
    for (const each of commands) expect(each).not.toHaveProperty('enablement');
  });
});
