// npm run docs: collects the texts of the client, the deployment and the extension for translators, and says which have no German yet.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { say } from './say.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** All but the command line, which speaks English. */
const SOURCES = readdirSync(join(ROOT, 'src'))
  .filter((folder) => folder !== 'cli')
  .map((folder) => `src/${folder}`);
const ENGLISH = 'l10n/bundle.l10n.json';
const GERMAN = 'l10n/bundle.l10n.de.json';

const read = (path) => readFileSync(join(ROOT, path), 'utf8');
const readJson = (path) => JSON.parse(read(path));

/**
 * The texts that a source file hands to l10n.t or phrase, and what is wrong with how it does so. A text must be written out where
 * it is used: one that is put together when the program runs is in no bundle.
 */
export function textsIn(path, source) {
  const texts = new Set();
  const wrong = [];
  const visit = (node) => {
    if (ts.isCallExpression(node) && /(^|\.)l10n\.t$|^phrase$/.test(node.expression.getText(file))) {
      const [message, ...values] = node.arguments;
      if (message === undefined || !ts.isStringLiteralLike(message)) {
        wrong.push(`${path}: ${node.expression.getText(file)}(${message?.getText(file) ?? ''}) is not given a text`);
      } else {
        texts.add(message.text);
        const asked = new Set(message.text.match(/\{\d+\}/g)).size;
        if (asked !== values.length && !values.some(ts.isSpreadElement)) {
          wrong.push(`${path}: "${message.text}" has ${asked} places, and ${values.length} values`);
        }
      }
    }
    ts.forEachChild(node, visit);
  };
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest);
  visit(file);
  return { texts: [...texts], wrong };
}

/**
 * Lists faults of a translation, a line each: texts that are missing or that nobody asks for any more, and texts
 * that have lost a place for a value, a command, a setting or code.
 */
export function faultsOf(name, original, translation) {
  const missing = Object.keys(original).filter((key) => !translation[key]);
  const stale = Object.keys(translation).filter((key) => original[key] === undefined);
  const changed = Object.keys(original).filter((key) => {
    return translation[key] && String(fixedParts(original[key])) !== String(fixedParts(translation[key]));
  });
  return [
    ...missing.map((key) => `${name}: not translated: ${key}`),
    ...stale.map((key) => `${name}: nothing uses: ${key}`),
    ...changed.map((key) => `${name}: has not the same values, links and code as the original: ${key}`),
  ];
}

/** Parts that a translation must keep as they are: places for values, icons, code, and where links go. */
function fixedParts(text) {
  return (text.match(/\{\d+\}|\$\([a-z~-]+\)|`[^`]*`|\]\([^)]*\)/g) ?? []).sort();
}

/** The bundle of the texts as it should be, and what is wrong with how they are used. */
function collect() {
  const paths = SOURCES.flatMap((folder) => {
    const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
    return names.filter((name) => name.endsWith('.ts')).map((name) => `${folder}/${name}`);
  });
  const files = paths.map((path) => textsIn(path, read(path)));
  const texts = new Set(files.flatMap(({ texts }) => texts));
  return {
    bundle: Object.fromEntries([...texts].sort().map((text) => [text, text])),
    wrong: files.flatMap(({ wrong }) => wrong),
  };
}

const format = (bundle) => `${JSON.stringify(bundle, undefined, 2)}\n`;

/** Lists faults of the texts and their translations, a line each. */
export function l10nFaults() {
  const { bundle, wrong } = collect();
  return [
    ...wrong,
    ...(read(ENGLISH) === format(bundle) ? [] : [`${ENGLISH} is not current: npm run docs`]),
    ...faultsOf(GERMAN, bundle, readJson(GERMAN)),
    ...faultsOf('package.nls.de.json', readJson('package.nls.json'), readJson('package.nls.de.json')),
  ];
}

/** Writes the bundle, and the German one in its order; what nothing uses any more is dropped from it. */
function main() {
  const { bundle } = collect();
  writeFileSync(join(ROOT, ENGLISH), format(bundle));
  say(`wrote ${ENGLISH}, ${Object.keys(bundle).length} texts`);
  const german = existsSync(join(ROOT, GERMAN)) ? readJson(GERMAN) : {};
  const kept = Object.keys(bundle).filter((key) => german[key]);
  writeFileSync(join(ROOT, GERMAN), format(Object.fromEntries(kept.map((key) => [key, german[key]]))));
  const faults = l10nFaults();
  for (const fault of faults) say(fault);
  return faults.length > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main();
