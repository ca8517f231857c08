import { phrase } from '../base/phrase.ts';
import { badText, ExitCode, Problem } from '../base/problem.ts';
import { formatGateLine, type GateEnrolment, parseGateLine } from './enrolment.ts';

/*
 * A gate's line as a link, for a mail or a wiki: `vscode://knockgate.knockgate/add?line=knockgate1+gate+KEY+32+…`. It
 * contains no secret. No character of a line needs escaping in a link.
 */

const EXTENSION = 'knockgate.knockgate';
const PATH = '/add';
const QUERY = /^line=([A-Za-z0-9+ ._,:@-]+)$/;
/** Enough for a line with several long addresses. Mail programs break longer links anyway. */
const MOST_CHARACTERS = 1500;
const SCHEME = /^[a-z][a-z0-9.+-]{0,40}$/;

/** The scheme of VS Code's links; other editors have their own. */
export const USUAL_SCHEME = 'vscode';

/**
 * A link that opens the editor and asks there whether to add the gate.
 * @param scheme of the editor's links
 */
export function formatGateLink(gate: GateEnrolment, scheme: string = USUAL_SCHEME): string {
  return `${scheme}://${EXTENSION}${PATH}?line=${formatGateLine(gate).replaceAll(' ', '+')}`;
}

/** @throws Problem `bad-text` */
export function parseScheme(text: string, field: string): string {
  if (!SCHEME.test(text))
    throw badText(field, text, phrase('the scheme of an editor’s links, such as vscode or vscodium'));
  return text;
}

/** The parts of a link, each decoded once. */
export interface LinkParts {
  readonly path: string;
  readonly query: string;
  readonly fragment: string;
}

/**
 * Reads a link, exactly: one path, one parameter, one line.
 * @throws Problem `bad-link`; `bad-text` that names the field of the line
 */
export function parseGateLink({ path, query, fragment }: LinkParts): GateEnrolment {
  const line = QUERY.exec(query)?.[1];
  if (path !== PATH || fragment !== '' || line === undefined || query.length > MOST_CHARACTERS) throw badLink();
  return parseGateLine(line.replaceAll('+', ' '));
}

/** The error shows nothing of the link, since its author chose every word. */
function badLink(): Problem {
  return new Problem({
    code: 'bad-link',
    what: phrase('The link that was opened is not one that adds a gate. Nothing was changed.'),
    next: phrase('Ask for the gate’s line instead, and add it with "Knockgate: Add Host…".'),
    exit: ExitCode.usage,
  });
}
