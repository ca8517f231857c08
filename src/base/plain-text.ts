/**
 * Texts for a terminal, of texts in Markdown. Code of several words is a command: quotation marks around it show where it ends. Code
 * of one word has none.
 */
export function plainText(text: string): string {
  return text
    .replace(/\*{1,2}([A-Z][^*\n]*[^*\s])\*{1,2}/g, '$1')
    .replace(/`([^`\n]+)`/g, (_, code: string) => (code.includes(' ') ? `“${code}”` : code));
}

/** Writes a document in Markdown as a terminal shows it: headings, lists and blocks of code without their signs. */
export function plainDocument(markdown: string): string {
  let isCode = false;
  const lines: string[] = [];
  for (const line of markdown.split('\n')) {
    if (line.startsWith('```')) isCode = !isCode;
    else if (isCode) lines.push(line === '' ? '' : `    ${line}`);
    else lines.push(plainLine(line));
  }
  return lines.join('\n');
}

function plainLine(line: string): string {
  const text = plainText(line);
  if (text.startsWith('# ')) return text.slice(2);
  if (text.startsWith('## ')) return `${text.slice(3)}:`;
  return text.replace(/^- /, '  ');
}
