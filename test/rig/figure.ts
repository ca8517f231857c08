/** Shows a figure in the tests' output. */
export function figure(text: string): void {
  process.stdout.write(`figure: ${text}\n`);
}
