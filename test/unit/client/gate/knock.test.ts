import { describe, expect, it } from 'vitest';
import { formatAddress } from '../../../../src/base/addresses.ts';
import { sendKnock } from '../../../../src/client/gate/knock.ts';
import type { UdpRoute } from '../../../../src/client/network/udp.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { pair, requestOf, systemError, WALL_MS } from '../support.ts';

const TO = { address: '192.0.2.2', port: 443 };
const ASK = { ports: [], claimSource: true, duration: 30, timestamp: WALL_MS, earlier: [] };

/** A route that keeps what is sent; `send` may be made to fail. */
function route(localAddress: string, failing?: Error) {
  const sent: Uint8Array[] = [];
  let closed = 0;
  const made: UdpRoute = {
    localAddress,
    send: async (datagram) => {
      if (failing !== undefined) throw failing;
      sent.push(datagram);
    },
    close: () => {
      closed++;
    },
  };
  return { made, sent, closed: () => closed };
}

function send(made: UdpRoute, ask = ASK, to = TO) {
  return sendKnock(nodeCrypto, pair, { kind: 'ordinary', epoch: 1, slot: 2 }, ask, to, async () => made);
}

async function sentOn(made: UdpRoute, ask = ASK) {
  const result = await send(made, ask);
  if (!result.ok) throw new Error(result.code);
  return result;
}

describe('a knock', () => {
  it.each([
    ['198.51.100.7', true],
    ['2001:db8::7', true],
    ['10.1.2.3', false],
    ['100.64.0.1', false],
    ['127.0.0.1', false],
    ['fe80::1%eth0', false],
    ['fd00::1', false],
  ])('from %s claims its source: %s', async (localAddress, sourceClaimed) => {
    const { made, sent, closed } = route(localAddress);
    const { source: claimed, ...result } = await sentOn(made);
    expect([result, claimed !== undefined]).toEqual([
      { ok: true, localAddress, tag: sent[0]?.subarray(0, 16) },
      sourceClaimed,
    ]);
    const { source } = requestOf(sent[0] ?? new Uint8Array());
    expect(source && formatAddress(source)).toBe(sourceClaimed ? localAddress : undefined);
    expect(closed()).toBe(1);
  });

  it.each(['198.51.100.7', '2001:db8::7'])('from %s claims nothing where a person has turned that off', async (own) => {
    const { made, sent } = route(own);
    expect((await sentOn(made, { ...ASK, claimSource: false })).source).toBeUndefined();
    expect(requestOf(sent[0] ?? new Uint8Array()).source).toBeUndefined();
  });

  it.each([
    ['192.0.2.2', '192.0.2.2'],
    ['2001:db8::2', '2001:db8::2'],
    ['fe80::2%eth0', 'fe80::2'],
  ])('to %s names its destination, without a zone', async (to, named) => {
    const { made, sent } = route('198.51.100.7');
    await send(made, ASK, { address: to, port: 443 });
    expect(formatAddress(requestOf(sent[0] ?? new Uint8Array()).destination)).toBe(named);
  });

  it('that cannot be sent is told by the code of the system, and leaves no socket open', async () => {
    const { made, closed } = route('10.0.0.9', systemError('EPERM'));
    expect(await send(made)).toEqual({ ok: false, code: 'EPERM' });
    expect(closed()).toBe(1);
    const noWay = () => Promise.reject(systemError('ENETUNREACH'));
    const sent = await sendKnock(nodeCrypto, pair, { kind: 'ordinary', epoch: 1, slot: 2 }, ASK, TO, noWay);
    expect(sent).toEqual({ ok: false, code: 'ENETUNREACH' });
  });

  it('that is a mistake of ours is not mistaken for the network', async () => {
    const { made, closed } = route('10.0.0.9');
    await expect(send(made, { ...ASK, duration: -1 })).rejects.toThrow(RangeError);
    expect(closed()).toBe(1);
  });
});
