import { type Address, parseAddress } from '../../base/addresses.ts';
import { fieldsOf } from '../../base/loose-json.ts';
import { phrase } from '../../base/phrase.ts';
import type { RequestedPort } from '../../base/ports.ts';
import { parseHost, parseName } from '../../spa/enrolment.ts';
import { type HostsKind, located, onlyKnown, parseOpened, text, whole } from '../hosts/host-fields.ts';
import { hostsInvalid } from '../problems.ts';

/** Address to let in: that of this computer on the way to the server, or a given one. */
export type NamedSource = 'own' | Address;

/** Fields of every server to which one packet names the address to let in. */
export interface PeerFields {
  readonly name: string;
  /** Address or host name to knock at. */
  readonly address: string;
  /** Ports that it opens; one at least. */
  readonly ports: readonly RequestedPort[];
  readonly source: NamedSource;
  /** Path of the file with its secret, on the command line only. */
  readonly keyFile: string | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads the fields that these kinds share, and refuses all others but `more`.
 * @param place what the host is called in errors
 * @throws Problem `hosts-file-invalid` that names the host and the field
 */
export function readPeerFields(
  name: string,
  value: unknown,
  place: string,
  from: HostsKind,
  more: readonly string[],
): PeerFields & { readonly fields: Fields } {
  const fields = fieldsOf(value);
  const ofFile = from === 'file' ? ['keyFile'] : [];
  onlyKnown(fields, ['kind', 'address', 'ports', 'source', ...ofFile, ...more], place);
  located(place, () => parseName(name, phrase('host')));
  const at = (field: string) => `${place}.${field}`;
  return {
    name,
    address: located(at('address'), () =>
      parseHost(text(fields.address, at('address'), phrase('an address or a host name'))),
    ),
    ports: parseOpened(fields.ports ?? ['tcp/22'], at('ports')),
    source: parseNamedSource(fields.source ?? 'own', at('source')),
    keyFile: from === 'file' ? text(fields.keyFile, at('keyFile'), phrase('the path of a file')) : undefined,
    fields,
  };
}

/** Reads the UDP port to knock at. */
export function readKnockPort({ knockPort }: Fields, usual: number, place: string): number {
  return whole(knockPort ?? usual, 1, 65_535, `${place}.knockPort`, phrase('a port'));
}

function parseNamedSource(value: unknown, place: string): NamedSource {
  const written = text(value, place, phrase('a text in quotation marks'));
  const address = written === 'own' ? 'own' : parseAddress(written);
  if (address !== undefined) return address;
  throw hostsInvalid(
    place,
    phrase('It is not an address.'),
    phrase('Expected "own" or an address such as "203.0.113.7".'),
  );
}
