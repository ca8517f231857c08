import { beforeEach, describe, expect, it } from 'vitest';
import { writeHost } from '../../../../src/vscode/hosts/write-hosts.ts';
import { configuration, resetEditor } from '../../../rig/fake-vscode.ts';
import { problemOf } from '../../client/support.ts';

beforeEach(resetEditor);

describe('writing a host', () => {
  it.each(['[x](command:y)', '__proto__', 'a b', '-x', ''])('is refused under the name %j', async (name) => {
    expect(await problemOf(() => writeHost(name, { gate: 'x' }))).toMatchObject({ code: 'bad-text' });
    expect(configuration.get('knockgate.hosts')).toBeUndefined();
  });

  it('takes out what was written by hand under any name', async () => {
    configuration.set('knockgate.hosts', { 'a b': {}, prod: {} });
    await writeHost('a b', undefined);
    expect(configuration.get('knockgate.hosts')).toEqual({ prod: {} });
  });
});
