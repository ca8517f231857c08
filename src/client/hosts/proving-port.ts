import type { RequestedPort } from '../../base/ports.ts';

/**
 * TCP port that shows whether a server has opened: that of ssh, if it is asked for.
 * @param usual port to use when the server decides what it opens
 */
export function provingPort(
  asked: readonly RequestedPort[],
  sshPort: number | undefined,
  usual?: number,
): number | undefined {
  if (asked.length === 0) return sshPort ?? usual;
  const ports = asked.flatMap(({ protocol, port }) => (protocol === 'tcp' ? [port] : []));
  return ports.find((port) => port === sshPort) ?? ports[0];
}
