import { expect, test } from 'vitest';
import { commandPaths } from '../../../../server-helper/manage/command-paths.ts';
import { pathsFrom } from '../../../../server-helper/paths.ts';

const FOREIGN = { STATE_DIRECTORY: '/var/lib/fail2ban', RUNTIME_DIRECTORY: '/run/fail2ban' };

test('a command that another unit calls looks for the gate where the gate is', () => {
  expect(commandPaths(FOREIGN)).toEqual(pathsFrom({}));
  expect(commandPaths(FOREIGN, '/srv/gate.toml')).toEqual(pathsFrom({}, '/srv/gate.toml'));
});

test('names of our own lead a command elsewhere', () => {
  const environment = { ...FOREIGN, KNOCKGATE_STATE_DIRECTORY: '/srv/state', KNOCKGATE_RUNTIME_DIRECTORY: '/srv/run' };
  expect(commandPaths(environment)).toEqual(
    pathsFrom({ STATE_DIRECTORY: '/srv/state', RUNTIME_DIRECTORY: '/srv/run' }),
  );
});
