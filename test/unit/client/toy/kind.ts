import { fieldsOf } from '../../../../src/base/loose-json.ts';
import { phrase } from '../../../../src/base/phrase.ts';
import type { RequestedPort } from '../../../../src/base/ports.ts';
import { onlyKnown, parseOpened, text, whole } from '../../../../src/client/hosts/host-fields.ts';
import { provingPort } from '../../../../src/client/hosts/proving-port.ts';
import { type ServerHost, type ServerKind, USUAL_OPEN_MS } from '../../../../src/client/hosts/server-kind.ts';
import { waitForPort } from '../../../../src/client/network/wait.ts';
import { noRoute } from '../../../../src/client/problems.ts';

/** A server that opens to one word, sent to a UDP port. */
interface ToyHost extends ServerHost {
  readonly kind: 'toy';
  readonly address: string;
  readonly knockPort: number;
  readonly ports: readonly RequestedPort[];
}

export const WORD = 'sesame';

/** A fourth kind of server, which exists in tests alone: this file is all that it takes. */
export const toyKind: ServerKind<ToyHost> = {
  kind: 'toy',
  parse: (name, value, place) => {
    const fields = fieldsOf(value);
    onlyKnown(fields, ['kind', 'address', 'knockPort', 'ports'], place);
    return {
      kind: 'toy',
      name,
      address: text(fields.address, `${place}.address`, phrase('an address')),
      knockPort: whole(fields.knockPort, 1, 65_535, `${place}.knockPort`, phrase('a UDP port')),
      ports: parseOpened(fields.ports ?? ['tcp/22'], `${place}.ports`),
    };
  },
  addressesOf: ({ address }) => [address],
  foundAt: ({ address }) => [address],
  sharesKeys: () => false,
  how: ({ knockPort }) => phrase('toy, UDP {0}', knockPort),
  describe: ({ address }) => `toy at ${address}`,
  fieldsOf: ({ name: _, ...fields }) => fields,
  prepare: async ({ name, address, knockPort, ports: usual }, _, io) => {
    return async ({ ports = usual, sshPort, timeoutMs }, signal) => {
      const port = provingPort(ports, sshPort) ?? 0;
      const startedMs = io.clock.monotonicMs();
      const route = await io.openRoute(address, knockPort);
      await route.send(Buffer.from(WORD));
      route.close();
      const waited = await waitForPort([address], port, startedMs + timeoutMs, io, signal);
      if (waited.kind !== 'open') throw noRoute(name, [address], [waited.kind]);
      const afterMs = io.clock.monotonicMs() - startedMs;
      const result = { ...waited, afterMs, knocks: 1, sourceClaimed: false };
      return { result, untilMs: io.clock.wallMs() + USUAL_OPEN_MS };
    };
  },
  diagnosis: ({ knockPort }) => ({
    knockPort,
    keys: phrase('It takes none.'),
    clock: phrase('It does not count.'),
    opened: phrase('It did not count.'),
  }),
};
