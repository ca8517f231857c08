import { l10n } from 'vscode';
import { parseHosts } from '../client/hosts.ts';
import { formatGateLine, parseGateLine, parseName } from '../spa/enrolment.ts';
import { Problem } from '../spa/problem.ts';
import type { TextStep } from './ask-in-steps.ts';
import { HOSTS_SETTING } from './settings.ts';
import type { HostFields } from './write-hosts.ts';

/** A field of a host as one line of text. An empty text leaves the field out. */
interface FormField {
  readonly field: string;
  readonly prompt: () => string;
  readonly placeholder: string;
  readonly parse: (text: string) => unknown;
}

const words = (text: string) => text.split(/[\s,]+/).filter((word) => word !== '');
/** A number where there is one; a text that is none is left for the reader of hosts to complain of. */
const numeric = (text: string) => (/^[0-9]+$/.test(text) ? Number(text) : text);

const FIELDS: readonly FormField[] = [
  {
    field: 'gate',
    prompt: () => l10n.t('The line that "sudo knockgated key" prints on the server'),
    placeholder: 'knockgate1 gate …',
    parse: (text) => text,
  },
  {
    field: 'address',
    prompt: () => l10n.t('Where to knock; empty for the addresses in the gate’s line'),
    placeholder: '203.0.113.7',
    parse: (text) => text,
  },
  {
    field: 'knockPorts',
    prompt: () => l10n.t('UDP ports to knock at; empty for those in the gate’s line'),
    placeholder: '443, 62201',
    parse: (text) => words(text).map(numeric),
  },
  {
    field: 'ports',
    prompt: () => l10n.t('What to ask for; empty for whatever the gate allows this device'),
    placeholder: 'tcp/22, udp/60001',
    parse: words,
  },
  {
    field: 'duration',
    prompt: () => l10n.t('For how many seconds; empty for the gate’s own choice'),
    placeholder: '30',
    parse: numeric,
  },
];

/** How many questions an edit asks. */
export const EDIT_STEPS = FIELDS.length;

/**
 * The question for each field in turn.
 * @param before the fields as they are written now; they need not be right
 */
export function editStep(before: HostFields, answers: readonly string[]): TextStep | undefined {
  const field = FIELDS[answers.length];
  if (field === undefined) return undefined;
  return {
    prompt: field.prompt(),
    placeholder: field.placeholder,
    value: asText(before[field.field]),
    complaint: (text) => complaintOf(() => checkField(field, text)),
  };
}

/** The fields that the answers to all questions make. */
export function fieldsOf(answers: readonly string[]): HostFields {
  const entries = FIELDS.flatMap(({ field, parse }, i) => {
    const text = (answers[i] ?? '').trim();
    return text === '' ? [] : [[field, parse(text)] as const];
  });
  const { gate, ...others } = Object.fromEntries(entries);
  return { gate: oneLine(String(gate)), ...others };
}

/** How many questions adding a host asks: the line, then its name unless that is known. */
export function addSteps(known: string | undefined): number {
  return known === undefined ? 2 : 1;
}

/** The questions for a host that is not there yet. */
export function addStep(
  known: string | undefined,
  taken: ReadonlySet<string>,
  answers: readonly string[],
): TextStep | undefined {
  const [line] = answers;
  if (line === undefined) return editStep({}, []);
  if (answers.length >= addSteps(known)) return undefined;
  return {
    prompt: l10n.t('What you call it: the name that you give to ssh'),
    placeholder: 'prod',
    value: parseGateLine(line).name,
    complaint: (text) =>
      taken.has(text)
        ? l10n.t('{0} has a gate already; edit it instead.', text)
        : complaintOf(() => parseName(text, l10n.t('name'))),
  };
}

/** The host that those answers make. */
export function addedHost(known: string | undefined, answers: readonly string[]): { name: string; fields: HostFields } {
  const [line = '', name = ''] = answers;
  return { name: known ?? name, fields: { gate: oneLine(line) } };
}

/** A gate's line as it is kept, without what was pasted around it. */
function oneLine(line: string): string {
  return formatGateLine(parseGateLine(line));
}

function checkField({ field, parse }: FormField, text: string): void {
  const trimmed = text.trim();
  // Only the gate must be there; the error for a missing one says so.
  if (field === 'gate') parseGateLine(trimmed);
  else if (trimmed !== '') parseHosts({ host: { gate: SOME_GATE, [field]: parse(trimmed) } }, HOSTS_SETTING, 'setting');
}

/** Any gate, to look at the other fields with. */
const SOME_GATE = `knockgate1 gate ${'A'.repeat(43)} 32 192.0.2.1 443 gate`;

function asText(value: unknown): string {
  if (Array.isArray(value)) return value.join(', ');
  return value === undefined ? '' : String(value);
}

/** The reason alone: the question names the field, and what was typed stands above. */
function complaintOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { code, what, why, next } = error.text;
    if (code === 'bad-text') return next;
    return [why ?? what, next].filter((part) => part !== undefined).join(' ');
  }
}
