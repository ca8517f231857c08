import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LastHeard } from '../../../../server-helper/daemon/last-heard.ts';
import { temporaryFolder, WALL } from '../support.ts';

describe('when packets were last heard', () => {
  const rig = (folder = temporaryFolder()) => {
    const [running, stopped] = [join(folder, 'running'), join(folder, 'stopped')];
    return { running, stopped, heard: new LastHeard(running, stopped) };
  };

  it('is unknown at first', () => {
    expect(rig().heard.read()).toBe(0);
  });

  it('is the later of the last beat and the end, also for the next daemon', () => {
    const { running, stopped, heard } = rig();
    heard.hearing(WALL);
    expect(new LastHeard(running, stopped).read()).toBe(WALL);
    heard.stop(WALL + 2000);
    expect(new LastHeard(running, stopped).read()).toBe(WALL + 2000);
    // The runtime folder is emptied when the service stops.
    rmSync(running);
    expect(new LastHeard(running, stopped).read()).toBe(WALL + 2000);
  });

  it('stays unknown on a disk that takes nothing', () => {
    const { heard } = rig(join(temporaryFolder(), 'nowhere'));
    heard.hearing(WALL);
    heard.stop(WALL);
    expect(heard.read()).toBe(0);
  });

  it('is unknown where the file cannot be looked at, and the daemon starts', () => {
    const { running, stopped, heard } = rig();
    symlinkSync(running, running);
    symlinkSync(stopped, stopped);
    expect(heard.read()).toBe(0);
  });
});
