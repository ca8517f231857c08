import { l10n, window } from 'vscode';
import { gateKeyUnusable } from '../../client/problems.ts';
import { formatGateLine, type GateEnrolment, parseGateLine, parseName } from '../../spa/enrolment.ts';
import { isLowOrder } from '../../spa/keys.ts';
import { Problem } from '../../spa/problem.ts';
import type { Parts } from '../parts.ts';
import { writeHost } from '../write-hosts.ts';
import { nameFrom } from './named-host.ts';

/**
 * Knock: Add Host… by the line that the gate prints.
 * @param argument the name, when it is known already
 * @returns the name it was given; undefined when the person thought better of it
 */
export async function addHost(parts: Parts, argument: unknown): Promise<string | undefined> {
  const known = nameFrom(argument);
  const line = await window.showInputBox({
    title: known === undefined ? l10n.t('Add Host') : l10n.t('Add a Gate for {0}', known),
    prompt: l10n.t('Paste the line that `knockgated key` prints on the server'),
    placeHolder: 'knockgate1 gate …',
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === '' ? undefined : complaint(() => parseGateLine(text))),
  });
  if (line === undefined || line.trim() === '') return undefined;
  const gate = parseGateLine(line);
  const name = known ?? (await askName(gate));
  if (name === undefined) return undefined;
  if (isLowOrder(parts.crypto, gate.key)) throw gateKeyUnusable(name);
  await writeHost(parseName(name), { gate: formatGateLine(gate) });
  parts.log.info(`${name}: added`);
  return name;
}

function askName(gate: GateEnrolment): Thenable<string | undefined> {
  return window.showInputBox({
    title: l10n.t('Add Host'),
    prompt: l10n.t('What you call it: the name that you give to ssh'),
    value: gate.name,
    ignoreFocusOut: true,
    validateInput: (text) => complaint(() => parseName(text)),
  });
}

/** What is wrong with a text, as one types. */
function complaint(parse: () => unknown): string | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return error.message.replaceAll('\n', ' ');
  }
}
