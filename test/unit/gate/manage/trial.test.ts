import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { listenForControl } from '../../../../server-helper/control/server.ts';
import { readTrial } from '../../../../server-helper/daemon/trial.ts';
import { confirm, trial } from '../../../../server-helper/manage/trial.ts';
import { type Paths, pathsFrom } from '../../../../server-helper/paths.ts';
import { trialOver } from '../../../../server-helper/problems.ts';
import { problemOf, temporaryFolder } from '../support.ts';

let paths: Paths;

beforeEach(() => {
  const runtime = join(temporaryFolder(), 'knockgate');
  mkdirSync(runtime);
  paths = pathsFrom({ RUNTIME_DIRECTORY: runtime });
});

/** A daemon that notes what it is asked, and whether the trial's file was there. */
async function daemon(refusesAt?: number) {
  const asked: [command: string, file: boolean][] = [];
  const server = await listenForControl(paths.socket, async (request) => {
    asked.push([request.command, readTrial(paths.trial) !== undefined]);
    if (asked.length === refusesAt) throw trialOver();
    return {};
  });
  return { asked, close: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}

describe('trial', () => {
  it('says until when, in the seconds of the boot clock', async () => {
    expect(await trial(paths, '120', 1000)).toEqual({ seconds: 120, running: false });
    expect(readTrial(paths.trial)).toBe(1120);
  });

  it('has a daemon that runs take it', async () => {
    const { asked, close } = await daemon();
    expect(await trial(paths, '10', 1000)).toEqual({ seconds: 10, running: true });
    expect(asked).toEqual([['reload', true]]);
    await close();
  });

  it.each(['', '9', '3601', '60s', '-60', '1e2', '60.5'])('refuses %j', async (text) => {
    expect(await problemOf(() => trial(paths, text, 1000))).toMatchObject({ code: 'usage' });
    expect(readTrial(paths.trial)).toBeUndefined();
  });
});

describe('confirm', () => {
  it('asks the daemon, then removes the file, then asks the daemon that runs by then', async () => {
    await trial(paths, '60', 1000);
    const { asked, close } = await daemon();
    await confirm(paths, async () => {});
    expect(asked).toEqual([
      ['confirm', true],
      ['confirm', false],
    ]);
    await close();
  });

  it.each([1, 2])('says when it came too late, for the daemon that answers the question number %i', async (number) => {
    await trial(paths, '60', 1000);
    const { close } = await daemon(number);
    expect(await problemOf(() => confirm(paths, async () => {}))).toMatchObject({ code: 'trial-over' });
    // A daemon that starts now must know that it may not arm, unless one had already been confirmed.
    expect(readTrial(paths.trial) !== undefined).toBe(number === 1);
    await close();
  });

  it('leaves the file where no daemon answers', async () => {
    await trial(paths, '60', 1000);
    expect(await problemOf(() => confirm(paths, async () => {}))).toMatchObject({ code: 'not-running' });
    expect(readTrial(paths.trial)).toBe(1060);
  });
});
