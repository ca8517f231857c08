import { beforeEach, expect, it } from 'vitest';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { showActivity } from '../../../../src/vscode/commands/show-activity.ts';
import type { Parts } from '../../../../src/vscode/parts.ts';
import { answers, panels, resetEditor } from '../../../rig/fake-vscode.ts';
import { problemOf } from '../../support.ts';
import { FakeLog, HOST, NO_ANSWER } from '../support.ts';

beforeEach(resetEditor);

/** An editor that knows two gates, neither of which answers, and a host of another kind. */
function editor(): Parts {
  const hosts = new Map<string, unknown>([
    ['prod', HOST],
    ['home', { ...HOST, name: 'home' }],
    ['door', { kind: 'sequence' }],
  ]);
  return {
    hosts: () => ({ hosts, broken: new Map() }),
    programFolder: () => '/extension/dist',
    crypto: nodeCrypto,
    log: new FakeLog(),
    clock: { monotonicMs: () => 0, wallMs: () => 0 },
    states: { get: () => ({ kind: 'closed' }) },
    about: { version: '0.1.0', system: '' },
    loadDeployment: () => Promise.reject(NO_ANSWER),
  } as unknown as Parts;
}

it('a gate has one tab, which comes back to the front', async () => {
  const parts = editor();
  answers.push('prod');
  await showActivity(parts, undefined);
  await showActivity(parts, 'prod');
  await showActivity(parts, { host: 'home' });
  expect(panels.map(({ title, revealed }) => [title, revealed])).toEqual([
    ['Activity of prod', 1],
    ['Activity of home', 0],
  ]);
  for (const panel of [...panels]) panel.dispose();
  await showActivity(parts, 'prod');
  expect(panels).toHaveLength(3);
  panels[2]?.dispose();
});

it('its page may load files of ours alone, and is told why the gate does not answer', async () => {
  await showActivity(editor(), 'prod');
  const [panel] = panels;
  expect(panel?.options).toMatchObject({ enableScripts: true, localResourceRoots: [{ path: '/extension/dist' }] });
  expect(panel?.webview.html).toContain('src="webview:/extension/dist/activity.js"');
  await panel?.send({ type: 'ready' });
  expect(panel?.posted).toMatchObject([
    { type: 'start', host: 'prod' },
    { type: 'failed', request: null, text: NO_ANSWER.message },
  ]);
  panel?.dispose();
});

it('a host without a gate of ours has none', async () => {
  for (const [name, code] of [
    ['door', 'host-other-kind'],
    ['nobody', 'host-unknown'],
  ])
    expect((await problemOf(() => showActivity(editor(), name))).code).toBe(code);
  expect(panels).toEqual([]);
});
