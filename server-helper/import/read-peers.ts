import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseClientLine } from '../../src/spa/enrolment.ts';
import { fileUnreadable } from '../problems.ts';
import { importAldaba } from './aldaba.ts';
import type { ReadFile } from './fwknop.ts';
import type { Imported } from './imported.ts';
import { clientsMissing } from './problems.ts';
import { importPyknock } from './pyknock.ts';
import { importXtPknock } from './xt-pknock.ts';

/**
 * Shows what a call of pyknock-server would be in gate.toml; changes nothing.
 * @param lines of the clients, as `knockgate pubkey` prints them
 * @throws Problem `file-unreadable`, `usage` without a client, `bad-text` for a line that is none
 */
export function readPyknock(call: string, rules: string | undefined, lines: readonly string[]): Imported {
  if (lines.length === 0) throw clientsMissing('pyknock');
  return importPyknock(
    read(call),
    rules === undefined ? undefined : read(rules),
    lines.map((line) => parseClientLine(line)),
  );
}

/**
 * Shows what rules with `-m pknock` would be in gate.toml; changes nothing.
 * @param lines of the clients that had the secrets of a rule
 * @throws Problem `file-unreadable`, `bad-text`
 */
export function readXtPknock(rules: string, lines: readonly string[]): Imported {
  return importXtPknock(
    read(rules),
    lines.map((line) => parseClientLine(line)),
  );
}

/**
 * Shows what the configurations of aldabad and its client would be in gate.toml; changes nothing.
 * @throws Problem `file-unreadable`, `usage` without a client, `bad-text`
 */
export function readAldaba(server: string, client: string, lines: readonly string[]): Imported {
  if (lines.length === 0) throw clientsMissing('Aldaba');
  return importAldaba(
    read(server),
    read(client),
    lines.map((line) => parseClientLine(line)),
  );
}

function read(path: string): ReadFile {
  try {
    return { text: readFileSync(path, 'utf8'), file: basename(path) };
  } catch (error) {
    throw fileUnreadable(path, error);
  }
}
