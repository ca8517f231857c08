/** Of Windows, with nothing in it that cmd.exe or PowerShell reads in its own way. */
const WINDOWS_PATH = /^[A-Za-z]:[\\/][A-Za-z0-9_.\\/@+~ -]*$/;

/**
 * A path or a destination as it can be pasted into a shell: in quotation marks where it needs them. Single ones keep everything from a
 * POSIX shell; cmd.exe knows double ones only.
 */
export function shellWord(text: string): string {
  if (WINDOWS_PATH.test(text)) return text.includes(' ') ? `"${text}"` : text;
  return /^[A-Za-z0-9_./:@+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
