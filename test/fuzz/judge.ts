import { Problem } from '../../src/base/problem.ts';
import { Broken, type FuzzTarget, SECRET, SECRET_BASE64, textOf } from './target.ts';

/** Forbidden effect of a reader. */
export interface Fault {
  readonly kind: 'threw' | 'broken' | 'large' | 'leaked' | 'unprintable' | 'slow' | 'stuck';
  /** The same for the same cause. */
  readonly what: string;
}

/** The result of one input: a fault, or what kind of answer it was. */
export type Verdict = { readonly fault: Fault } | { readonly fault: undefined; readonly label: string };

/** Most characters that a reader may return: a number for each byte of the input, and a constant. */
const GROWTH = 64;
const ALWAYS = 50_000;
/** Control and formatting characters: some terminals obey them. Ends of lines and tabs are meant. */
const OBEYED = /(?![\n\t])[\p{Cc}\p{Cf}]/u;

/** Has a target read an input. */
export function judge(target: FuzzTarget, input: Uint8Array): Verdict {
  let output: unknown;
  try {
    output = target.read(input);
  } catch (error) {
    return judgeError(target, input, error);
  }
  const text = shown(output);
  if (text.length > ALWAYS + GROWTH * input.length) return fault('large', `returns ${orderOf(text.length)} characters`);
  if (leaks(target, input, text)) return fault('leaked', 'returns a secret of its input');
  return { fault: undefined, label: `read ${typeof output} ${orderOf(text.length)}` };
}

function judgeError(target: FuzzTarget, input: Uint8Array, error: unknown): Verdict {
  if (error instanceof Broken) return fault('broken', error.message);
  const isDeclared = target.declares?.(error) ?? error instanceof Problem;
  if (!isDeclared) return fault('threw', causeOf(error));
  const message = error instanceof Error ? error.message : String(error);
  if (leaks(target, input, message)) return fault('leaked', 'shows a secret of its input');
  if (error instanceof Problem && OBEYED.test(message)) {
    const { code, what } = error.text;
    return fault('unprintable', `${code}: ${OBEYED.test(what) ? 'what' : 'why or next'}: ${template(message)}`);
  }
  return { fault: undefined, label: `refused ${template(message)}` };
}

function fault(kind: Fault['kind'], what: string): Verdict {
  return { fault: { kind, what } };
}

function leaks({ hidesSecret }: FuzzTarget, input: Uint8Array, said: string): boolean {
  const tells = said.includes(SECRET) || said.includes(SECRET_BASE64);
  return tells && hidesSecret?.(textOf(input)) === true;
}

/** The kind of error, and the place in our code. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return `something that is not an error: ${String(error).slice(0, 60)}`;
  const at = /[\\/]((?:src|server-helper|test|node_modules)[\\/][^\s():]*:\d+):\d+/.exec(error.stack ?? '')?.[1];
  return `${error.name} at ${at?.replaceAll('\\', '/') ?? 'an unknown place'}`;
}

/** A message without what it takes from the input. */
function template(message: string): string {
  return message
    .replace(/"(?:[^"\\]|\\.)*"/g, '"…"')
    .replace(/[^ -~…]+/g, '?')
    .replace(/[0-9]+/g, '0')
    .slice(0, 100);
}

function orderOf(length: number): string {
  return `2^${Math.ceil(Math.log2(length + 1))}`;
}

/** Everything in a value, as text. */
function shown(value: unknown): string {
  const text = JSON.stringify(value, (_key, each: unknown) => {
    if (each instanceof Map) return [...each];
    if (each instanceof Set) return [...each];
    if (each instanceof Uint8Array) return Buffer.from(each).toString('latin1');
    return typeof each === 'bigint' ? String(each) : each;
  });
  return text ?? '';
}
