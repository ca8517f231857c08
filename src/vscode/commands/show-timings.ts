import { timingsInWords, timingsOf } from '../knock/timings.ts';
import type { Parts } from '../parts.ts';

/** Knockgate: Show Timings: shows what the time from the start of the extension to an open port was spent on. */
export function showTimings({ marks, log, showLog }: Parts): void {
  log.info(['timings of this window:', ...marks.lines(), ...timingsInWords(timingsOf(marks))].join('\n'));
  showLog();
}
