import type { Result } from './run-row.ts';

/** The page of a run's results. */
export const PAGE = 'docs/campaign.md';

/** One line for the terminal, with what was wrong below it. */
export function line({ row, breaches, seconds }: Result): string {
  const outcome = breaches.length === 0 ? 'ok  ' : 'FAIL';
  const after = seconds === undefined ? '' : ` (owner in after ${seconds.toFixed(1)} s)`;
  return [`${outcome} ${row.group}: ${row.name}${after}`, ...breaches.map((each) => `       ${each}`)].join('\n');
}

/** Counts of a run, for its last line. */
export function summary(results: readonly Result[]): string {
  const failed = results.filter(({ breaches }) => breaches.length > 0).length;
  const slowest = Math.max(...results.map(({ seconds }) => seconds ?? 0));
  return `${results.length} rows, ${failed} with a broken promise; the owner was in after ${slowest.toFixed(1)} s at the latest`;
}

/** Markdown of a whole run. */
export function page(results: readonly Result[], where: string): string {
  const standIns = results.filter(({ row }) => row.standIn !== undefined);
  const exposed = results.filter(({ row }) => row.exposes !== undefined);
  return `# Faults, one by one

\`npm run campaign\` writes this page.
It makes each fault below at a gate of its own, in network namespaces, with the real daemon, nftables and tcpdump.
During the fault and after it, a stranger with a cable of its own tries the hidden port by a SYN, by a replayed knock and by a knock of a client that was removed.
After the fault the owner knocks with the command line, and must have a connection within 10 seconds of the fault's end.

${summary(results)}, ${where}.

${table(results)}

## Stand-ins

Where the fault itself could not be had, this took its place:

${standIns.map(({ row }) => `* ${row.name}: ${row.standIn}.`).join('\n')}

## What strangers reach while a fault lasts

${exposed.map(({ row }) => `* ${row.name}: ${row.exposes}.`).join('\n')}

The [security model](security-model.md) says so too.
`;
}

function table(results: readonly Result[]): string {
  const rows = results.map(({ row, breaches, seconds, putBackAfter }) => {
    const good =
      putBackAfter === undefined
        ? 'nobody else in'
        : `table back after ${putBackAfter.toFixed(1)} s, nobody else in since`;
    const outcome = breaches.length === 0 ? good : `**broken: ${breaches[0]?.split('\n')[0]}**`;
    const marks = `${row.standIn === undefined ? '' : ' (stand-in)'}`;
    return `| ${row.group} | ${row.name}${marks} | ${outcome} | ${seconds?.toFixed(1) ?? '-'} | ${row.history} |`;
  });
  return ['| part | fault | outcome | owner in after, s | history |', '| --- | --- | --- | ---: | --- |', ...rows].join(
    '\n',
  );
}
