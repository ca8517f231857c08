import type { PortRange, Protocol } from '../base/ports.ts';

const TCP: readonly Protocol[] = ['tcp'];
const UDP: readonly Protocol[] = ['udp'];
const BOTH: readonly Protocol[] = ['tcp', 'udp'];

interface Service {
  readonly port: number;
  readonly protocols: readonly Protocol[];
}

/**
 * Names of ports, as in /etc/services of Debian 12. Another system's file may differ, so an importer says which port it has
 * read a name as.
 */
const SERVICES = new Map<string, Service>(
  (
    [
      ['ftp', 21, TCP],
      ['ssh', 22, TCP],
      ['telnet', 23, TCP],
      ['smtp', 25, TCP],
      ['domain', 53, BOTH],
      ['http', 80, TCP],
      ['www', 80, TCP],
      ['pop3', 110, TCP],
      ['ntp', 123, UDP],
      ['imap', 143, TCP],
      ['imap2', 143, TCP],
      ['snmp', 161, BOTH],
      ['ldap', 389, BOTH],
      ['https', 443, BOTH],
      ['microsoft-ds', 445, TCP],
      ['submissions', 465, TCP],
      ['isakmp', 500, UDP],
      ['submission', 587, TCP],
      ['ldaps', 636, BOTH],
      ['rsync', 873, TCP],
      ['imaps', 993, TCP],
      ['pop3s', 995, TCP],
      ['openvpn', 1194, BOTH],
      ['mysql', 3306, TCP],
      ['ms-wbt-server', 3389, TCP],
      ['svn', 3690, TCP],
      ['ipsec-nat-t', 4500, UDP],
      ['postgresql', 5432, TCP],
      ['http-alt', 8080, TCP],
      ['git', 9418, TCP],
    ] as const
  ).map(([name, port, protocols]) => [name, { port, protocols }]),
);

/** Services of firewalld, which has its own files for them. */
const FIREWALLD_SERVICES = new Map<string, Service>([
  ...(['ssh', 'http', 'https', 'smtp', 'imaps', 'pop3s', 'mysql', 'postgresql'] as const).flatMap((name) => {
    const service = SERVICES.get(name);
    return service === undefined ? [] : [[name, { port: service.port, protocols: TCP }] as const];
  }),
  ['dns', { port: 53, protocols: BOTH }],
  ['openvpn', { port: 1194, protocols: UDP }],
  ['wireguard', { port: 51_820, protocols: UDP }],
  ['rdp', { port: 3389, protocols: TCP }],
  ['cockpit', { port: 9090, protocols: TCP }],
]);

/** Ports of a name in /etc/services; undefined when our table lacks it. */
export function serviceOf(name: string): Service | undefined {
  return SERVICES.get(name);
}

/** Ports of a service of firewalld; undefined when our table lacks it. */
export function firewalldPorts(name: string): PortRange[] | undefined {
  const service = FIREWALLD_SERVICES.get(name);
  return service?.protocols.map((protocol) => ({ protocol, first: service.port, last: service.port }));
}
