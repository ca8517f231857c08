import type { OpenUdpRoute } from '../../client/network/udp.ts';
import type { Clock } from '../../os/clock.ts';
import type { CryptoProvider } from '../../spa/crypto.ts';
import { newPrivateKey } from '../../spa/keys.ts';
import { sealMessage } from '../../spa/message.ts';
import { pairKeys } from '../../spa/outer.ts';

/** This computer itself; nothing is sent. */
const NOWHERE = { address: '127.0.0.1', port: 9 };

/**
 * Warms up the code of a knock: seals a throw-away message and opens a UDP socket, and sends nothing. Code takes several times as
 * long when it runs for the first time, so it does so while the editor looks for the key.
 * @param key key to wait for: if it is there at once, warming up would only delay the knock
 */
export async function warmUpUntil(
  key: Promise<unknown>,
  io: { readonly clock: Clock; readonly crypto: CryptoProvider; readonly openRoute: OpenUdpRoute },
): Promise<void> {
  const over = () => true;
  const isThere = await Promise.race([key.then(over, over), io.clock.sleep(0).then(() => false)]);
  if (isThere) return;
  try {
    warmUpSealing(io.crypto);
    const route = await io.openRoute(NOWHERE.address, NOWHERE.port);
    route.close();
  } catch {
    // The real knock reports errors.
  }
}

function warmUpSealing(crypto: CryptoProvider): void {
  const pair = pairKeys(crypto, 'client', newPrivateKey(crypto), crypto.publicKey(newPrivateKey(crypto)));
  const ask = {
    timestamp: 0,
    source: undefined,
    destination: new Uint8Array(16),
    duration: 0,
    ports: [],
    action: '',
    earlier: [],
  };
  sealMessage(crypto, pair, { kind: 'ordinary', epoch: 0, slot: 0 }, ask);
}
