import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

/** A document that is named in a text: `protocol.md`, `docs/actions.md#by-a-sequence-of-ports`, `protocol.md, "Tag"`. */
interface Citation {
  readonly target: string;
  readonly anchor: string | undefined;
  readonly heading: string | undefined;
}

const NAMED = /(?<![\w/}*.(-])((?:[\w-]+\/)*[\w-]+\.md)\b(?:#([\w-]+)|, "([^"]+)")?/g;
const LINKED = /\]\(([^)\s#]*)(?:#([\w-]+))?\)/g;
const FOREIGN = /^(?:https?:|mailto:|command:|data:)/;

/** Made by scripts, and in no clone. */
const MADE = 'dist/';

/** Documents are looked for beside the file that names them, in the root of the repository, and in docs. */
const foldersFor = (path: string) => [dirname(path), '.', 'docs'];

/** Name that GitHub gives a heading in links. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');
}

const headingsOf = (document: string) => [...document.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);

/** The anchors of headings; the second one of the same words ends in -1. */
function anchorsOf(headings: readonly string[]): string[] {
  const anchors = headings.map(anchorOf);
  return anchors.map((anchor, at) => {
    const earlier = anchors.slice(0, at).filter((each) => each === anchor).length;
    return earlier === 0 ? anchor : `${anchor}-${earlier}`;
  });
}

function citationsIn(path: string, text: string): Citation[] {
  const named = [...text.matchAll(NAMED)].map(([, target = '', anchor, heading]) => ({ target, anchor, heading }));
  if (!path.endsWith('.md')) return named;
  const linked = [...text.matchAll(LINKED)]
    .filter(([, target = '']) => !FOREIGN.test(target))
    .map(([, target = '', anchor]) => ({ target: target || posix.basename(path), anchor, heading: undefined }));
  return [...named, ...linked];
}

/** Comments only: the strings of a test name files that it makes up. */
function commentsOf(text: string): string {
  return text
    .split('\n')
    .filter((line) => /^\s*(?:\/\/|\/?\*)/.test(line))
    .join('\n');
}

/** Lists citations in a text that lead nowhere, a line each. */
export function danglingIn(root: string, path: string, text: string): string[] {
  const read = path.startsWith('test/') ? commentsOf(text) : text;
  return citationsIn(path, read).flatMap(({ target, anchor, heading }) => {
    if (target.startsWith(MADE)) return [];
    const found = foldersFor(path)
      .map((folder) => join(root, folder, target))
      .find((each) => existsSync(each));
    if (found === undefined) return [`${path}: ${target} does not exist`];
    const headings = anchor === undefined && heading === undefined ? [] : headingsOf(readFileSync(found, 'utf8'));
    if (anchor !== undefined && !anchorsOf(headings).includes(anchor)) {
      return [`${path}: ${target} has no heading for #${anchor}`];
    }
    if (heading !== undefined && !headings.includes(heading)) return [`${path}: ${target} has no heading "${heading}"`];
    return [];
  });
}
