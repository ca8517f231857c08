// Documents have one sentence per line, so that a change of one sentence is a change of one line.
//   node scripts/sentences.mjs [FILE ...]     rewrites the documents so
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { say } from './say.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Made from texts of package.json, and from the table of commands. */
const MADE = ['cli.md', 'commands.md', 'settings.md'];

/** Lines outside running text: headings, tables, comments, quotes. */
const NOT_PROSE = /^\s*(?:#|\||<!--|>|$)/;
const FENCE = /^\s*```/;
const ITEM = /^\s*(?:[*-]|\d+\.)\s+/;
/** A row of links may be broken after its dot. */
const ROW = /·$/;

const CODE = /`[^`]*`/g;
/** The end of a sentence: a full stop with what closes after it, and a space. A bold name before a sentence stays with it. */
const END = /(?<!\b(?:e\.g|i\.e|etc|vs)\.)(?<=[.!?][)"”_]*) +(?=\S)/;

/** The documents that are written by hand, from the root of the repository. */
export function documents() {
  const pages = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md') && !MADE.includes(name));
  return ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...pages.map((name) => `docs/${name}`)];
}

function sentencesOf(text) {
  const codes = [...text.matchAll(CODE)].map(([code]) => code);
  const masked = text.replaceAll(CODE, '\0');
  return masked.split(END).map((sentence) => sentence.replaceAll('\0', () => codes.shift() ?? ''));
}

function asLines(block) {
  const [first = ''] = block;
  const marker = first.match(ITEM)?.[0] ?? first.match(/^\s*/)?.[0] ?? '';
  const text = [first.slice(marker.length), ...block.slice(1).map((line) => line.trimStart())].join(' ');
  return sentencesOf(text).map((sentence, at) => (at === 0 ? marker : ' '.repeat(marker.length)) + sentence);
}

/** A document with one sentence per line. */
export function oneSentencePerLine(document) {
  const lines = [];
  let block = [];
  let fenced = false;
  const end = () => {
    if (block.length > 0) lines.push(...asLines(block));
    block = [];
  };
  for (const line of document.split('\n')) {
    if (FENCE.test(line)) fenced = !fenced;
    if (fenced || FENCE.test(line) || NOT_PROSE.test(line)) {
      end();
      lines.push(line);
    } else {
      if (ITEM.test(line)) end();
      block.push(line.trimEnd());
      if (ROW.test(line)) end();
    }
  }
  end();
  return lines.join('\n');
}

function main(args) {
  for (const path of args.length === 0 ? documents() : args) {
    const document = readFileSync(join(ROOT, path), 'utf8');
    const rewritten = oneSentencePerLine(document);
    if (rewritten === document) continue;
    writeFileSync(join(ROOT, path), rewritten);
    say(path);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
