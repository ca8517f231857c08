import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Finding, fuzz } from './fuzz.ts';
import { judge } from './judge.ts';
import { TARGETS } from './targets/all.ts';

/** Arguments of `npm run fuzz`. */
export interface FuzzCall {
  /** Of all targets together. */
  readonly seconds: number;
  /** Of all targets together, instead of the seconds; undefined for these. */
  readonly inputs: number | undefined;
  readonly seed: string;
  /** Names; empty for all. */
  readonly targets: readonly string[];
  /** A file with one input, to be read once by one target; undefined to look for inputs. */
  readonly input: string | undefined;
  /** Where inputs are written that show a fault. */
  readonly folder: string;
  readonly say: (line: string) => void;
}

/** Runs the targets, one after the other. @returns the exit code: 1 when anything was found, 2 for a wrong call */
export function main({ seconds, inputs, seed, targets, input, folder, say }: FuzzCall): number {
  const unknown = targets.filter((name) => !TARGETS.some((target) => target.name === name));
  const chosen = TARGETS.filter(({ name }) => targets.length === 0 || targets.includes(name));
  if (unknown.length > 0 || (input !== undefined && targets.length !== 1)) {
    const names = TARGETS.map(({ name }) => name).join(', ');
    say(
      `${unknown.length > 0 ? `no target is called ${unknown.join(', ')}` : '--input needs one target'}; there are ${names}`,
    );
    return 2;
  }
  if (input !== undefined) return chosen.some((target) => isFound(judge(target, readFileSync(input)), say)) ? 1 : 0;
  let found = 0;
  let given = 0;
  for (const target of chosen) {
    const share =
      inputs === undefined
        ? { milliseconds: (seconds * 1000) / chosen.length, coverage: true }
        : { runs: Math.ceil(inputs / chosen.length), coverage: false };
    const { runs, corpus, blocks, slowest, findings } = fuzz(target, { ...share, seed, timed: true });
    const slow = `${slowest.ms.toFixed(1)} ms for ${slowest.length} bytes`;
    say(
      `${target.name}: ${runs} inputs, ${corpus} kept, ${blocks} blocks, slowest ${slow}, ${findings.length} findings`,
    );
    for (const finding of findings) say(written(target.name, finding, folder));
    found += findings.length;
    given += runs;
  }
  say(`${chosen.length} targets: ${given} inputs, ${found} findings`);
  return found > 0 ? 1 : 0;
}

function isFound(verdict: ReturnType<typeof judge>, say: FuzzCall['say']): boolean {
  const { fault } = verdict;
  say(fault === undefined ? `nothing found: ${verdict.label}` : `${fault.kind}: ${fault.what}`);
  return fault !== undefined;
}

/** Keeps an input, and says how to see the fault again. */
function written(target: string, { kind, what, input }: Finding, folder: string): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${target}-${createHash('sha256').update(input).digest('hex').slice(0, 12)}`);
  writeFileSync(file, input);
  return `  ${kind}: ${what}\n    npm run fuzz -- --input ${file} ${target}`;
}
