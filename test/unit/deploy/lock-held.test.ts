import { beforeEach, describe, expect, it } from 'vitest';
import { deploy } from '../../../src/deploy/deploy.ts';
import type { DeployInput } from '../../../src/deploy/deploy-input.ts';
import { removeGate } from '../../../src/deploy/remove.ts';
import type { SecondWay } from '../../../src/deploy/second-way/second-way.ts';
import { problemOf } from '../support.ts';
import { FakeServer } from './fake-server.ts';

let server: FakeServer;
beforeEach(() => {
  server = new FakeServer();
});

type Approve = () => Promise<boolean>;
const WAYS: Readonly<Record<string, (approve: Approve, changes?: Partial<DeployInput>) => Promise<unknown>>> = {
  deployment: (approve, changes) => {
    const secondWay: SecondWay = { kind: 'declined' };
    const ui = { approve: async () => ((await approve()) ? ('yes' as const) : ('no' as const)) };
    return server.clock.run(deploy(server.input(ui, { secondWay, ...changes })));
  },
  removal: (approve, changes) => {
    const input = server.input({}, changes);
    return server.clock.run(removeGate({ ...input, ui: { step: input.ui.step, approve } }));
  },
};

/** Everything that the two change. */
const state = () => [[...server.files], [...server.folders], [...server.packages], server.active, server.hasUser];

/** Before a removal there is a gate. */
async function ready(what: string) {
  if (what !== 'removal') return;
  await WAYS.deployment?.(async () => true);
  server.locking.length = 0;
}

describe.each(Object.entries(WAYS))('the lock of the server: a %s', (what, work) => {
  it('takes it, makes sure of it after the last question, and gives it back', async () => {
    await ready(what);
    let whenAsked: string[] = [];
    const before = state();
    await work(async () => {
      whenAsked = [...server.locking];
      return true;
    });
    expect([whenAsked, server.locking]).toEqual([['new'], ['new', 'keep', 'back']]);
    expect(state()).not.toEqual(before);
  });

  it('changes nothing while another device has it, and does not take it away', async () => {
    await ready(what);
    server.isLockedByAnother = true;
    const before = state();
    expect(await problemOf(() => work(async () => true))).toMatchObject({ code: 'host-busy' });
    expect([server.locking, state()]).toEqual([['new'], before]);
  });

  it('changes nothing when another device took it while a person was asked', async () => {
    await ready(what);
    const before = state();
    const approve = async () => {
      server.isLockedByAnother = true;
      return true;
    };
    expect(await problemOf(() => work(approve))).toMatchObject({ code: 'lock-lost' });
    expect([server.locking, state()]).toEqual([['new', 'keep', 'back'], before]);
  });

  it('leaves it alone when it only shows what it would do', async () => {
    await ready(what);
    await work(async () => true, { dryRun: true });
    expect(server.locking).toEqual([]);
  });
});
