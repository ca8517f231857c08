/** Paths of Windows without characters that cmd.exe or PowerShell reads in its own way. */
const WINDOWS_PATH = /^[A-Za-z]:[\\/][A-Za-z0-9_.\\/@+~ -]*$/;

/**
 * Writes a path or a destination for pasting into a shell, in quotation marks if needed. Single ones protect everything from a
 * POSIX shell; cmd.exe knows only double ones.
 */
export function shellWord(text: string): string {
  if (WINDOWS_PATH.test(text)) return text.includes(' ') ? `"${text}"` : text;
  return /^[A-Za-z0-9_./:@+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
