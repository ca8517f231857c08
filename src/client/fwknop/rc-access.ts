import type { Phrase } from '../../base/phrase.ts';
import { phrase } from '../../base/phrase.ts';

/** Access that a stanza asks for, as fields of a host; or why no host here can ask for it. */
export type Access =
  | { readonly fields: { readonly ports?: readonly string[]; readonly forward?: string } }
  | { readonly why: Phrase };

/** Keys of .fwknoprc that define the request together: each of the others changes the meaning of ACCESS. */
export const ACCESS_KEYS = ['ACCESS', 'NAT_ACCESS', 'NAT_LOCAL', 'NAT_PORT', 'NAT_RAND_PORT'];

/**
 * Reads the request of a stanza (fwknop(8), `-A`, `-N`, `--nat-local`, `--nat-port`). NAT_ACCESS says where the port of ACCESS
 * leads, NAT_LOCAL that this is the server itself, and NAT_PORT from which port.
 */
export function accessOf(values: ReadonlyMap<string, string>): Access {
  const isYes = (key: string) => values.get(key)?.toUpperCase() === 'Y';
  const unknown = (key: string): Access => ({
    why: phrase('{0} {1} has no counterpart here, and changes what is asked for', key, values.get(key) ?? ''),
  });
  if (isYes('NAT_RAND_PORT')) return unknown('NAT_RAND_PORT');
  const ports = values
    .get('ACCESS')
    ?.toLowerCase()
    .split(',')
    .filter((port) => port !== '');
  if (ports?.some((port) => !/^(tcp|udp)\/[1-9][0-9]{0,4}$/.test(port))) return unknown('ACCESS');
  const fields = ports === undefined ? {} : { ports };
  const isLocal = isYes('NAT_LOCAL');
  const nat = values.get('NAT_ACCESS');
  if (nat === undefined && !isLocal) return values.has('NAT_PORT') ? unknown('NAT_PORT') : { fields };
  const [port, ...more] = ports ?? ['tcp/22'];
  const [protocol = '', inner = ''] = port?.split('/') ?? [];
  const target = targetOf(nat ?? '', inner);
  if (nat !== undefined && target === undefined) return unknown('NAT_ACCESS');
  // With NAT_LOCAL, NAT_ACCESS names the server: any other host is behind it, and not local.
  const isServer = target === undefined || target.host === values.get('SPA_SERVER') || target.host === '127.0.0.1';
  if (isLocal && !isServer) return unknown('NAT_ACCESS');
  const forward = `${isLocal ? 'local' : target?.host}:${target?.port ?? inner}`;
  const outer = values.get('NAT_PORT');
  if (outer === undefined) return { fields: { ...fields, forward } };
  const isPort = /^[1-9][0-9]{0,4}$/.test(outer) && more.length === 0;
  return isPort ? { fields: { ports: [`${protocol}/${outer}`], forward } } : unknown('NAT_PORT');
}

/** Reads `HOST,PORT`, `HOST:PORT` or `HOST`, which leads to the port of ACCESS. */
function targetOf(text: string, usual: string): { readonly host: string; readonly port: string } | undefined {
  const [, host, port = usual] = /^([^\s:,]+)(?:[:,]([1-9][0-9]{0,4}))?$/.exec(text) ?? [];
  return host === undefined || port === '' ? undefined : { host, port };
}
