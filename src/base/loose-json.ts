/** Reads JSON that somebody else may have written. Returns undefined for any other text. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Fields of a value of any kind; empty for a value without fields. */
export function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** Fields of each element of a list; empty for any other value. */
export function listOfFields(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

/** The value of a number; 0 for a value of any other kind. */
export function numberOrZero(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
