import { describe, expect, it } from 'vitest';
import { ExitCode, Problem } from '../../../../src/base/problem.ts';
import { exitCodeOfAll, type HostResult, runHosts } from '../../../../src/cli/many/run-hosts.ts';
import { hostUnknown } from '../../../../src/client/problems.ts';
import { FakeClock } from '../../client/support.ts';

const FAULT = new Problem({ code: 'fault', what: 'a fault', exit: ExitCode.fault });
const HOSTS = ['a', 'b', 'c', 'd', 'e'];

function course(parallel: number, signal = new AbortController().signal) {
  const clock = new FakeClock();
  const ended: HostResult[] = [];
  const progress = { begin: () => {}, step: () => {}, end: (result: HostResult) => ended.push(result) };
  return { clock, ended, course: { parallel, progress, clock, signal, fault: () => FAULT } };
}

describe('several hosts', () => {
  it.each([1, 2, 5, 64])('are worked on at the same time, but not more than %d', async (parallel) => {
    const { clock, course: how } = course(parallel);
    let now = 0;
    let most = 0;
    const work = async () => {
      now += 1;
      most = Math.max(most, now);
      await clock.sleep(100);
      now -= 1;
      return { text: '' };
    };
    await clock.run(runHosts(HOSTS, how, work));
    expect(most).toBe(Math.min(parallel, HOSTS.length));
    expect(clock.monotonicMs()).toBe(Math.ceil(HOSTS.length / most) * 100);
  });

  it('have results in their own order, whichever ends first', async () => {
    const { clock, ended, course: how } = course(5);
    const work = async (host: string) => {
      await clock.sleep(host === 'a' ? 500 : 100);
      return { text: `said by ${host}`, value: host };
    };
    const results = await clock.run(runHosts(HOSTS, how, work));
    expect(results.map(({ host, seconds, text, value }) => [host, seconds, text, value])).toEqual([
      ['a', 0.5, 'said by a', 'a'],
      ...HOSTS.slice(1).map((host) => [host, 0.1, `said by ${host}`, host]),
    ]);
    expect(ended.at(-1)?.host).toBe('a');
    expect(exitCodeOfAll(results)).toBe(0);
  });

  it('are not hurt by one that fails, nor by a fault in another', async () => {
    const { clock, course: how } = course(2);
    const work = async (host: string) => {
      if (host === 'b') throw hostUnknown('b', [], 'hosts.toml');
      if (host === 'c') throw new RangeError('a secret');
      return host === 'd' ? { text: 'refused', code: ExitCode.configuration } : { text: '' };
    };
    const results = await clock.run(runHosts(HOSTS, how, work));
    expect(results.map(({ code, error }) => [code, error?.code])).toEqual([
      [0, undefined],
      [3, 'host-unknown'],
      [1, 'fault'],
      [3, undefined],
      [0, undefined],
    ]);
    expect(exitCodeOfAll(results)).toBe(15);
  });

  it('are not begun after Ctrl-C; those that are begun end by themselves', async () => {
    const stop = new AbortController();
    const { clock, course: how } = course(2, stop.signal);
    const begun: string[] = [];
    const work = async (host: string) => {
      begun.push(host);
      if (begun.length === 2) stop.abort();
      await clock.sleep(10);
      return { text: '' };
    };
    const results = await clock.run(runHosts(HOSTS, how, work));
    expect(begun).toEqual(['a', 'b']);
    expect(results.map(({ code }) => code)).toEqual([0, 0, 13, 13, 13]);
  });
});
