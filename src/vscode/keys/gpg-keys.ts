import { fieldsOf, parseJson } from '../../base/loose-json.ts';
import { phrase } from '../../base/phrase.ts';
import { Problem } from '../../base/problem.ts';
import type { FwknopHost } from '../../client/fwknop/host.ts';
import { parseHmacKeyFile } from '../../fwknop/key-file.ts';
import { type Fwknop, loadFwknop } from '../knock/load-fwknop.ts';
import { hostGpgKeysBroken, hostKeysLocked } from '../problems.ts';
import type { HostSecrets } from './host-secrets.ts';

/** Keys of a host in GnuPG's mode, as they are kept: as texts, none of them in the settings. */
export interface GpgKeyTexts {
  /** The server's public key, ASCII-armoured. */
  readonly recipient: string;
  /** Our own private key, ASCII-armoured, and locked as it came; undefined when packets are not signed. */
  readonly signer: string | undefined;
  /** Passphrase of the key; undefined when it has none, or is asked for once in each window. */
  readonly passphrase: string | undefined;
  /** Line as in access.conf, `HMAC_KEY_BASE64: …`; undefined when packets have no HMAC. */
  readonly hmacKey: string | undefined;
}

type GpgSecrets = Awaited<ReturnType<Fwknop['openGpgSecrets']>>;

/** Asks for the passphrase of a private key. */
type Passphrase = () => Promise<string | undefined>;

/** Writes all of them as one text, to be kept. */
export function formatGpgKeys({ recipient, signer, passphrase, hmacKey }: GpgKeyTexts): string {
  return JSON.stringify({ recipient, signer, passphrase, hmacKey });
}

/** @returns undefined when it is anything else */
function parseGpgKeys(text: string): GpgKeyTexts | undefined {
  const { recipient, signer, passphrase, hmacKey } = fieldsOf(parseJson(text));
  if (typeof recipient !== 'string' || !isText(signer) || !isText(passphrase) || !isText(hmacKey)) return undefined;
  return { recipient, signer, passphrase, hmacKey };
}

const isText = (value: unknown): value is string | undefined => value === undefined || typeof value === 'string';

/**
 * Opens keys; errors name their host.
 * @throws Problem `fwknop-gpg-key-unusable`, `openpgp-missing`, or that of `ask`
 */
async function openGpgKeys(host: string, texts: GpgKeyTexts, ask: Passphrase): Promise<GpgSecrets> {
  const { openGpgSecrets } = await loadFwknop();
  const { recipient, signer, passphrase, hmacKey } = texts;
  return await openGpgSecrets({
    recipient: { name: phrase('{0}, key of the server', host), text: recipient },
    signer: signer === undefined ? undefined : { name: phrase('{0}, your private key', host), text: signer },
    passphrase: passphrase === undefined ? ask : async () => passphrase,
    hmacKey: hmacKey === undefined ? undefined : parseHmacKeyFile(hmacKey),
  });
}

/**
 * Checks whether keys can be used, as far as possible without a passphrase that is not kept.
 * @throws Problem, as `openGpgKeys`
 */
export async function checkGpgKeys(host: string, texts: GpgKeyTexts): Promise<void> {
  try {
    await openGpgKeys(host, texts, async () => {
      throw hostKeysLocked(host);
    });
  } catch (error) {
    // A locked key can be used: its passphrase is asked for at the knock.
    if (!(error instanceof Problem) || error.text.code !== 'host-keys-locked') throw error;
  }
}

/**
 * The OpenPGP keys of hosts in GnuPG's mode. A private key whose passphrase is not kept is unlocked once in each window. The
 * unlocked key stays in the memory of this process, the passphrase does not.
 */
export class GpgKeys {
  private readonly hostSecrets: Pick<HostSecrets, 'load'>;
  /** Opened keys by host, with the text that they were opened from: another text is opened anew. */
  private readonly opened = new Map<string, { readonly text: string; readonly secrets: GpgSecrets }>();

  constructor(hostSecrets: Pick<HostSecrets, 'load'>) {
    this.hostSecrets = hostSecrets;
  }

  /**
   * Finds the keys that packets to a host are made with. Asks nobody.
   * @throws Problem: those of `HostSecrets`; `key-malformed`, `fwknop-gpg-key-unusable`, `openpgp-missing`; `host-keys-locked`
   *   when the passphrase has to be asked for
   */
  async open(host: FwknopHost): Promise<GpgSecrets> {
    return await this.openWith(host, async () => {
      throw hostKeysLocked(host.name);
    });
  }

  /** Opens the keys with a passphrase that a person has typed, which counts from then on. */
  async unlock(host: FwknopHost, passphrase: string): Promise<void> {
    await this.openWith(host, async () => passphrase);
  }

  forget(name: string): void {
    this.opened.delete(name);
  }

  private async openWith({ name, hmac }: FwknopHost, ask: Passphrase): Promise<GpgSecrets> {
    const text = await this.hostSecrets.load(name);
    const known = this.opened.get(name);
    if (known?.text === text) return known.secrets;
    const texts = parseGpgKeys(text);
    if (texts === undefined) throw hostGpgKeysBroken(name);
    const secrets = await openGpgKeys(name, texts, ask);
    // `hmac` and the HMAC key must both be set or both be absent; a mismatch is a mistake.
    if ((secrets.hmacKey === undefined) !== (hmac === undefined)) throw hostGpgKeysBroken(name);
    this.opened.set(name, { text, secrets });
    return secrets;
  }
}
