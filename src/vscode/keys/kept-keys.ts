import type { KeySource } from '../../client/hosts/server-kind.ts';
import type { GpgKeys } from './gpg-keys.ts';
import type { FindHostKeys } from './host-keys.ts';
import type { HostSecrets } from './host-secrets.ts';

/** Keys that the editor keeps: in its secret storage, or in the key file. */
export function keptKeys(hostKeys: FindHostKeys, hostSecrets: Pick<HostSecrets, 'load'>, gpgKeys: GpgKeys): KeySource {
  return {
    clientKeys: hostKeys,
    sharedKeys: async ({ name }) => ({ text: await hostSecrets.load(name), file: undefined }),
    gpgKeys: (host) => gpgKeys.open(host),
  };
}
