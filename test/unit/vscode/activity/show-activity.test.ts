import { beforeEach, expect, it } from 'vitest';
import { configuration, panels, resetEditor } from '../../../rig/fake-vscode.ts';
import { gateLine } from '../../cli/support.ts';
import { messages, run, startEditor } from '../editor.ts';

beforeEach(resetEditor);

it('a gate has one tab, which comes back to the front', async () => {
  await startEditor();
  configuration.set('knockgate.hosts', { prod: { gate: gateLine('prod') }, home: { gate: gateLine('home') } });
  await run('showActivity', ['prod']);
  await run('showActivity', [], 'prod');
  await run('showActivity', [], { host: 'home' });
  expect(panels.map(({ title, revealed }) => [title, revealed])).toEqual([
    ['Activity of prod', 1],
    ['Activity of home', 0],
  ]);
  expect(panels[0]?.webview.html).toContain('activity.js');
  for (const panel of [...panels]) panel.dispose();
  await run('showActivity', [], 'prod');
  expect(panels).toHaveLength(3);
  panels[2]?.dispose();
});

it('its page may load files of ours alone', async () => {
  await startEditor();
  configuration.set('knockgate.hosts', { prod: { gate: gateLine('prod') } });
  await run('showActivity', [], 'prod');
  expect(panels[0]?.options).toMatchObject({ enableScripts: true, localResourceRoots: [{ path: 'dist' }] });
  panels[0]?.dispose();
});

it('a host without a gate of ours has none', async () => {
  await startEditor();
  configuration.set('knockgate.hosts', { door: { sequence: ['tcp/7000', 'tcp/8000'], address: '192.0.2.7' } });
  await run('showActivity', [], 'door');
  await run('showActivity', [], 'nobody');
  expect(panels).toEqual([]);
  expect(messages('error')).toHaveLength(2);
});
