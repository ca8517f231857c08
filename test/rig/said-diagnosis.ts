import { inEnglish, type Phrase } from '../../src/base/phrase.ts';
import type { Diagnosis, Step, Verdict } from '../../src/client/diagnose/diagnosis.ts';

/** Diagnosis with its texts in words. */
export type SaidDiagnosis = Omit<Diagnosis, 'steps' | 'verdict'> & {
  readonly steps: readonly Said<Step>[];
  readonly verdict: Said<Verdict>;
};
type Said<T> = { readonly [K in keyof T]: T[K] extends Phrase ? string : T[K] };

export function said(diagnosis: Diagnosis): SaidDiagnosis {
  const { code, what, next } = diagnosis.verdict;
  return {
    ...diagnosis,
    steps: diagnosis.steps.map((step) => ({ ...step, finding: inEnglish(step.finding) })),
    verdict: { code, what: inEnglish(what), next: inEnglish(next) },
  };
}
