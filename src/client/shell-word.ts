/** A path or a destination as it can be pasted into a shell: in quotation marks where it needs them. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_./:@+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
