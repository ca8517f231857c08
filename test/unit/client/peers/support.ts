import { Socket } from 'node:net';
import type { ServerHost, ServerKind, SharedKeys } from '../../../../src/client/hosts/server-kind.ts';
import type { Probed } from '../../../../src/client/network/wait.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { FakeClock } from '../support.ts';

/** A datagram that was sent. */
export interface Sent {
  readonly to: string;
  readonly bytes: Buffer;
}

/** A world in which tcp/22 opens once so many datagrams were sent. */
export function world(opensAfter: number, own = '203.0.113.7') {
  const clock = new FakeClock();
  const sent: Sent[] = [];
  const never = () => Promise.reject(new Error('not for this kind'));
  const io = {
    crypto: nodeCrypto,
    clock,
    resolve: async () => ['203.0.113.9', '2001:db8::9'],
    probe: async (address: string): Promise<Probed> =>
      address === '203.0.113.9' && sent.length >= opensAfter
        ? { kind: 'open', socket: new Socket() }
        : { kind: 'silent' },
    openRoute: async (address: string, port: number) => ({
      localAddress: address.includes(':') ? '2001:db8::7' : own,
      send: async (bytes: Uint8Array) => void sent.push({ to: `${address} ${port}`, bytes: Buffer.from(bytes) }),
      close: () => {},
    }),
    loadFwknop: never,
    userName: () => 'me',
    ledger: {} as never,
    ping: never,
    platform: 'linux' as const,
  };
  return { io, clock, sent };
}

/** Knocks at a host of a kind with this secret. */
export async function knockAt<H extends ServerHost>(
  kind: ServerKind<H>,
  fields: Readonly<Record<string, unknown>>,
  secret: SharedKeys,
  { io, clock }: Pick<ReturnType<typeof world>, 'io' | 'clock'>,
) {
  const never = () => Promise.reject(new Error('not for this kind'));
  const keys = { clientKeys: never, gpgKeys: never, sharedKeys: async () => secret };
  const host = kind.parse('peer', { address: '203.0.113.9', ...fields }, 'x', 'setting');
  const signal = new AbortController().signal;
  const open = await kind.prepare(host, keys, io, signal);
  return await clock.run(open({ force: true, timeoutMs: 8000, sshPort: undefined }, signal));
}
