import type { JsonField } from '../../src/command-table/entry.ts';

/** Documentation of one place in the output. */
interface Shape {
  field: JsonField | undefined;
  readonly below: Map<string, Shape>;
}

/** Names of the steps below a place: each element of a list, each field of an object. */
const EACH_ELEMENT = '[]';
const EACH_FIELD = '*';

/**
 * Compares the output of `--json` with its fields in the command table.
 * @returns a line for each difference: a place that is not documented, is missing, or has another type
 */
export function misfits(fields: readonly JsonField[], value: unknown): string[] {
  const root: Shape = { field: undefined, below: new Map() };
  for (const field of fields) shapeAt(root, stepsOf(field.path)).field = field;
  return compare(root, value, '');
}

/** `hosts[].error.code` is `hosts`, `[]`, `error`, `code`. */
function stepsOf(path: string): string[] {
  return path.replaceAll('[]', '.[]').split('.').filter(Boolean);
}

function shapeAt(root: Shape, steps: readonly string[]): Shape {
  return steps.reduce((shape, step) => {
    const next = shape.below.get(step) ?? { field: undefined, below: new Map() };
    shape.below.set(step, next);
    return next;
  }, root);
}

function compare(shape: Shape, value: unknown, place: string): string[] {
  const { field, below } = shape;
  const kinds = field?.type.split(' | ') ?? [];
  // A field of a list documents its elements; the list itself need not be documented.
  if (field !== undefined && !kinds.includes(kindOf(value)) && !kinds.includes(String(value)))
    return [`${place} is ${kindOf(value)}, not ${field.type}`];
  if (value === null || below.size === 0) return [];
  const elements = below.get(EACH_ELEMENT);
  if (elements !== undefined) {
    if (!Array.isArray(value)) return [`${place} is not a list`];
    return value.flatMap((each, i) => compare(elements, each, `${place}[${i}]`));
  }
  if (typeof value !== 'object' || Array.isArray(value)) return [`${place} is not an object`];
  return compareFields(below, new Map(Object.entries(value)), place);
}

function compareFields(below: Shape['below'], present: ReadonlyMap<string, unknown>, place: string): string[] {
  const others = below.get(EACH_FIELD);
  const found = [...present].flatMap(([name, value]) => {
    const shape = below.get(name) ?? others;
    return shape === undefined ? [`${place}.${name} is not documented`] : compare(shape, value, `${place}.${name}`);
  });
  const missing = [...below].filter(([name, shape]) => name !== EACH_FIELD && !present.has(name) && isAlways(shape));
  return [...found, ...missing.map(([name]) => `${place}.${name} is missing`)];
}

/** Whether it is always there: of a list, the fields of its elements say so. */
function isAlways({ field, below }: Shape): boolean {
  if (field !== undefined) return field.when === undefined;
  return [...below.values()].some(isAlways);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
