/** Shows a figure to whoever reads the tests' output. */
export function figure(text: string): void {
  process.stdout.write(`figure: ${text}\n`);
}
