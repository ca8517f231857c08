import type { RunnerTestSuite as Suite, RunnerTask as Task } from 'vitest';
import { TestRunner } from 'vitest';
import { reasonFor } from './excluded.ts';

/** Runs tests as vitest does, but for those that Windows cannot run. */
export default class ExcludingRunner extends TestRunner {
  onCollected(files: readonly Suite[]): void {
    for (const file of files) leaveOut(file, '');
  }
}

/** A suite without a test that is left has nothing to prepare either. */
function leaveOut(suite: Suite, names: string): void {
  for (const task of suite.tasks) {
    if (task.type === 'suite') leaveOut(task, `${names}${task.name} > `);
    else if (reasonFor(pathOf(task), `${names}${task.name}`) !== undefined) task.mode = 'skip';
  }
  if (suite.tasks.length > 0 && suite.tasks.every(({ mode }) => mode === 'skip')) suite.mode = 'skip';
}

/** The path of a test's file in the repository. */
export function pathOf({ file }: Task): string {
  const found = /test[\\/](?:unit|windows)[\\/].*$/.exec(file.filepath)?.[0] ?? file.filepath;
  return found.replaceAll('\\', '/').replace(/\.mjs$/, '.ts');
}
