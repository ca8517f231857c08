import { beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/os/clock.ts';
import { HostStates } from '../../../src/vscode/knock/host-states.ts';
import type { KnockRequest } from '../../../src/vscode/knock/knocker.ts';
import { hookService } from '../../../src/vscode/ssh-hook/hook-service.ts';
import { resetEditor } from '../../rig/fake-vscode.ts';
import { FakeLog, HOST } from './support.ts';

beforeEach(resetEditor);

/** A knock that opens nothing until it is told to. */
function service() {
  const requests: KnockRequest[] = [];
  let open = () => {};
  const knock = (_: unknown, request: KnockRequest) => {
    requests.push(request);
    return new Promise<void>((resolve) => {
      open = resolve;
    });
  };
  const made = hookService({
    clock: systemClock,
    log: new FakeLog(),
    knocker: { knock },
    states: new HostStates(() => 0),
    hosts: () => ({ hosts: new Map([['prod', HOST]]), broken: new Map() }),
    doors: { known: ({ port }) => ({ host: HOST, sshPort: port, sshName: undefined }) },
  });
  return { made, requests, open: () => open() };
}

describe('a knock for the hook', () => {
  it('is over for ssh when the packet is out to a gate that opens as it arrives', async () => {
    const { made, requests } = service();
    const knocked = made.knock('prod', undefined);
    requests[0]?.onBoundSent?.();
    await knocked;
    expect(requests).toHaveLength(1);
  });

  it('is over for the ProxyCommand when the port is open', async () => {
    const { made, requests, open } = service();
    let isOver = false;
    const knocked = made.knock('prod', 22).then(() => {
      isOver = true;
    });
    requests[0]?.onBoundSent?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect(isOver).toBe(false);
    open();
    await knocked;
  });
});
