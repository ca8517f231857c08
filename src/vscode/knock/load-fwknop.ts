import { l10n } from 'vscode';
import type { SpeaksFwknop } from '../../client/hosts/server-kind.ts';
import type { CryptoProvider } from '../../spa/crypto.ts';

/** Code that speaks to fwknopd: a bundle of its own. */
export type Fwknop = typeof import('../../client/fwknop/main.ts');

/** Loads that code, in the language of the editor. */
export async function loadFwknop(): Promise<Fwknop> {
  const fwknop = await import('../../client/fwknop/main.ts');
  fwknop.speak(l10n.t);
  return fwknop;
}

/** Loads the code that makes and sends fwknop's packets. The editor's own OpenSSL lacks some of fwknop's algorithms. */
export async function speaksFwknop({ randomBytes }: Pick<CryptoProvider, 'randomBytes'>): Promise<SpeaksFwknop> {
  const { openFwknopHost, sendTcp, nobleFwknopCrypto } = await loadFwknop();
  return { openFwknopHost, sendTcp, crypto: nobleFwknopCrypto(randomBytes) };
}
