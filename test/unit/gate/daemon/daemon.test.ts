import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { Activity } from '../../../../server-helper/audit/activity.ts';
import { Kept } from '../../../../server-helper/config/kept.ts';
import { Skipped } from '../../../../server-helper/config/skipped.ts';
import { ChildFile } from '../../../../server-helper/daemon/children.ts';
import { Daemon } from '../../../../server-helper/daemon/daemon.ts';
import { ServiceManager } from '../../../../server-helper/daemon/service-manager.ts';
import { MemoryFirewall } from '../../../../server-helper/firewall/memory.ts';
import { pathsFrom } from '../../../../server-helper/paths.ts';
import { auditLog, BOOT, FakeClock, loadedFrom, problemOf, SHORTEST, temporaryFolder } from '../support.ts';

it('a second daemon leaves alone what the first has noted and made', async () => {
  const folder = temporaryFolder();
  const paths = pathsFrom({ STATE_DIRECTORY: folder, RUNTIME_DIRECTORY: folder }, join(folder, 'gate.toml'));
  const first = createServer(() => {});
  await new Promise<void>((resolve) => first.listen(paths.socket, resolve));
  onTestFinished(() => void first.close());
  new ChildFile(paths.children).started(process.pid);
  const clock = new FakeClock();
  const { audit } = auditLog();
  const firewall = new MemoryFirewall(clock.steady);
  const service = new ServiceManager({});
  const activity = new Activity();
  const parts = {
    paths,
    clock,
    audit,
    activity,
    firewall,
    children: new ChildFile(paths.children),
    service,
    boot: BOOT,
    kept: new Kept(),
    alone: () => expect.fail('told that it is alone'),
  };
  const second = new Daemon(parts, loadedFrom(SHORTEST), new Skipped());
  expect((await problemOf(() => second.start())).code).toBe('already-running');
  await second.close();
  expect(existsSync(paths.children)).toBe(true);
  expect(existsSync(paths.replay)).toBe(false);
  expect(first.listening).toBe(true);
});
