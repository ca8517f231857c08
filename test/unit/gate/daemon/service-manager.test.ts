import { describe, expect, it } from 'vitest';
import { ServiceManager } from '../../../../server-helper/daemon/service-manager.ts';

const ASKS = 'EXTEND_TIMEOUT_USEC=2000';

/** A service manager that hears everything, and is asked for time every millisecond. */
function listening(environment: NodeJS.ProcessEnv = { NOTIFY_SOCKET: '/run/notify' }) {
  const heard: string[] = [];
  let waiting: (() => void) | undefined;
  const notify = (message: string) => {
    heard.push(message);
    waiting?.();
  };
  const more = () =>
    new Promise<void>((resolve) => {
      waiting = resolve;
    });
  return { heard, more, service: new ServiceManager(environment, notify, 1) };
}

describe('a service manager that waits for a reload', () => {
  it('is asked for more time until it is done', async () => {
    const { heard, more, service } = listening();
    const reload = (async () => {
      await more();
      await more();
      return 'reloaded';
    })();
    expect(await service.reloading(() => true, reload)).toBe('reloaded');
    const asked = [...heard];
    expect(asked.length).toBeGreaterThanOrEqual(2);
    expect(new Set(asked)).toEqual(new Set([ASKS]));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(heard).toEqual(asked);
  });

  it('is asked no more when the reload fails', async () => {
    const { heard, more, service } = listening();
    const reload = more().then(() => Promise.reject(new Error('refused')));
    await expect(service.reloading(() => true, reload)).rejects.toThrow('refused');
    const asked = heard.length;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(heard.length).toBe(asked);
  });

  it('is asked for nothing by one that hangs, or where there is none', async () => {
    const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 20));
    const hangs = listening();
    await hangs.service.reloading(() => false, pause());
    expect(hangs.heard).toEqual([]);
    const alone = listening({});
    await alone.service.reloading(() => true, pause());
    expect(alone.heard).toEqual([]);
  });
});
