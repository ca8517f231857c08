import ssh2 from 'ssh2';

/**
 * A new ed25519 key in OpenSSH's format. ssh2 writes about one key in 150 in a form that it does not read itself: such a one is made
 * again.
 */
export function newSshKey(): string {
  for (;;) {
    const { private: key } = ssh2.utils.generateKeyPairSync('ed25519');
    if (!(ssh2.utils.parseKey(key) instanceof Error)) return key;
  }
}
