import { say } from './say.mjs';

const MINUTE = 60_000;

/** "2.4 min" */
export const minutes = (ms) => `${(ms / MINUTE).toFixed(1)} min`;

/** Counts what passed and what failed, and how long each part took. */
export class Tally {
  passed = 0;
  failed = 0;
  #failures = [];
  #parts = [];
  #remarks = [];
  #begin = performance.now();

  /** Runs a check: `work` returns what is wrong as text, or nothing. */
  check = async (name, work) => {
    const begin = performance.now();
    let wrong;
    try {
      wrong = await work();
    } catch (error) {
      wrong = error.stack ?? String(error);
    }
    this.took(name, performance.now() - begin);
    say(`${wrong ? 'FAIL' : 'ok  '} ${name}`);
    if (wrong) this.fail(name, wrong);
    else this.passed += 1;
  };

  fail(name, wrong) {
    this.failed += 1;
    this.#failures.push({ name, wrong });
  }

  /** Keeps a line for the summary that is neither a success nor a failure. */
  remark(line) {
    this.#remarks.push(line);
  }

  /** Notes how long a part took, in milliseconds. */
  took(name, ms) {
    this.#parts.push({ name, ms });
  }

  /** Prints failures, minutes and the counts, and returns the exit code. The last line is "N passed, N failed". */
  summary(mayTake) {
    const total = performance.now() - this.#begin;
    if (mayTake !== undefined && total > mayTake) {
      const way = 'make a test quicker, or move it into a file *.long.test.ts';
      this.fail('time', `${minutes(total)}; the limit is ${minutes(mayTake)}: ${way}`);
    }
    for (const { name, wrong } of this.#failures) say(`\n--- ${name}\n${wrong}`);
    if (this.#remarks.length > 0) say();
    for (const line of this.#remarks) say(line);
    say('\nminutes per part:');
    for (const { name, ms } of this.#parts) say(`  ${minutes(ms).padStart(8)}  ${name}`);
    say(`  ${minutes(total).padStart(8)}  in all`);
    say(`\n${this.passed} passed, ${this.failed} failed`);
    return this.failed > 0 || this.passed === 0 ? 1 : 0;
  }
}
