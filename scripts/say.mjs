/** Prints a line. The scripts talk to a person; they have no log. */
export function say(line = '') {
  process.stdout.write(`${line}\n`);
}

/** Whether a missing part must fail the run rather than be skipped: on the build server nobody reads a remark. */
export const mustBeComplete = process.env.CI === 'true';
