/*
 * Comma-separated values, RFC 4180. A spreadsheet runs a cell that begins with certain characters as a formula, and a stranger may
 * have chosen the text of a cell.
 */

/** Begins a formula: in a cell, or behind what another country's spreadsheet takes for the end of one. Full-width signs count too. */
const FORMULA = /(^|[;,])(\s*)(?=[=+\-@＝＋－＠])/g;

/** A table as a file: rows end in CR LF. */
export function csv(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** A text that a spreadsheet would run gets an apostrophe, which spreadsheets take as the mark of a text. */
function cell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const safe = value.replace(/[\t\r\n]+/g, ' ').replace(FORMULA, "$1$2'");
  return /[",;]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
