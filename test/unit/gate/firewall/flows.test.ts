import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { establishedFlows, parseBoundPorts, parseFlows } from '../../../../server-helper/firewall/flows.ts';
import { formatAddress } from '../../../../src/base/addresses.ts';

/** proc(5) tcp and tcp6 of a little-endian machine: listening, established, fin-wait, time-wait, syn-recv. */
const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1521 1 000000006ccdcd1b 100 0 0 10 0
   1: 026433C6:0016 076433C6:D431 01 00000000:00000000 02:000A7B57 00000000     0        0 2210 2 00000000a5d0a2ab 20 4 29 10 -1
   2: 026433C6:0016 086433C6:D432 06 00000000:00000000 03:00000A7B 00000000     0        0 0 3 00000000a5d0a2ac
  10: 026433C6:0016 096433C6:D433 08 00000000:00000000 00:00000000 00000000     0        0 2212 1 00000000a5d0a2ad 20 4 29 10 -1
  11: 026433C6:0016 0A6433C6:D434 03 00000000:00000000 01:00000064 00000000     0        0 0 1 00000000a5d0a2ae
`;
const TCP6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1523 1 000000006ccdcd1c 100 0 0 10 0
   1: B80D0120000000000000000002000000:0016 B80D0120000000000000000007000000:C001 01 00000000:00000000 02:000A7B57 00000000     0        0 2213 2 00000000a5d0a2af 20 4 29 10 -1
   2: 0000000000000000FFFF0000026433C6:0016 0000000000000000FFFF00000B6433C6:C002 04 00000000:00000000 02:000A7B57 00000000     0        0 2214 2 00000000a5d0a2b0 20 4 29 10 -1
`;

const SSH = [{ protocol: 'tcp', first: 22, last: 22 }] as const;

const shown = (text: string) =>
  parseFlows(text, SSH).map(({ address, port, localPort }) => `${formatAddress(address)} ${port} ${localPort}`);

describe('the established flows', () => {
  it('are those whose peer may still send', () => {
    expect(shown(TCP)).toEqual(['198.51.100.7 54321 22', '198.51.100.9 54323 22']);
  });

  it('are read for IPv6, and for IPv4 on a socket of both families', () => {
    expect(shown(TCP6)).toEqual(['2001:db8::7 49153 22', '198.51.100.11 49154 22']);
  });

  it('are only those to ports that are asked for', () => {
    const to = (protocol: 'tcp' | 'udp', first: number, last: number) => parseFlows(TCP, [{ protocol, first, last }]);
    expect(to('tcp', 1, 65_535)).toHaveLength(2);
    expect(to('tcp', 23, 65_535)).toEqual([]);
    expect(to('udp', 1, 65_535)).toEqual([]);
  });

  it('may be none', () => {
    expect(shown('')).toEqual([]);
    expect(shown(TCP.split('\n').slice(0, 1).join('\n'))).toEqual([]);
  });

  it('are found on this very machine, by both names of an address', async () => {
    const server = createServer().listen(0, '::');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    for (const host of ['127.0.0.1', '::1']) {
      const socket = connect(port, host);
      const [accepted] = await once(server, 'connection');
      await once(socket, 'connect').catch(() => {});
      const flows = await establishedFlows([{ protocol: 'tcp', first: port, last: port }]);
      const found = flows.some(
        (flow) => formatAddress(flow.address) === host && flow.port === socket.localPort && flow.localPort === port,
      );
      expect(found).toBe(true);
      accepted.destroy();
      socket.destroy();
    }
    server.close();
  });
});

describe('UDP listeners', () => {
  it('are read from proc(5) udp and udp6, by their local ports', () => {
    const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
    const udp = '  124: 00000000:01BB 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 12345 2';
    const udp6 =
      '12345: 00000000000000000000000000000000:F2F9 00000000000000000000000000000000:0000 07 00000000:00000000 00:0000';
    expect(parseBoundPorts(`${head}\n${udp}\n${udp6}\n`)).toEqual([443, 62_201]);
    expect(parseBoundPorts('')).toEqual([]);
  });
});
