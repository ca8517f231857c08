import { l10n } from 'vscode';
import { parseGateLine } from '../../spa/enrolment.ts';
import { parsePlainDestination } from '../../ssh/destination.ts';
import { askInSteps, type Choice, type ChoiceStep, type Step } from '../ask/ask-in-steps.ts';
import { complaintOf } from '../ask/form-field.ts';
import { GATE_FORM } from '../host-forms/gate.ts';
import type { Adding } from '../host-forms/host-form.ts';
import { formOf, HOST_FORMS } from '../host-forms/host-forms.ts';
import { writeHost } from '../hosts/write-hosts.ts';
import { unlockKeys } from '../keys/unlock-keys.ts';
import { hostNameFor } from '../knock/destinations.ts';
import type { Parts } from '../parts.ts';
import { offerAfterAdding, offerAfterSetUp } from '../set-up/next-step.ts';
import { nameFrom } from './named-host.ts';
import { setUpGateOn } from './set-up-gate.ts';

/** Answer of a person whose server has no gate yet. */
const SET_UP = 'set-up';

/**
 * Knockgate: Add Host… Asks for its kind, then for the fields of that kind, and offers the next step.
 * @param argument its name, if it is known already, or a destination as ssh takes it
 * @returns its name; undefined when the person cancels
 */
export async function addHost(parts: Parts, argument: unknown): Promise<string | undefined> {
  const added = await askHost(parts, argument);
  if (added === undefined) return undefined;
  const { name, isSetUp } = added;
  if (isSetUp) offerAfterSetUp(name);
  else offerAfterAdding(name, parts.hosts().hosts.get(name)?.kind === 'gate');
  return name;
}

/** Host that is in the settings now. */
interface Added {
  readonly name: string;
  /** Whether its gate was set up just now. */
  readonly isSetUp: boolean;
}

/** Adds a host without offering anything: for a command that goes on with the host. */
export async function askHost(parts: Parts, argument: unknown): Promise<Added | undefined> {
  const wanted = nameFrom(argument);
  const known = wanted === undefined ? undefined : hostNameFor(wanted, parts.hosts());
  const title = known === undefined ? l10n.t('Add Host') : l10n.t('Add {0}', known);
  const adding = { known, taken: new Set(parts.hosts().hosts.keys()) };
  const answers = await askInSteps(title, (soFar) => stepsAfter(soFar, adding));
  if (answers === undefined) return undefined;
  const [kind = '', ...rest] = answers;
  const destination = destinationIn(kind);
  if (kind === SET_UP || destination !== undefined) {
    const setUp = await setUpGateOn(parts, destination ?? wanted);
    return setUp === undefined ? undefined : { name: setUp, isSetUp: true };
  }
  const { name, fields, keys } = isLine(kind)
    ? GATE_FORM.added(adding, answers, parts.crypto)
    : formOf({ kind }).added(adding, rest, parts.crypto);
  // If keys are in a file, these go there too.
  if (keys !== undefined && !(await unlockKeys(parts))) return undefined;
  // Keys come first: a host without them would be useless, and its name taken.
  if (keys !== undefined) await parts.hostSecrets.set(name, keys);
  await writeHost(name, fields);
  parts.log.info(`${name}: added`);
  return { name, isSetUp: false };
}

/** A gate's line that is pasted where the kind is asked for also answers the next question. */
function stepsAfter([kind, ...rest]: readonly string[], adding: Adding): readonly Step[] {
  if (kind === SET_UP || (kind !== undefined && destinationIn(kind) !== undefined)) return [kindStep()];
  if (kind !== undefined && isLine(kind)) return [kindStep(), ...GATE_FORM.addSteps(adding, [kind, ...rest]).slice(1)];
  return [kindStep(), ...formOf({ kind }).addSteps(adding, rest)];
}

const isLine = (text: string) => text.startsWith('knockgate1');
/** A line is often pasted with the mark of a quotation before it, or in quotes. */
const unquoted = (text: string) => text.replace(/^[>\s"'`]+(?=knockgate1)/, '').replace(/["'`]+$/, '');
/** Distinguishes a destination that was typed from the kinds that were chosen. */
const AT = 'at ';
const destinationIn = (answer: string) => (answer.startsWith(AT) ? answer.slice(AT.length) : undefined);

function isInChoices(text: string): boolean {
  return kindChoices().some(({ label }) => label.toLowerCase().includes(text.toLowerCase()));
}

function kindStep(): ChoiceStep {
  const prompt = l10n.t('What does the server run? Or paste its line');
  return { prompt, choices: kindChoices(), value: 'gate', typed: typedChoice };
}

function kindChoices(): readonly Choice[] {
  const kinds = HOST_FORMS.map(({ kind, label, detail, icon }): Choice => {
    return { value: kind, label: label(), detail: detail(), icon };
  });
  const setUp = {
    value: SET_UP,
    label: l10n.t('Nothing yet: set up a gate on it'),
    detail: l10n.t('Over SSH, as long as it lets you in. You see the plan first.'),
    icon: 'shield',
  };
  return [...kinds, setUp];
}

/** Choice for a text that was pasted or typed: a gate's line, or a server that has no gate yet. */
function typedChoice(typed: string): Choice | undefined {
  const text = unquoted(typed);
  // A text with blanks is not a server: it was meant to be a line, unless it searches the choices.
  if (isLine(text) || (/\s/.test(text) && !isInChoices(text))) {
    const complaint = complaintOf(() => parseGateLine(text));
    if (complaint !== undefined)
      return { value: '', label: l10n.t('Not a gate’s line'), detail: complaint, icon: 'warning', isWrong: true };
    const { name, addresses } = parseGateLine(text);
    const detail = l10n.t('At {0}', addresses.join(', '));
    return { value: text, label: l10n.t('The gate {0}, by its line', name), detail, icon: 'shield' };
  }
  const isTyped = parsePlainDestination(text) !== undefined && /[@:.]/.test(text);
  if (!isTyped) return undefined;
  return { value: `${AT}${text}`, label: l10n.t('Set up a gate on {0}', text), icon: 'shield' };
}
