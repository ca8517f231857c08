import { Problem } from '../../base/problem.ts';
import type { HostFields } from '../hosts/write-hosts.ts';
import type { ChoiceStep, Step } from './ask-in-steps.ts';

/** Field of a host as one question. An empty answer leaves the field out. */
export interface FormField {
  readonly field: string;
  readonly prompt: () => string;
  readonly placeholder?: string;
  /** Choices; undefined for a field that is typed. */
  readonly choices?: () => ChoiceStep['choices'];
  /** Text that is in the box when the field is left out. */
  readonly usual?: string;
  readonly parse: (text: string) => unknown;
  /** Throws a Problem for an invalid text. */
  readonly check: (text: string) => unknown;
}

/** Splits a text into words, at blanks and commas. */
export const words = (text: string) => text.split(/[\s,]+/).filter((word) => word !== '');
/** Makes a number of a text; another text stays, for the reader of hosts to complain about. */
export const numeric = (text: string) => (/^[0-9]+$/.test(text) ? Number(text) : text);

/**
 * Makes the question for a field.
 * @param before fields as they are written now, which may be invalid
 */
export function fieldStep(field: FormField, before: HostFields): Step {
  const value = asText(before[field.field]) || (field.usual ?? '');
  if (field.choices !== undefined) return { prompt: field.prompt(), choices: field.choices(), value };
  const { placeholder = '', check } = field;
  return { prompt: field.prompt(), placeholder, value, complaint: (text) => complaintOf(() => check(text.trim())) };
}

/** Makes fields of the answers to their questions. */
export function fieldsFrom(fields: readonly FormField[], answers: readonly string[]): HostFields {
  const entries = fields.flatMap(({ field, parse, usual }, i) => {
    const text = (answers[i] ?? '').trim();
    return text === '' || text === usual ? [] : [[field, parse(text)] as const];
  });
  return Object.fromEntries(entries);
}

function asText(value: unknown): string {
  if (Array.isArray(value)) return value.join(', ');
  return value === undefined ? '' : String(value);
}

/** Reason of an error without its subject: the question names the field, and the text is above. */
export function complaintOf(check: () => unknown): string | undefined {
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
