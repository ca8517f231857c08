import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answer, DIALOGUES, type Exchange, expectedLines, readDialogue } from '../rig/dialogue.ts';
import { giveNames, TARGET4 } from '../rig/netns.ts';
import { Scene } from '../rig/scene.ts';
import { HOST_ALIAS } from '../rig/sshd.ts';
import { Workplace } from '../rig/workplace.ts';

describe('the dialogue', () => {
  let scene: Scene;
  let alice: Workplace;
  /** Lines that were shown, which later commands name in short. */
  const lines = { client: '', gate: '' };

  beforeAll(async () => {
    scene = await Scene.make({ name: 'dialogues' });
    // The story begins with a gate at which nobody may knock.
    await scene.gate.cli(['client', 'remove', scene.entry.name]);
    giveNames(scene.pair.client, { prod: [TARGET4] });
    alice = new Workplace(scene.pair.client);
    const { identity, knownHosts } = scene.sshd;
    const ways = [`IdentityFile ${identity}`, `UserKnownHostsFile ${knownHosts}`, `HostKeyAlias ${HOST_ALIAS}`];
    alice.put('.ssh/config', ['Host prod', 'User root', 'LogLevel ERROR', ...ways, ''].join('\n'));
  });
  afterAll(async () => {
    alice?.discard();
    await scene?.end();
  });

  const type = async (exchange: Exchange): Promise<string> => {
    const command = exchange.command
      .replace('knockgate1 client …', lines.client)
      .replace('knockgate1 gate …', lines.gate);
    if (exchange.at === '') return answer(alice.at(command), exchange);
    const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
    const { stdout, stderr } = await scene.gate.cli(words.slice(1));
    return `${stdout}${stderr}`;
  };

  it.each(DIALOGUES['test/gate/dialogues.test.ts'])('%s is as its file says', async (name) => {
    if (name === '05-diagnose') {
      await scene.sshd.stop();
      await scene.gate.cli(['flush']);
    }
    for (const exchange of readDialogue(name)) {
      const said = alice.shown(await type(exchange));
      for (const kind of ['client', 'gate'] as const)
        lines[kind] = new RegExp(`^knockgate1 ${kind} .*$`, 'm').exec(said)?.[0] ?? lines[kind];
      const shown = said.trimEnd().split('\n');
      expect(shown).toEqual(expectedLines(exchange, shown));
    }
  });
});
