export class Tally {
  passed: number;
  failed: number;
  check(name: string, work: () => unknown): Promise<void>;
  fail(name: string, wrong: string): void;
  remark(line: string): void;
  took(name: string, ms: number): void;
  summary(mayTake?: number): number;
}
