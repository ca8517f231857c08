// Plain English: no line of ours contains the phrases below.
//   node scripts/prose.mjs [FILE ...]     lists the lines that do
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { say } from './say.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Phrases to avoid, and what to write instead. */
const PHRASES = [
  [/\bof before\b/i, 'previous, earlier'],
  [/\bwhat (?:came|comes|became|becomes|has come|has become) of\b/i, 'the result'],
  [/\b(?:think|thinks|thinking|thought) better of\b/i, 'cancels, changes their mind'],
  [/\b(?:cannot|could not) be told\b/i, 'is unknown'],
  [/\b(?:is|are|was|were) not right\b(?! (?:away|now|after|before))/i, 'is invalid: expected …'],
  [/\bwhoever\b/i, 'name the actor: the client, the owner, anybody who'],
  [/\b(?:have|has|having|had) (?:it|them|nothing|something|anything|actions|commands|programs) run\b/i, 'run it'],
  [/\b(?:have|has|having|had) (?:a|an|the|its|their|one|no) (?!trial|dry|test)[\w`’[\]-]+ run\b/i, 'run it'],
  [/\bstands?\b(?!-| (?:alone|by|down|for|in for|in (?:its|the|their) way|out|side by|up)\b)/i, 'is'],
  [/\b(?:he|him|himself|his)\b/i, 'they, them, their; or name the actor'],
  [/\bis there twice\b/i, 'occurs twice'],
  [/\b(?:go|goes|going|went) without (?:what|whatever|the same)\b/i, 'skips'],
  [/\bin the place of\b/i, 'instead of'],
  [/\bin so many words\b/i, 'name the words'],
  [/\bof late\b/i, 'recently, recent'],
  [/\bnone the worse\b/i, 'works as before'],
  [/\bsuch as no\b/i, 'only those that …'],
  [/\blets? in who\b/i, 'admits those who'],
  [/\b(?:told|knows?) of what\b/i, 'is called with, knows which'],
  [/\bof (?:nobody|somebody) to (?:nobody|somebody)\b/i, 'a throw-away …'],
  [
    /(?<!\b(?:here|there) )\b(?:is|are|was|were) no (?!better|different|doubt|exception|good|less|longer|more|need|problem|reason|use|way|worse)[a-z]/i,
    'is not a …',
  ],
];

const FOLDERS = ['src', 'server-helper', 'scripts', 'bench', 'test', 'docs', '.ci'];
const FILES = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  'package.json',
  'package.nls.json',
  'vitest.config.mts',
];
const NOT_OURS = ['node_modules', 'licences', 'vectors'];
/** Data and pictures, and pages made from texts that are checked where they come from. */
const NOT_PROSE = ['.json', '.svg', '.png', '.txt', '.nft'];
const MADE = ['docs/cli.md', 'docs/commands.md', 'docs/dialogues.md', 'docs/settings.md'];
/** They quote what is to be avoided. */
const QUOTES = ['scripts/prose.mjs', 'test/unit/prose/prose.test.ts'];

function filesBelow(folder) {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.includes(entry.name)) return [];
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

/** The files whose prose is ours, from the root of the repository: code, texts, documents, manuals, units. */
export function prosePaths() {
  const found = FOLDERS.flatMap(filesBelow).filter(
    (path) => !NOT_PROSE.includes(extname(path)) && !MADE.includes(path),
  );
  return [...FILES, ...found].sort();
}

const CODE = ['.ts', '.mjs', '.mts', '.cjs'];
/** A docstring that begins with a question word instead of a noun or a verb. */
const QUESTION = /\/\*\*?(?:[ \t]|\n[ \t]*\*[ \t])+(What|Whatever|Who|Whoever|Whom|Whose|Which|Why)\b/g;

/** The docstrings of a source file that begin with a question word. */
export function questioningDocstrings(text) {
  return [...text.matchAll(QUESTION)].map(({ 0: found, 1: phrase, index }) => {
    const number = text.slice(0, index + found.length).split('\n').length;
    return { number, line: text.split('\n')[number - 1] ?? '', hits: [{ phrase, instead: 'a noun or a verb first' }] };
  });
}

/** The lines of a text that contain a phrase to avoid. */
export function contorted(text) {
  return text.split('\n').flatMap((line, at) => {
    const hits = PHRASES.map(([pattern, instead]) => ({ phrase: line.match(pattern)?.[0], instead })).filter(
      ({ phrase }) => phrase !== undefined,
    );
    return hits.length === 0 ? [] : [{ number: at + 1, line, hits }];
  });
}

const asText = ({ path, number, line, hits }) =>
  `${path}:${number}: ${hits.map(({ phrase, instead }) => `"${phrase}": write ${instead}`).join('; ')}\n    ${line.trim()}`;

function faultsOf(path, text) {
  return CODE.includes(extname(path)) ? [...contorted(text), ...questioningDocstrings(text)] : contorted(text);
}

/** The lines of the repository that contain such a phrase, as texts to print. */
export function proseFaults(only = prosePaths()) {
  const paths = only.filter((path) => !QUOTES.includes(path));
  return paths.flatMap((path) =>
    faultsOf(path, readFileSync(join(ROOT, path), 'utf8')).map((found) => asText({ path, ...found })),
  );
}

function main(args) {
  const found = proseFaults(args.length === 0 ? undefined : args);
  for (const each of found) say(each);
  say(`${found.length} lines to rewrite`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
