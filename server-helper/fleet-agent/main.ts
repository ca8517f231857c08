import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ExitCode, Problem, saidBy } from '../../src/base/problem.ts';
import { systemClock } from '../clock.ts';
import { fileUnreadable, reasonOf, usage } from '../problems.ts';
import { folderStore } from './folder-store.ts';
import { handOver } from './hand-over.ts';
import { httpsStore } from './https-store.ts';
import { Pace } from './pace.ts';
import { Rounds } from './rounds.ts';
import { type AgentSettings, parseSettings } from './settings.ts';
import type { Store } from './store.ts';

/*
 * The agent: carries signed documents from a store to the daemon, which verifies them. A program of its own, since the daemon has no
 * network. Somebody who takes it over can withhold documents, and nothing else.
 */

const OPTIONS = { settings: { type: 'string' }, socket: { type: 'string' } } as const;

async function main(args: string[]): Promise<never> {
  const { settings: file, socket } = optionsOf(args);
  const settings = parseSettings(contents(file), file);
  const rounds = new Rounds({
    store: storeOf(settings),
    collector: settings,
    pace: new Pace(settings.poll * 1000, Math.random),
    handOver: (parcel) => handOver(socket, parcel),
    steady: systemClock.steady,
    log: (line) => process.stdout.write(`${line}\n`),
  });
  for (;;) await pause(await rounds.poll());
}

function optionsOf(args: string[]): { settings: string; socket: string } {
  try {
    const { values } = parseArgs({ args, options: OPTIONS });
    return { settings: '/etc/knockgate/fleet.toml', socket: '/run/knockgate/fleet.sock', ...values };
  } catch (error) {
    throw usage(reasonOf(error));
  }
}

function storeOf({ source }: AgentSettings): Store {
  if ('folder' in source) return folderStore(source.folder);
  return httpsStore(source.url, source.caFile === undefined ? undefined : contents(source.caFile));
}

function contents(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw fileUnreadable(path, error);
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const problem = error instanceof Problem ? error : undefined;
  process.stderr.write(`${saidBy('knockgated-fleet', problem?.message ?? `a fault of ours: ${reasonOf(error)}`)}\n`);
  process.exit(problem?.text.exit ?? ExitCode.fault);
});
